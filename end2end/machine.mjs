// A machine of somebody's own, next to the portal's lab: the real agent as an ordinary process with folders of its own.

import { execFile, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { agentBinary } from "../build/packages.mjs";

/**
 *     const machine = new Machine(portal, "web-1");
 *     await machine.enrol(token);   // as the script does; throws with what the agent says
 *     machine.start();              // `annex-agent run`
 *     machine.freeze(); machine.thaw();
 *     await machine.end();          // as a crash would
 *
 * Everything is below the portal's folder, so that nothing of it outlives `Portal.remove`.
 */
export class Machine {
  constructor(portal, name) {
    this.portal = portal;
    this.folder = join(portal.folder, `machine-${name}`);
    mkdirSync(this.folder, { recursive: true });
  }

  arguments(...command) {
    const folders = ["state", "library", "log"].map((what) => `--${what}-dir=${join(this.folder, what)}`);
    return ["--config=/dev/null", ...folders, ...command];
  }

  /** Lets the machine in. The token is in the environment, as in the commands that the portal shows. */
  async enrol(token, ...flags) {
    const env = { ...process.env, ANNEX_AGENT_TOKEN: token };
    const { stdout } = await promisify(execFile)(agentBinary, this.arguments("enrol", this.portal.url, ...flags), { env });
    return stdout;
  }

  start() {
    const child = spawn(agentBinary, this.arguments("run"), { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.pipe(createWriteStream(join(this.folder, "stderr"), { flags: "a" }));
    this.ended = new Promise((resolve) => child.on("close", resolve).on("error", resolve));
    this.child = child;
  }

  freeze() {
    this.child.kill("SIGSTOP");
  }

  thaw() {
    this.child.kill("SIGCONT");
  }

  async end() {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

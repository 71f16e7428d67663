// A real portal for a journey: the built binary, a data folder of its own, a free port, real lab machines.

import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../build/postgres.mjs";
import { agentBinary, packagesFolder } from "../build/packages.mjs";
import { siteFolder } from "../build/site.mjs";
import { serverBinary } from "../build/server.mjs";

/** Waits until `check` returns something truthy and returns it; throws with `what` after `seconds`. */
export async function eventually(what, check, seconds = 30) {
  const deadline = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const value = await check();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}${last ? ` (${last.message})` : ""}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * One portal process and its data.
 *
 *     const portal = await Portal.start({ lab: 3, log: "out/journey.log" });
 *     portal.url; portal.tlsUrl; portal.signInLink;
 *     await portal.kill();     // SIGKILL, as a crash would
 *     await portal.launch();   // again on the same data and port
 *     await portal.remove();   // ends it and deletes the data; tells which processes were left behind
 */
export class Portal {
  static async start(options = {}) {
    const portal = new Portal();
    portal.options = { lab: 0, flags: [], env: {}, ...options };
    portal.folder = mkdtempSync(join(tmpdir(), "annex-end2end-"));
    portal.data = join(portal.folder, "data");
    portal.port = await freePort();
    portal.url = `http://127.0.0.1:${portal.port}`;
    portal.tlsPort = await freePort();
    portal.tlsUrl = `https://localhost:${portal.tlsPort}`;
    // a file, as under a service manager: reading a pipe takes time from what is measured
    portal.log = portal.options.log ?? join(portal.folder, "portal.log");
    const log = openSync(portal.log, "a");
    portal.logFrom = fstatSync(log).size;
    closeSync(log);
    try {
      await portal.launch();
    } catch (error) {
      await portal.remove();
      throw error;
    }
    return portal;
  }

  /** Starts the process and waits until it says that it is ready. */
  async launch() {
    const { lab, flags, env, packages = packagesFolder } = this.options;
    const { binary } = this;
    const folders = ["--data", this.data, "--site", siteFolder(true), "--packages", packages, "--agent-binary", agentBinary];
    const args = ["serve", "--listen", `127.0.0.1:${this.port}`, "--listen-tls", `127.0.0.1:${this.tlsPort}`, ...folders, "--lab", String(lab), ...flags];
    const log = openSync(this.log, "a");
    const child = spawn(binary, args, { cwd: this.folder, env: { ...process.env, ...env }, stdio: ["ignore", log, log] });
    closeSync(log);
    let stopped = null;
    this.ended = new Promise((resolve) => {
      child.on("error", (error) => resolve((stopped = `${binary}: ${error.message}`)));
      child.on("close", (code, signal) => resolve((stopped = `the portal ended with ${signal ?? `exit code ${code}`}`)));
    });
    this.child = child;
    await eventually(
      "the portal answers /readyz",
      async () => {
        if (stopped !== null) throw Object.assign(new Error(stopped), { fatal: true });
        return (await fetch(`${this.url}/readyz`)).ok;
      },
      60,
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.output.split("\n").slice(-30).join("\n")}`);
    });
  }

  /** The program `annex`. */
  get binary() {
    return process.env.ANNEX_BIN ?? serverBinary(process.env.ANNEX_RELEASE === "1");
  }

  /** What it has written so far, in all its lives. */
  get output() {
    return readFileSync(this.log).subarray(this.logFrom).toString();
  }

  /** The link that works once and sets the owner's password, as printed at the first start. */
  get signInLink() {
    return this.output.match(new RegExp(`${this.url}/\\S+`))?.[0] ?? null;
  }

  /** Ends the process as a crash would. */
  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** Asks the process to drain; forces it after 20 s and then says so. */
  async stop() {
    this.child.kill("SIGTERM");
    const late = new Promise((resolve) => setTimeout(resolve, 20_000, "late").unref());
    if ((await Promise.race([this.ended, late])) === "late") {
      await this.kill();
      throw new Error("the portal did not end within 20 s of SIGTERM");
    }
  }

  /** Processes whose command line or environment names this portal's folder: lab machines and what runs in them. */
  processes() {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => {
        try {
          return ["cmdline", "environ"].some((file) => readFileSync(`/proc/${pid}/${file}`, "utf8").includes(this.folder));
        } catch {
          return false; // ended meanwhile, or somebody else's
        }
      })
      .map(Number);
  }

  /** Ends everything and deletes the data. Throws when something had been left behind (after ending it). */
  async remove() {
    let problem = null;
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) await this.stop().catch((error) => (problem = error));
    await eventually("lab processes end", () => this.processes().length === 0, 5).catch(() => {
      const left = this.processes();
      for (const pid of left) process.kill(pid, "SIGKILL");
      problem ??= new Error(`the portal left ${left.length} processes behind`);
    });
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    if (problem) throw problem;
  }
}

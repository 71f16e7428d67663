// A PostgreSQL of our own for the tests: a fresh cluster in a temporary folder, on a free port of the loopback address.

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stop, capture } from "./steps.mjs";
import { findPostgres } from "./system-packages.mjs";

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Whom to run as: PostgreSQL refuses root. Root lends its work to `postgres`, or to `nobody` where that user is absent. */
function unprivileged() {
  if (process.getuid() !== 0) return {};
  const id = (kind, name) => capture("id", [kind, name]);
  const name = id("-u", "postgres") === null ? "nobody" : "postgres";
  return { uid: Number(id("-u", name)), gid: Number(id("-g", name)) };
}

/** Starts it. Returns `{ url, stop }`; it is gone, files included, after `stop` and when this process ends. */
export async function startPostgres() {
  const who = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), "annex-postgres-"));
  chmodSync(folder, 0o700);
  if (who.uid !== undefined) chownSync(folder, who.uid, who.gid);
  const data = join(folder, "data");
  const env = { ...process.env, HOME: folder, LC_ALL: "C.UTF-8" };
  const init = ["-D", data, "-U", "annex", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"];
  const made = spawnSync(findPostgres("initdb"), init, { ...who, env, cwd: folder, encoding: "utf8" });
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Stop(`initdb failed: ${made.error?.message ?? made.stderr}`);
  }

  const port = await freePort();
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200", unix_socket_directories: "", listen_addresses: "127.0.0.1" };
  const args = ["-D", data, "-p", String(port), ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const logFile = join(folder, "log");
  const log = openSync(logFile, "a");
  const child = spawn(findPostgres("postgres"), args, { ...who, env, cwd: folder, stdio: ["ignore", log, log] });
  const ended = new Promise((resolve) => child.on("exit", resolve).on("error", resolve));

  const atExit = () => {
    child.kill("SIGQUIT");
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", atExit);
  const stop = async () => {
    process.off("exit", atExit);
    child.kill("SIGINT"); // fast shutdown: open sessions are ended
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };

  const deadline = Date.now() + 60_000;
  while (!readFileSync(logFile, "utf8").includes("ready to accept connections")) {
    if (child.exitCode !== null || Date.now() > deadline) {
      const said = readFileSync(logFile, "utf8");
      await stop();
      throw new Stop(`PostgreSQL did not start: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url: `postgres://annex@127.0.0.1:${port}/postgres`, stop };
}

// The portal's server: built with cargo, started with the folders of this checkout.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { inCi, root, run } from "./steps.mjs";
import { agentBinary, packagesFolder } from "./packages.mjs";
import { siteFolder } from "./site.mjs";

/** Cargo's options for the server: the profile `portal` (see Cargo.toml), or a debug build. */
export const serverProfile = (release) => (release ? ["--profile", "portal"] : []);
/** What the server's cargo builds, and where. */
export const serverFolder = (release) => join(root, "target", release ? "portal" : "debug");
export const serverBinary = (release) => join(serverFolder(release), "annex");

export function buildServer(release) {
  const args = ["build", "-p", "server", "--bin", "annex", ...serverProfile(release)];
  return run("cargo", inCi ? [...args, "--locked"] : args);
}

/** `annex serve` with what the build made. `extra` is appended, so it may say something else. */
export function serveArguments(release, extra = []) {
  const folders = ["--site", siteFolder(release), "--packages", packagesFolder, "--agent-binary", agentBinary];
  return ["serve", "--data", join(root, "data"), ...folders, "--lab", "3", ...extra];
}

/** Starts the server in the foreground. Signals go to it; resolves with its exit code when it has drained. */
export function serve(binary, args) {
  const child = spawn(binary, args, { cwd: root, stdio: "inherit" });
  // Ctrl-C reaches the server by itself (same terminal); this process only has to outlive it.
  const stay = () => {};
  const pass = (signal) => child.kill(signal);
  process.on("SIGINT", stay).on("SIGTERM", pass).on("SIGHUP", pass);
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      process.off("SIGINT", stay).off("SIGTERM", pass).off("SIGHUP", pass);
      resolve(code ?? (signal === "SIGINT" || signal === "SIGTERM" ? 0 : 1));
    });
  });
  return { child, ended };
}

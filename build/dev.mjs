// `make dev`: the portal from a debug build. A change below a watched folder rebuilds what it touches; the server is
// restarted only when its program changed, a stylesheet is there at the next reload of the page.

import { existsSync, statSync, watch } from "node:fs";
import { join, sep } from "node:path";
import { Stop, duration, entry, root, steps } from "./steps.mjs";
import { ensureSystem } from "./system-packages.mjs";
import { staticTarget, wasmToolchain } from "./toolchain.mjs";
import { npmPackages } from "./tools.mjs";
import { site, siteFolder } from "./site.mjs";
import { machineBinaries, pack } from "./packages.mjs";
import { buildServer, serve, serveArguments, serverBinary } from "./server.mjs";

const WATCHED = ["app", "frontend", "server", "migrations", "style", "public", "agent", "extensions"];
const release = false;

await entry(async () => {
  const extra = process.argv.slice(2);
  const step = steps(5);
  await step("System and npm packages", async () => {
    await ensureSystem("compiler");
    await npmPackages();
  });
  const toolchain = await step("Rust for the browser (wasm32)", wasmToolchain);
  const packages = async () => pack(await machineBinaries(await staticTarget()));
  await step("Browser part", () => site({ release, toolchain }));
  await step("Agent and extension packages", packages);
  await step("Server", () => buildServer(release));

  const args = serveArguments(release, extra);
  let server = serve(serverBinary(release), args);
  let built = statSync(serverBinary(release)).mtimeMs;

  const restart = async () => {
    server.child.kill("SIGTERM");
    await server.ended;
    server = serve(serverBinary(release), args);
  };
  const rebuild = async (touched) => {
    const since = Date.now();
    const below = (...folders) => folders.some((folder) => touched.has(folder));
    if (below("app", "frontend", "style", "public")) await site({ release, toolchain });
    if (below("agent", "extensions")) await packages();
    if (below("app", "server", "migrations", "agent")) await buildServer(release);
    const now = statSync(serverBinary(release)).mtimeMs;
    if (now !== built || below("agent", "extensions")) await restart();
    built = now;
    console.log(`dev: ready again after ${duration(Date.now() - since)}; reload the page`);
  };

  console.log(`dev: watching ${WATCHED.join(", ")}; pages come from ${siteFolder(release)}`);
  await forever(rebuild);
});

/** Calls `rebuild` with the folders that changed, one call at a time, never ending by itself (Ctrl-C does). */
async function forever(rebuild) {
  let touched = new Set();
  let wake = () => {};
  for (const folder of WATCHED.filter((name) => existsSync(join(root, name)))) {
    watch(join(root, folder), { recursive: true }, (_, file) => {
      if (file && /(^|[/\\])(\.|target[/\\])|~$/.test(file.split(sep).join("/"))) return;
      touched.add(folder);
      wake();
    });
  }
  let ending = false;
  process.on("SIGINT", () => {
    ending = true;
    wake();
  });
  while (!ending) {
    if (touched.size === 0) await new Promise((resolve) => (wake = resolve));
    if (ending) return;
    await new Promise((resolve) => setTimeout(resolve, 150)); // an editor writes several files
    const batch = touched;
    touched = new Set();
    await rebuild(batch).catch((error) => {
      if (!(error instanceof Stop)) throw error;
      console.error(`dev: ${error.message} The last good build goes on.`);
    });
  }
}

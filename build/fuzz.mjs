// `make fuzz`: every fuzz target of the checkout, SECONDS (60) each. A crash ends the run and leaves its input under fuzz/artifacts/.

import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Stop, capture, entry, root, run, steps } from "./steps.mjs";
import { ensureSystem } from "./system-packages.mjs";
import { cargoTool } from "./tools.mjs";

const FUZZ = "0.13.2";
const SKIPPED = new Set(["target", "node_modules", "data"]);

/** Folders named `fuzz` with a Cargo.toml, at any depth. */
function fuzzFolders(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    if (!item.isDirectory() || SKIPPED.has(item.name) || item.name.startsWith(".")) return [];
    const path = join(folder, item.name);
    return item.name === "fuzz" && existsSync(join(path, "Cargo.toml")) ? [path] : fuzzFolders(path);
  });
}

await entry(async () => {
  const seconds = Number(process.env.SECONDS ?? 60);
  const found = fuzzFolders(root);
  if (found.length === 0) throw new Stop("No fuzz/Cargo.toml was found in this checkout.");
  // sanitizers are unstable flags; this lets the stable compiler take them, as nightly would
  const env = { RUSTC_BOOTSTRAP: "1", CARGO_TARGET_DIR: join(root, "target/fuzz") };
  await ensureSystem("compiler");
  const tool = await cargoTool("cargo-fuzz", FUZZ);
  const jobs = found.flatMap((folder) => {
    const listed = capture(tool, ["fuzz", "list", "--fuzz-dir", folder], { cwd: dirname(folder), env });
    if (listed === null) throw new Stop(`cargo fuzz list failed in ${relative(root, folder)}.`);
    return listed.split("\n").filter(Boolean).map((target) => ({ folder, target }));
  });
  const step = steps(jobs.length);
  for (const { folder, target } of jobs) {
    const args = ["fuzz", "run", "--fuzz-dir", folder, target, "--", `-max_total_time=${seconds}`, "-rss_limit_mb=2048", "-print_final_stats=1"];
    await step(`${relative(root, folder)}: ${target}`, () => run(tool, args, { cwd: dirname(folder), env }));
  }
  console.log(`${jobs.length} passed, 0 failed`);
});

// The release build, from a bare checkout, in order. Work whose inputs did not change is skipped.

import { ensureSystem } from "./system-packages.mjs";
import { staticTarget, wasmToolchain } from "./toolchain.mjs";
import { bindgen, npmPackages } from "./tools.mjs";
import { site } from "./site.mjs";
import { machineBinaries, pack } from "./packages.mjs";
import { buildServer } from "./server.mjs";

/** How many steps the two builds take. */
export const PACKAGE_STEPS = 3;
export const ALL_STEPS = 8;

/** The agent and the extension packages alone. */
export async function buildPackages(step) {
  await step("System packages", () => ensureSystem("compiler"));
  await machineParts(step);
}

/** Everything that a running portal needs. */
export async function buildEverything(step) {
  const release = true;
  await step("System packages", () => ensureSystem("compiler"));
  await step("npm packages (Tailwind, wasm-opt)", npmPackages);
  const toolchain = await step("Rust for the browser (wasm32)", wasmToolchain);
  await step("wasm-bindgen", bindgen);
  await step("Browser part", () => site({ release, toolchain }));
  await machineParts(step);
  await step("Server", () => buildServer(release));
}

async function machineParts(step) {
  const machines = await step("Rust for machines (static)", staticTarget);
  await step("Agent and extension packages", async () => pack(await machineBinaries(machines)));
}

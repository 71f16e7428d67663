// The release build, from a bare checkout, in order. Work whose inputs did not change is skipped.

import { totalmem } from "node:os";
import { ensureSystem } from "./system-packages.mjs";
import { staticTarget, wasmToolchain } from "./toolchain.mjs";
import { bindgen, npmPackages } from "./tools.mjs";
import { site } from "./site.mjs";
import { machineBinaries, pack } from "./packages.mjs";
import { buildServer } from "./server.mjs";

/** Bytes of memory from which on two compilers at a time do no harm: each takes up to 1 GiB. */
const TWO_COMPILERS = 6 * 2 ** 30;

/** How many steps the two builds take. */
export const PACKAGE_STEPS = 3;
export const ALL_STEPS = 8;

/** The agent and the extension packages alone. */
export async function buildPackages(step) {
  await step("System packages", () => ensureSystem("compiler"));
  await machineParts(step);
}

/**
 * Everything that a running portal needs. The browser's part and the rest do not need each other, and each has long stretches that
 * keep one core busy: they are made at the same time where there is memory for two compilers.
 */
export async function buildEverything(step) {
  const release = true;
  await step("System packages", () => ensureSystem("compiler"));
  const browser = async () => {
    await step("npm packages (Tailwind, wasm-opt)", npmPackages);
    const toolchain = await step("Rust for the browser (wasm32)", wasmToolchain);
    await step("wasm-bindgen", bindgen);
    await step("Browser part", () => site({ release, toolchain }));
  };
  const rest = async () => {
    await machineParts(step);
    await step("Server", () => buildServer(release));
  };
  if (totalmem() < TWO_COMPILERS) {
    await browser();
    return rest();
  }
  const both = await Promise.allSettled([browser(), rest()]);
  const failed = both.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}

async function machineParts(step) {
  const machines = await step("Rust for machines (static)", staticTarget);
  await step("Agent and extension packages", async () => pack(await machineBinaries(machines)));
}

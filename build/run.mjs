// `make run`, `make build`, `make packages`: from a bare checkout to a running portal. Work whose inputs did not change is skipped.

import { entry, steps } from "./steps.mjs";
import { ensureSystem } from "./system-packages.mjs";
import { staticTarget, wasmToolchain } from "./toolchain.mjs";
import { bindgen, npmPackages } from "./tools.mjs";
import { site } from "./site.mjs";
import { machineBinaries, pack } from "./packages.mjs";
import { buildServer, serve, serveArguments, serverBinary } from "./server.mjs";

const release = true;

await entry(async () => {
  const [command, ...extra] = process.argv.slice(2);
  const step = steps({ run: 9, build: 8, packages: 3 }[command]);

  await step("System packages", () => ensureSystem("compiler"));
  const buildPackages = async () => {
    const machines = await step("Rust for machines (static)", staticTarget);
    await step("Agent and extension packages", async () => pack(await machineBinaries(machines)));
  };
  if (command === "packages") return buildPackages();

  await step("npm packages (Tailwind, wasm-opt)", npmPackages);
  const toolchain = await step("Rust for the browser (wasm32)", wasmToolchain);
  await step("wasm-bindgen", bindgen);
  await step("Browser part", () => site({ release, toolchain }));
  await buildPackages();
  await step("Server", () => buildServer(release));
  if (command !== "run") return;

  const { ended } = await step("Portal", () => serve(serverBinary(release), serveArguments(release, extra)));
  process.exitCode = await ended;
});

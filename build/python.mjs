// The clients that test the ARM API, each in a Python environment of its own below end2end/, where nothing else is installed.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { capture, root, run, sha256, unlessDone } from "./steps.mjs";

const PYTHON = "/usr/bin/python3";

/**
 * What end2end/az/pins/NAME.txt lists, whole and exact (`pip freeze`), in end2end/.venv-NAME. Made anew when the list or
 * Python changes. Returns the folder of its programs.
 *
 * Only wheels are taken, so nothing is compiled and no package runs code of its own while it is installed.
 */
async function environment(name) {
  const pins = join(root, "end2end/az/pins", `${name}.txt`);
  const folder = join(root, `end2end/.venv-${name}`);
  const programs = join(folder, "bin");
  const key = sha256(readFileSync(pins), capture(PYTHON, ["--version"]) ?? "");
  await unlessDone(join(folder, "annex-stamp"), key, [join(programs, "python")], async () => {
    rmSync(folder, { recursive: true, force: true });
    await run(PYTHON, ["-m", "venv", folder]);
    const install = ["install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps", "--only-binary", ":all:"];
    await run(join(programs, "python"), ["-m", "pip", ...install, "--requirement", pins]);
  });
  return programs;
}

/** The folders of `az`, of the Azure SDK's Python and of `schemathesis`, in this order. pip waits for the network most of the time. */
export const armClients = () => Promise.all(["azure-cli", "azure-sdk", "schemathesis"].map(environment));

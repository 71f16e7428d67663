// Build tools, each pinned by a lock file of this checkout and kept inside it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { capture, fingerprint, root, run, tools, unlessDone } from "./steps.mjs";

/**
 * Tailwind, wasm-opt and the browser driver: package-lock.json says which, with checksums. `npm ci` would refuse this lock file
 * wherever a registry lacks Tailwind's binaries for systems that are not Linux; `install --no-save` follows it and leaves it alone.
 */
export async function npmPackages() {
  const lock = ["package.json", "package-lock.json"].map((name) => join(root, name));
  const key = fingerprint(lock, process.versions.node.split(".")[0]);
  return unlessDone(join(root, "node_modules/.annex-stamp"), key, [join(root, "node_modules/.bin/wasm-opt")], () =>
    run("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]),
  );
}

/** wasm-bindgen as a program of our own, see frontend/bindgen. Returns its path. */
export async function bindgen() {
  const source = join(root, "frontend/bindgen");
  const target = join(tools, "bindgen");
  const program = join(target, "release/annex-bindgen");
  const key = fingerprint([join(source, "Cargo.toml"), join(source, "Cargo.lock"), join(source, "src")]);
  await unlessDone(join(target, "annex-stamp"), key, [program], () =>
    run("cargo", ["build", "--release", "--locked", "--target-dir", target], { cwd: source }),
  );
  return program;
}

/** The runner of the tests. */
export const nextest = () => cargoTool("cargo-nextest", "0.9.143", ["--no-default-features", "--features", "default-no-update"]);

/** A cargo subcommand from crates.io at exactly this version; one that is already on PATH at that version is taken. */
export async function cargoTool(name, version, features = []) {
  if (capture(name, ["--version"])?.includes(version)) return name;
  const program = join(tools, "bin", name);
  if (existsSync(program) && capture(program, ["--version"])?.includes(version)) return program;
  const env = { CARGO_PROFILE_RELEASE_LTO: "off", CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "64", CARGO_PROFILE_RELEASE_OPT_LEVEL: "0", CARGO_PROFILE_RELEASE_DEBUG: "0" };
  const args = ["install", name, "--version", version, "--locked", "--root", tools, "--target-dir", join(tools, "build"), ...features];
  await run("cargo", args, { env });
  return program;
}

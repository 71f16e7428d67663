// What runs on machines: the agent and the extension packages, each one static file.
//
//   agent, extensions/* ──cargo (profile agent, static)──► target/machine/annex-agent
//   extensions/<name>/package/<version>/ + binary ──pack-extension──► target/packages/<Publisher.Type>-<version>.zip

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { Stop, fingerprint, inCi, root, run, unlessDone } from "./steps.mjs";

export const packagesFolder = join(root, "target/packages");
export const agentBinary = join(root, "target/machine/annex-agent");

/** Every `extensions/<name>/package/<version>` with the name of the crate whose binary goes into it. */
function packageFolders() {
  const extensions = join(root, "extensions");
  return readdirSync(extensions).flatMap((name) => {
    const versions = join(extensions, name, "package");
    if (!existsSync(versions)) return [];
    return readdirSync(versions).map((version) => ({ crate: name, folder: join(versions, version) }));
  });
}

/** Builds the machine-side binaries for `{ target, rustflags }` of toolchain.mjs. Returns the folder that they are in. */
export async function machineBinaries({ target, rustflags }) {
  const crates = [...new Set(packageFolders().map(({ crate }) => crate))];
  const selected = ["agent", "handler-sdk", ...crates].flatMap((name) => ["-p", name]);
  const variable = target.toUpperCase().replaceAll("-", "_");
  const env = rustflags ? { [`CARGO_TARGET_${variable}_RUSTFLAGS`]: rustflags } : {};
  // ring compiles a little C; it needs nothing of musl's headers, so the system's compiler serves where musl-gcc is absent
  if (target.endsWith("-musl")) env[`CC_${target.replaceAll("-", "_")}`] = process.env.CC ?? "cc";
  const args = ["build", ...selected, "--bins", "--profile", "agent", "--target", target];
  await run("cargo", inCi ? [...args, "--locked"] : args, { env });
  const out = join(root, "target", target, "agent");
  mkdirSync(join(agentBinary, ".."), { recursive: true });
  const key = `${statSync(join(out, "annex-agent")).mtimeMs}`;
  await unlessDone(join(root, "target/machine/stamp"), key, [agentBinary], () => {
    copyFileSync(join(out, "annex-agent"), `${agentBinary}.new`); // an agent that is running keeps its old file
    renameSync(`${agentBinary}.new`, agentBinary);
    console.log(`      annex-agent: ${(statSync(agentBinary).size / 1048576).toFixed(1)} MiB, static (${target})`);
  });
  return out;
}

/** Packs every package folder whose inputs changed, and removes zips of folders that are gone. */
export async function pack(binaries) {
  mkdirSync(packagesFolder, { recursive: true });
  const wanted = [];
  for (const { crate, folder } of packageFolders()) {
    const program = join(binaries, crate);
    const zip = join(packagesFolder, `${packageName(folder)}.zip`);
    wanted.push(basename(zip));
    const key = fingerprint([folder, program, join(binaries, "pack-extension")]);
    await unlessDone(join(root, "target/machine", `${basename(zip)}.stamp`), key, [zip], () =>
      run(join(binaries, "pack-extension"), [folder, program, zip]),
    );
  }
  for (const name of readdirSync(packagesFolder)) if (!wanted.includes(name)) rmSync(join(packagesFolder, name), { recursive: true });
  if (wanted.length === 0) throw new Stop("No package folder was found under extensions/*/package/.");
}

function packageName(folder) {
  const image = JSON.parse(readFileSync(join(folder, "ExtensionImage.json"), "utf8"));
  return `${image.publisher}.${image.type}-${image.version}`;
}

// The Rust toolchain: the two extra targets, and the wasm32 standard library when rustup's server cannot be reached.
//
//   wasm32 std present ──yes──────────────────────────────► the user's toolchain as it is
//        │no
//        └─► rustup target add ──works────────────────────► the same
//                 │fails
//                 └─► Debian's rust-src of the same version ─► a copy of the toolchain in .tools (hard links),
//                     compiled with bitcode                    the user's own is never touched
//
// ANNEX_STD=debian takes the last way at once (it is how that way is tested).

import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { Stop, capture, filesBelow, root, run, tools } from "./steps.mjs";

const WASM = "wasm32-unknown-unknown";

function rustc() {
  const verbose = capture("rustc", ["-vV"]);
  const sysroot = capture("rustc", ["--print", "sysroot"]);
  if (verbose === null || sysroot === null) throw new Stop("rustc does not run; check `rustup show`.");
  const field = (name) => verbose.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1];
  return { sysroot, version: field("release"), host: field("host"), commit: field("commit-hash") };
}

function hasTarget(sysroot, target) {
  const folder = join(sysroot, "lib/rustlib", target, "lib");
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith("libstd-") && name.endsWith(".rlib"));
}

async function addTarget(target) {
  if (capture("rustup", ["--version"]) === null) return false;
  console.log(`      rustup target add ${target}`);
  try {
    await run("rustup", ["target", "add", target], { env: { RUSTUP_MAX_RETRIES: "1" } });
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes sure that wasm32 can be compiled. Returns `{ env, targetDir }` for cargo: a standard library of our own needs a
 * target folder of its own, because cargo does not notice that the library changed.
 */
export async function wasmToolchain() {
  const rust = rustc();
  if (process.env.ANNEX_STD !== "debian") {
    if (hasTarget(rust.sysroot, WASM)) return { env: {}, targetDir: join(root, "target") };
    if ((await addTarget(WASM)) && hasTarget(rustc().sysroot, WASM)) return { env: {}, targetDir: join(root, "target") };
    console.log(`      rustup's server did not give ${WASM}: building its standard library from Debian's rust-src`);
  }
  const copy = join(tools, `rust-${rust.version}-debian-std`);
  const done = join(copy, "annex-std-complete");
  if (!existsSync(done) || readFileSync(done, "utf8") !== rust.commit) await buildStd(rust, copy, done);
  const env = { RUSTUP_TOOLCHAIN: copy, PATH: `${join(copy, "bin")}:${process.env.PATH}` };
  return { env, targetDir: join(root, "target/debian-std") };
}

/**
 * The target that machine-side binaries are built for: static against musl, or static against glibc when the musl
 * standard library cannot be had. Both run without any library on the machine.
 */
export async function staticTarget() {
  const rust = rustc();
  const arch = rust.host.split("-")[0];
  const musl = `${arch}-unknown-linux-musl`;
  const forced = process.env.ANNEX_STD === "debian";
  if (!forced && (hasTarget(rust.sysroot, musl) || ((await addTarget(musl)) && hasTarget(rustc().sysroot, musl)))) {
    return { target: musl, rustflags: "" };
  }
  console.log(`      ${musl} cannot be had: linking statically against this system's glibc`);
  return { target: rust.host, rustflags: "-C target-feature=+crt-static" };
}

// ---- the standard library from Debian's sources ---------------------------------------------------------------------

const SUITES = [
  ["http://deb.debian.org/debian", ["bookworm", "trixie", "trixie-backports", "forky", "sid", "experimental"]],
  ["http://deb.debian.org/debian-security", ["bookworm-security", "trixie-security"]],
];
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

async function buildStd(rust, copy, done) {
  if (capture("apt-get", ["--version"]) === null || capture("dpkg-deb", ["--version"]) === null) {
    throw new Stop(
      `The Rust target ${WASM} is missing, rustup could not fetch it, and this system has no apt-get to take Debian's ` +
        `rust-src from. Run \`rustup target add ${WASM}\` where rustup's server can be reached.`,
    );
  }
  const work = join(tools, "rust-src");
  rmSync(work, { recursive: true, force: true });
  rmSync(copy, { recursive: true, force: true });
  rmSync(join(root, "target/debian-std"), { recursive: true, force: true });
  mkdirSync(work, { recursive: true });

  const deb = await downloadRustSrc(rust.version, work);
  console.log(`      unpacking ${deb.split("/").pop()}`);
  const folder = `./usr/src/rustc-${rust.version}/library`;
  await run("sh", ["-c", 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" "$3"', "sh", deb, work, folder]);

  console.log(`      copying the toolchain (hard links) to ${copy.replace(`${root}/`, "")}`);
  if (capture("cp", ["-al", rust.sysroot, copy]) === null) {
    rmSync(copy, { recursive: true, force: true });
    await run("cp", ["-a", rust.sysroot, copy]);
  }
  const library = join(copy, "lib/rustlib", WASM, "lib");
  rmSync(library, { recursive: true, force: true });
  rmSync(join(copy, "lib/rustlib/src"), { recursive: true, force: true });
  mkdirSync(library, { recursive: true });
  mkdirSync(join(copy, "lib/rustlib/src/rust"), { recursive: true });
  renameSync(join(work, folder), join(copy, "lib/rustlib/src/rust/library"));

  await compileStd(copy, work, library);
  if (!hasTarget(copy, WASM)) throw new Stop(`The standard library for ${WASM} was built but has no libstd; see above.`);
  writeFileSync(done, rust.commit);
  rmSync(work, { recursive: true, force: true });
}

/** Debian's package of exactly this Rust version, found and downloaded with package lists of our own. */
async function downloadRustSrc(version, work) {
  if (!existsSync(KEYRING)) {
    throw new Stop(`Debian's signing keys are missing: install the package debian-archive-keyring, then run make again.`);
  }
  const lines = SUITES.flatMap(([address, suites]) =>
    suites.map((suite) => `deb [signed-by=${KEYRING}] ${address} ${suite} main`),
  );
  writeFileSync(join(work, "sources.list"), `${lines.join("\n")}\n`);
  for (const folder of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(work, folder), { recursive: true });
  const options = {
    "Dir::Etc::sourcelist": join(work, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::State::lists": join(work, "lists"),
    "Dir::Cache": join(work, "cache"),
    "Acquire::Languages": "none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    "Acquire::IndexTargets::deb::CNF::DefaultEnabled": "false",
    "APT::Sandbox::User": "root",
  };
  const apt = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  console.log("      reading Debian's package lists");
  // A suite that a mirror has dropped must not end the search: what counts is whether the version is found.
  await run("apt-get", [...apt, "-qq", "update"]).catch(() => {});
  for (const name of ["rust-src", "rust-web-src"]) {
    const offered = (capture("apt-cache", [...apt, "madison", name]) ?? "").split("\n").map((line) => line.split("|")[1]?.trim());
    const match = offered.find((offer) => offer?.split(/[+-]/)[0] === version);
    if (match === undefined) continue;
    await run("apt-get", [...apt, "-qq", "download", `${name}=${match}`], { cwd: work });
    return filesBelow([work]).find((path) => path.endsWith(".deb"));
  }
  throw new Stop(
    `The Rust target ${WASM} is missing, rustup could not fetch it, and Debian has no rust-src of version ${version} ` +
      `(looked in ${SUITES.flatMap(([, suites]) => suites).join(", ")}). Either run \`rustup target add ${WASM}\` where ` +
      `rustup's server can be reached, or use a Rust version that Debian has.`,
  );
}

/** Compiles std with bitcode (without it link-time optimisation fails) and puts its libraries into the copy. */
async function compileStd(copy, work, library) {
  const crate = join(work, "crate");
  mkdirSync(join(crate, "src"), { recursive: true });
  writeFileSync(join(crate, "Cargo.toml"), '[package]\nname = "only-std"\nedition = "2024"\n[lib]\ncrate-type = ["rlib"]\n[workspace]\n');
  writeFileSync(join(crate, "src/lib.rs"), "");
  console.log("      compiling the standard library");
  const env = {
    RUSTUP_TOOLCHAIN: copy,
    PATH: `${join(copy, "bin")}:${process.env.PATH}`,
    RUSTC_BOOTSTRAP: "1",
    RUSTFLAGS: "-Cembed-bitcode=yes",
    CARGO_TARGET_DIR: join(crate, "target"),
  };
  const args = ["build", "-q", "-Zbuild-std=std,panic_abort,panic_unwind", "--target", WASM, "--release"];
  await run("cargo", args, { cwd: crate, env });
  const built = join(crate, "target", WASM, "release/deps");
  for (const name of readdirSync(built)) {
    if (name.endsWith(".rlib") && !name.startsWith("libonly_std")) copyFileSync(join(built, name), join(library, name));
  }
}

// The browser part: Rust to WebAssembly, Tailwind to CSS, everything under names that carry a hash of the content.
//
//   cargo ─► annex-bindgen ─► wasm-opt (release) ─┐
//   tailwind ─────────────────────────────────────┼─► <site>/pkg/<name>.<hash>.{js,wasm,css}  (+ .br, .gz in release)
//   public/ ──────────────────────────────────────┴─► <site>/…          <site>/hash.txt: what Leptos reads the hashes from
//
// The module is in parts (see app/src/pages/parts.rs): annex.wasm always, the others when a page needs them. Files get their
// names after all is made, from the inside out: WebAssembly by its own bytes, then both scripts, in which those names stand,
// then the list of parts. So equal names mean equal content, and everything under pkg/ may be cached for ever.

import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { filesBelow, fingerprint, inCi, root, run, sha256, unlessDone } from "./steps.mjs";
import { bindgen } from "./tools.mjs";

const NAME = "annex"; // LEPTOS_OUTPUT_NAME in .cargo/config.toml
const LOADER = "__wasm_split"; // these two are what Leptos calls them
const MANIFEST = "__wasm_split_manifest";
const bin = (name) => join(root, "node_modules/.bin", name);

/** Folder that a build of this kind is served from. Two kinds, two folders: a release being served is left alone. */
export const siteFolder = (release) => join(root, release ? "target/site" : "target/site-dev");
const workFolder = (release) => join(root, release ? "target/site-work" : "target/site-dev-work");

/** Compiles the frontend and makes JavaScript and WebAssembly of it, in the work folder. */
export async function webAssembly({ release, toolchain }) {
  const profile = release ? "wasm-release" : "wasm-dev";
  const target = "wasm32-unknown-unknown";
  const args = ["rustc", "-p", "frontend", "--lib", "--target", target, "--profile", profile, "--target-dir", toolchain.targetDir];
  // parts can be taken out of a module only as long as it says where functions refer to each other
  await run("cargo", [...args, ...(inCi ? ["--locked"] : []), "--", "-Clink-arg=--emit-relocs"], { env: toolchain.env });
  const module = join(toolchain.targetDir, target, profile, "frontend.wasm");

  const program = await bindgen();
  const out = join(workFolder(release), "wasm");
  const key = fingerprint([module, program, join(root, "package-lock.json")]);
  await unlessDone(join(workFolder(release), "wasm.stamp"), key, [join(out, `${NAME}.js`), join(out, `${NAME}_bg.wasm`)], async () => {
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    await run(program, [module, out, NAME]);
    if (release) for (const part of filesBelow([out]).filter((path) => path.endsWith(".wasm"))) await shrink(part);
  });
}

/** Debian's wasm-opt would silently break the module; this is npm's, and the features are those that rustc marks. */
async function shrink(module) {
  const features = ["bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];
  const args = ["-Oz", ...features.map((name) => `--enable-${name}`), "--strip-producers", "--quiet", module, "-o", `${module}.small`];
  await run(process.execPath, [bin("wasm-opt"), ...args]);
  renameSync(`${module}.small`, module);
}

/** Writes the stylesheet for the classes that the Rust sources of the app use, in the work folder. */
export async function styles({ release }) {
  const out = join(workFolder(release), `${NAME}.css`);
  const rust = filesBelow([join(root, "app/src"), join(root, "app/domain/src")]).filter((path) => path.endsWith(".rs"));
  const key = fingerprint([join(root, "style"), join(root, "package-lock.json"), ...rust]);
  await unlessDone(join(workFolder(release), "css.stamp"), key, [out], async () => {
    mkdirSync(workFolder(release), { recursive: true });
    const args = ["-i", join(root, "style/tailwind.css"), "-o", out, ...(release ? ["--minify"] : [])];
    await run(process.execPath, [join(root, "node_modules/@tailwindcss/cli/dist/index.mjs"), ...args]);
  });
}

/** Puts the parts together under hashed names. Returns whether anything changed. */
export async function assemble({ release }) {
  const site = siteFolder(release);
  const work = workFolder(release);
  const parts = [join(work, "wasm"), join(work, `${NAME}.css`), join(root, "public"), join(root, "build/site.mjs")];
  return unlessDone(join(work, "site.stamp"), fingerprint(parts), [join(site, "hash.txt"), join(site, "pkg")], () => {
    const next = `${site}.next-${process.pid}`; // two builds at a time must not meet
    rmSync(next, { recursive: true, force: true });
    mkdirSync(join(next, "pkg"), { recursive: true });
    if (existsSync(join(root, "public"))) cpSync(join(root, "public"), next, { recursive: true });
    const hashes = writeHashed(join(work, "wasm"), join(work, `${NAME}.css`), join(next, "pkg"));
    writeFileSync(join(next, "hash.txt"), Object.entries(hashes).map(([kind, hash]) => `${kind}: ${hash}\n`).join(""));
    if (release) compress(next);
    rmSync(`${site}.old-${process.pid}`, { recursive: true, force: true });
    if (existsSync(site)) renameSync(site, `${site}.old-${process.pid}`);
    renameSync(next, site);
    rmSync(`${site}.old-${process.pid}`, { recursive: true, force: true });
    report(site);
  });
}

/** Returns the hashes by the words that Leptos knows: js, wasm, css, split (the loader of parts) and manifest (their list). */
function writeHashed(wasmFolder, cssFile, pkg) {
  const short = (content) => sha256(content).slice(0, 16);
  const write = (name, hash, kind, content) => writeFileSync(join(pkg, `${name}.${hash}.${kind}`), content);
  const text = (name) => readFileSync(join(wasmFolder, name), "utf8");

  const css = readFileSync(cssFile);
  const hashes = { css: short(css) };
  write(NAME, hashes.css, "css", css);

  const renamed = new Map(); // "split_home" → "split_home.0123456789abcdef"
  for (const path of filesBelow([wasmFolder]).filter((file) => file.endsWith(".wasm"))) {
    const [made, module] = [basename(path, ".wasm"), readFileSync(path)];
    const [name, hash] = [made === `${NAME}_bg` ? NAME : made, short(module)];
    write(name, hash, "wasm", module);
    renamed.set(made, `${name}.${hash}`);
    if (name === NAME) hashes.wasm = hash;
  }
  const withNames = (script) => script.replace(/(\w+)\.wasm\b/g, (as, name) => (renamed.has(name) ? `${renamed.get(name)}.wasm` : as));

  let script = withNames(text(`${NAME}.js`));
  const snippets = join(wasmFolder, "snippets");
  if (existsSync(snippets)) {
    const folder = `snippets.${fingerprint([snippets]).slice(0, 16)}`;
    cpSync(snippets, join(pkg, folder), { recursive: true });
    script = script.replaceAll("./snippets/", `./${folder}/`);
  }
  // the two scripts import each other, so they share one hash: that of both, before it stands in them
  const loader = withNames(text(`${LOADER}.js`));
  hashes.js = hashes.split = short(script + loader);
  write(NAME, hashes.js, "js", script.replaceAll(`from "./${LOADER}.js"`, `from "./${LOADER}.${hashes.split}.js"`));
  write(LOADER, hashes.split, "js", loader.replaceAll(`from "./${NAME}.js"`, `from "./${NAME}.${hashes.js}.js"`));

  const parts = Object.entries(JSON.parse(text(`${MANIFEST}.json`))).map(([part, files]) => [part, files.map((file) => renamed.get(file))]);
  const manifest = JSON.stringify(Object.fromEntries(parts));
  hashes.manifest = short(manifest);
  write(MANIFEST, hashes.manifest, "json", manifest);
  return hashes;
}

/** `file.br` and `file.gz` beside every file that they make smaller; the server picks by Accept-Encoding. */
function compress(folder) {
  for (const path of filesBelow([folder])) {
    if (!/\.(js|wasm|css|svg|html|txt|json|webmanifest)$/.test(path) || basename(path) === "hash.txt") continue;
    const content = readFileSync(path);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    const packed = { br: brotliCompressSync(content, { params }), gz: gzipSync(content, { level: 9 }) };
    for (const [suffix, bytes] of Object.entries(packed)) if (bytes.length < content.length) writeFileSync(`${path}.${suffix}`, bytes);
  }
}

function report(site) {
  const size = (path) => `${(readFileSync(path).length / 1024).toFixed(1)} KiB`;
  for (const name of readdirSync(join(site, "pkg")).filter((file) => /\.(js|wasm|css)$/.test(file))) {
    const path = join(site, "pkg", name);
    console.log(`      ${name}: ${size(path)}${existsSync(`${path}.br`) ? `, ${size(`${path}.br`)} as brotli` : ""}`);
  }
}

/** The whole browser part. */
export async function site(options) {
  await webAssembly(options);
  await styles(options);
  return assemble(options);
}

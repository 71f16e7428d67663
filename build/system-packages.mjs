// Debian packages that a build or the tests need: named, asked for, and installed only with consent.

import { createInterface } from "node:readline/promises";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Stop, capture, inCi, run } from "./steps.mjs";

/** The first existing file of this name on PATH or in the given folders, or null. */
export function findProgram(name, folders = []) {
  const places = [...(process.env.PATH ?? "").split(delimiter), ...folders];
  return places.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** A program of PostgreSQL's server, which Debian keeps off PATH. Newest version first. */
export function findPostgres(name) {
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return findProgram(name, versions.map((version) => join(base, version, "bin")));
}

/** The browser for end-to-end tests: CHROMIUM, or what the system has. */
export function findChromium() {
  if (process.env.CHROMIUM) return existsSync(process.env.CHROMIUM) ? process.env.CHROMIUM : null;
  return ["chromium", "chromium-browser", "google-chrome"].map((name) => findProgram(name)).find(Boolean) ?? null;
}

/** The programs that test machines are made with, and the Python modules that the Azure Linux Agent imports. */
function hasMachineTools() {
  const programs = ["ip", "unshare", "nsenter", "pkill", "curl", "openssl"].every((name) => findProgram(name, ["/sbin", "/usr/sbin"]));
  const modules = ["distro", "pkg_resources"].every((name) => existsSync(join("/usr/lib/python3/dist-packages", name)));
  return programs && modules && existsSync("/usr/bin/python3");
}

/** What may be needed: the check that finds it, Debian's packages for it, and what it is for. */
export const NEEDS = {
  compiler: { found: () => findProgram("cc") && existsSync("/usr/include/stdio.h"), packages: ["build-essential"], why: "a C compiler, for SQLite and cryptography" },
  chromium: { found: findChromium, packages: ["chromium"], why: "the browser that end-to-end tests drive" },
  wrk: { found: () => findProgram("wrk"), packages: ["wrk"], why: "the load generator that figures are measured with" },
  machines: { found: hasMachineTools, packages: ["iproute2", "util-linux", "procps", "curl", "openssl", "python3", "python3-distro", "python3-pkg-resources"], why: "what test machines and the Azure Linux Agent on them need" },
  python: { found: () => capture("/usr/bin/python3", ["-c", "import ensurepip, venv"]) !== null, packages: ["python3", "python3-venv"], why: "Python, for the real az CLI and the other clients of the ARM API" },
  postgres: { found: () => findPostgres("initdb") && findPostgres("postgres"), packages: ["postgresql"], why: "the database that the store is tested on" },
};

/** Installs what is missing of `names` (keys of NEEDS): silently in CI and as root, else after a question. */
export async function ensureSystem(...names) {
  const missing = names.filter((name) => !NEEDS[name].found());
  if (missing.length === 0) return;
  const packages = missing.flatMap((name) => NEEDS[name].packages);
  for (const name of missing) console.log(`      missing: ${NEEDS[name].why} (Debian package ${NEEDS[name].packages.join(", ")})`);
  if (capture("apt-get", ["--version"]) === null) {
    throw new Stop(`This system has no apt-get. Install ${missing.map((name) => NEEDS[name].why).join("; ")}, then run make again.`);
  }
  const isRoot = process.getuid() === 0;
  const install = `apt-get install --yes --no-install-recommends ${packages.join(" ")}`;
  if (!isRoot && !inCi && !(await agreed(`Run "sudo ${install}" now?`))) {
    throw new Stop(`Install the packages yourself with "sudo ${install}", then run make again.`);
  }
  const sudo = isRoot ? [] : ["sudo"];
  const apt = async (...args) => {
    const [command, ...rest] = [...sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", ...args];
    await run(command, rest, { input: isRoot || inCi ? "ignore" : "inherit" });
  };
  await apt("update");
  await apt("install", "--yes", "--no-install-recommends", ...packages);
  const still = missing.filter((name) => !NEEDS[name].found());
  if (still.length > 0) throw new Stop(`After installing ${packages.join(" ")}, this is still missing: ${still.map((name) => NEEDS[name].why).join("; ")}.`);
}

async function agreed(question) {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`      ${question} [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

// What every build script shares: saying where we are, running commands, and skipping work that is already done.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const tools = join(root, ".tools");
export const inCi = process.env.CI === "true" || process.env.CI === "1";

/** Ends a build with one sentence for the person in front of it, without a stack trace. */
export class Stop extends Error {}

/** Runs `main` and turns a `Stop` into a message and exit code 1. */
export async function entry(main) {
  try {
    await main();
  } catch (error) {
    console.error(`\nmake: ${error instanceof Stop ? error.message : error.stack}`);
    process.exitCode = 1;
  }
}

/** `41 s` below two minutes, `3 min 05 s` above. */
export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (seconds < 120) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** CPU seconds of all ended children (Linux: fields 16 and 17 of /proc/self/stat, in ticks of 10 ms). */
function childCpu() {
  try {
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
    return (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    return 0;
  }
}

/**
 * Numbered steps: `[3/8] Browser part …` when one starts, its time when it ends.
 *
 *     const step = steps(2);
 *     await step("npm packages", () => …);   // what the work returns goes through
 */
export function steps(total) {
  const started = Date.now();
  let number = 0;
  let running = 0;
  let overlapped = 0; // raised whenever two steps run at a time: then CPU seconds cannot be told apart
  return async (title, work) => {
    const own = (number += 1);
    console.log(`[${own}/${total}] ${title} … (${duration(Date.now() - started)} so far)`);
    running += 1;
    if (running > 1) overlapped += 1;
    const [from, cpu, before] = [Date.now(), childCpu(), overlapped];
    try {
      const result = await work();
      const used = Math.round(childCpu() - cpu);
      const alone = running === 1 && overlapped === before;
      console.log(`[${own}/${total}] ${title}: ${duration(Date.now() - from)}${alone && used > 4 ? `, ${used} CPU seconds` : ""}`);
      return result;
    } catch (error) {
      console.log(`[${own}/${total}] ${title}: failed after ${duration(Date.now() - from)}`);
      throw error;
    } finally {
      running -= 1;
    }
  };
}

/** Runs a command in the checkout, its output going straight to the terminal. Rejects when it fails. */
export function run(command, args, { env = {}, cwd = root, input = "ignore" } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: [input, "inherit", "inherit"], env: { ...process.env, ...env } });
    child.on("error", (error) => reject(new Stop(`${command} could not be started: ${error.message}`)));
    child.on("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Stop(`${[command, ...args].join(" ")} ended with ${signal ?? `exit code ${code}`}.`));
    });
  });
}

/** What a command prints, or null when it fails or does not exist. */
export function capture(command, args, { env = {}, cwd = root } = {}) {
  const done = spawnSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 64 << 20 });
  return done.status === 0 ? done.stdout.trim() : null;
}

/** Every file below the given files and folders, sorted; missing ones are skipped. */
export function filesBelow(paths) {
  const found = [];
  for (const path of paths) {
    if (!existsSync(path)) continue;
    if (!statSync(path).isDirectory()) found.push(path);
    else found.push(...filesBelow(readdirSync(path).map((name) => join(path, name))));
  }
  return found.sort();
}

/** SHA-256 over strings and buffers, as hex. */
export function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/** SHA-256 of a file's bytes, as hex. */
export const sha256Of = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** One hash for the names and contents of files. */
export function fingerprint(paths, ...extra) {
  return sha256(...filesBelow(paths).flatMap((path) => [path, readFileSync(path)]), ...extra);
}

/**
 * Does `work` unless the stamp file says that it was done for the same inputs and its outputs are still there.
 * Returns whether it did.
 */
export async function unlessDone(stamp, key, outputs, work) {
  const current = existsSync(stamp) && readFileSync(stamp, "utf8") === key;
  if (current && outputs.every((path) => existsSync(path))) return false;
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, key);
  return true;
}

// The real `az`, as a person has it: its own configuration folder, the portal's authority trusted, nothing sent anywhere else.

import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";

// More would only take each other's processor: one `az` is two seconds of Python before it asks anything.
const AT_A_TIME = 2;
const LONGEST_MS = 240_000;
/** No figures to Microsoft, no downloads, no questions, no colours. */
const QUIET = {
  AZURE_CORE_COLLECT_TELEMETRY: "false",
  AZURE_CORE_SURVEY_MESSAGE: "false",
  AZURE_EXTENSION_USE_DYNAMIC_INSTALL: "no",
  AZURE_CORE_DISABLE_CONFIRM_PROMPT: "true",
  AZURE_CORE_DISABLE_PROGRESS_BAR: "true",
  AZURE_CORE_NO_COLOR: "true",
};
let running = 0;
const waiting = [];

async function turn(work) {
  if (running >= AT_A_TIME) await new Promise((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/** The words of a command line: the text is cut at white space, what stands in `${}` is one word whatever it holds. */
export function words(strings, ...values) {
  const found = [];
  let open = false; // does what comes next belong to the last word?
  strings.forEach((text, index) => {
    const parts = text.split(/\s+/);
    parts.forEach((part, place) => {
      if (place > 0) open = false;
      if (part === "") return;
      if (open) found[found.length - 1] += part;
      else found.push(part);
      open = true;
    });
    if (index === values.length) return;
    if (open) found[found.length - 1] += values[index];
    else found.push(String(values[index]));
    open = true;
  });
  return found;
}

/**
 * One person's `az`.
 *
 *     const az = azOf(programs, folder, caFile);
 *     const machines = await az`vm list -g lab`;                   // what it prints, read as JSON; null when it prints nothing
 *     const said = await az.refused`vm show -g lab -n nobody`;     // { code, text }; throws when az succeeds
 *     const table = await az.text`vm list -o table`;
 */
export function azOf(programs, folder, caFile, env = {}) {
  const config = mkdtempSync(join(folder, "az-"));
  // What the user of this machine has set up for a cloud of his own must not get in here.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AZURE|ARM|IDENTITY|MSI)_/.test(name));
  const state = {
    program: join(programs, "az"),
    env: { ...Object.fromEntries(inherited), ...QUIET, AZURE_CONFIG_DIR: config, REQUESTS_CA_BUNDLE: caFile, ...env },
  };
  const az = (...command) => json(state, words(...command));
  az.text = async (...command) => (await succeeded(state, words(...command))).out;
  az.refused = (...command) => refused(state, words(...command));
  // lines for a shell in the folder where the authority's certificate is, with this az in its path
  az.shell = async (script, more = {}) => {
    const path = `${programs}:${process.env.PATH}`;
    const inShell = { program: "/bin/sh", env: { ...state.env, PATH: path, ...az.program, ...more }, cwd: folder };
    return (await succeeded(inShell, ["-euc", script])).out;
  };
  return az;
}

/** Runs it and tells how it ended, whatever that was. */
function call({ program, env, cwd }, args) {
  return turn(
    () =>
      new Promise((resolve) => {
        execFile(program, args, { env, cwd, timeout: LONGEST_MS, maxBuffer: 16 << 20 }, (error, out, err) => {
          const code = error ? (error.killed ? "killed after its time" : (error.code ?? error.signal)) : 0;
          resolve({ args, code, out, err });
        });
      }),
  );
}

const told = ({ args, code, out, err }) => `az ${args.join(" ")}\nended with ${code}\n${err.trim()}\n${out.trim()}`;

async function succeeded(state, args) {
  const result = await call(state, args);
  if (result.code !== 0) throw new Error(told(result));
  return result;
}

async function json(state, args) {
  const result = await succeeded(state, args);
  if (result.out.trim() === "") return null;
  try {
    return JSON.parse(result.out);
  } catch {
    throw new Error(`no JSON from ${told(result)}`);
  }
}

/** What az says when it fails. A traceback is no way to fail. */
async function refused(state, args) {
  const result = await call(state, args);
  if (result.code === 0) throw new Error(`this was to be refused: ${told(result)}`);
  if (/Traceback|The command failed with an unexpected error/.test(result.err)) throw new Error(told(result));
  return { code: result.code, text: result.err };
}

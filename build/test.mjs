// `make test` and `make lint`: what cheap checks can find comes first, the browser last.

import { spawn } from "node:child_process";
import { Stop, entry, inCi, root, run, steps } from "./steps.mjs";
import { ensureSystem } from "./system-packages.mjs";
import { staticTarget, wasmToolchain } from "./toolchain.mjs";
import { bindgen, cargoTool, nextest, npmPackages } from "./tools.mjs";
import { site } from "./site.mjs";
import { machineBinaries, pack } from "./packages.mjs";
import { startPostgres } from "./postgres.mjs";
import { waagentPackages } from "./waagent.mjs";
import { armClients } from "./python.mjs";

const DENY = "0.20.2";
// The frontend is only ever compiled for the browser: together with the server, `app` would get both of its faces at once.
// All host commands select the same crates, so that they share every dependency that is compiled.
const HOST = ["--workspace", "--exclude", "frontend"];
const locked = inCi ? ["--locked"] : [];

// The closing lines of the runners: `Summary [ 4.1s] 20 tests run: 19 passed, 1 failed`, `test result: ok. 3 passed; 0 failed`, `7 passed, 0 failed`.
const CLOSING = /^(?:\s*Summary \[.*\].*tests? run: .*|test result: .*|\d+ passed, \d+ failed)$/gm;
const counts = { passed: 0, failed: 0 };

/** Like `run`, and adds up what the test runners' closing lines say. */
async function runTests(command, args, env = {}) {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      process[name].write(text);
      said[name] += text;
    });
  }
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  for (const [line] of `${said.stdout}\n${said.stderr}`.matchAll(CLOSING)) {
    for (const kind of ["passed", "failed"]) counts[kind] += Number(line.match(new RegExp(`(\\d+) (?:tests? )?${kind}`))?.[1] ?? 0);
  }
  if (code !== 0) throw new Stop(`${command} ${args.join(" ")} ended with exit code ${code}.`);
}

async function lint(step) {
  await step("Formatting", () => run("cargo", ["fmt", "--all", "--check"]));
  const toolchain = await step("Rust for the browser (wasm32)", wasmToolchain);
  await step("Clippy, host", () => run("cargo", ["clippy", ...HOST, "--all-targets", ...locked, "--", "-D", "warnings"]));
  await step("Clippy, browser", () => {
    const target = ["--target", "wasm32-unknown-unknown", "--target-dir", toolchain.targetDir];
    return run("cargo", ["clippy", "-p", "frontend", ...target, ...locked, "--", "-D", "warnings"], { env: toolchain.env });
  });
  await step("Documentation", () =>
    run("cargo", ["doc", ...HOST, "--no-deps", "--document-private-items", ...locked], { env: { RUSTDOCFLAGS: "-D warnings" } }),
  );
  await step("Dependency rules", dependencyRules);
  return toolchain;
}

async function dependencyRules() {
  const deny = await cargoTool("cargo-deny", DENY);
  await run(deny, ["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]);
  // A database that cannot be fetched is no finding; a finding in one that can be is.
  if (await fetched(deny)) await run(deny, ["check", "--hide-inclusion-graph", "--disable-fetch", "advisories"]);
  else console.log("      advisories: their database cannot be reached from here, not checked");
}

async function fetched(deny) {
  const child = spawn("timeout", ["60", deny, "fetch", "db"], { cwd: root, stdio: "ignore" });
  return (await new Promise((resolve) => child.on("close", resolve).on("error", resolve))) === 0;
}

const REAL_AGENTS = "test(/^real_agents::/)";
const profile = inCi ? ["--profile", "ci", "--color", "never"] : ["--color", "never"];

async function crates() {
  const postgres = await startPostgres();
  try {
    const args = ["nextest", "run", ...HOST, ...locked, ...profile, "-E", `not ${REAL_AGENTS}`];
    await runTests(await nextest(), args, { ANNEX_TEST_POSTGRES: postgres.url });
  } finally {
    await postgres.stop();
  }
}

/** They wait for real agents most of the time, so many of them run side by side. */
async function realAgents() {
  const args = ["nextest", "run", ...HOST, ...locked, ...profile, "--test-threads", "12", "-E", REAL_AGENTS];
  await runTests(await nextest(), args, { ANNEX_TEST_WAAGENT: await waagentPackages() });
}

await entry(async () => {
  const all = process.argv[2] === "all";
  const step = steps(all ? 17 : 7);
  try {
    await step("System packages", () => (all ? ensureSystem("compiler", "postgres", "chromium", "machines", "python") : ensureSystem("compiler")));
    const toolchain = await lint(step);
    if (!all) return;
    await step("Tests of the crates, on SQLite and PostgreSQL", crates);
    await step("Real agents on machines of their own", realAgents);
    await step("Examples in the documentation", () => runTests("cargo", ["test", "--doc", "--quiet", ...HOST, ...locked]));
    await step("npm packages", npmPackages);
    await step("wasm-bindgen", bindgen);
    await step("Browser part", () => site({ release: true, toolchain }));
    await step("Agent and extension packages", async () => pack(await machineBinaries(await staticTarget())));
    await step("Portal in the browser", async () => {
      await run("cargo", ["build", ...HOST, "--bins", ...locked]);
      await runTests(process.execPath, ["end2end/run.mjs"]);
    });
    await step("Clients of the ARM API", armClients);
    await step("az, the Azure SDK and schemathesis", () => runTests(process.execPath, ["end2end/az/run.mjs"]));
  } catch (error) {
    if (counts.failed === 0) counts.failed = 1;
    throw error;
  } finally {
    if (all) console.log(`${counts.passed} passed, ${counts.failed} failed`);
  }
});

// `make bench`: builds the release, runs every part in end2end/bench/ against a fresh portal, prints a table and JSON.
//
// A part exports `title`, `portal` (options of Portal.start, or a function that returns them) and a default function that returns rows:
// `{ name, value, unit, most | least }`, where `most` or `least` is what the project promises.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Stop, capture, entry, root, steps } from "./steps.mjs";
import { ALL_STEPS, buildEverything } from "./everything.mjs";
import { ensureSystem } from "./system-packages.mjs";

const load = () => loadavg().map((value) => Number(value.toFixed(2)));
/** Time of all cores by kind since the start, in ticks: what this machine had to wait for while others used its processors counts as `stolen`. */
function ticks() {
  const numbers = readFileSync("/proc/stat", "utf8").split("\n")[0].split(/\s+/).slice(1, 9).map(Number);
  return { all: numbers.reduce((sum, value) => sum + value, 0), stolen: numbers[7] };
}
const stolen = (before, after) => Number(((100 * (after.stolen - before.stolen)) / Math.max(1, after.all - before.all)).toFixed(1));
const met = ({ value, most, least }) => (most === undefined || value <= most) && (least === undefined || value >= least);

function table(rows) {
  const promise = ({ most, least, unit }) => (most !== undefined ? `<= ${most} ${unit}` : least !== undefined ? `>= ${least} ${unit}` : "");
  const cells = rows.map((row) => [row.name, `${row.value} ${row.unit}`, promise(row), met(row) ? "" : "MISSED"]);
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((cell) => cell[column].length)));
  return cells.map((cell) => cell.map((text, column) => (column === 1 ? text.padStart(widths[1]) : text.padEnd(widths[column] ?? 0))).join("  ")).join("\n");
}

await entry(async () => {
  const built = process.argv.includes("--built"); // measure what is there
  const wanted = process.argv.slice(2).filter((word) => word !== "--built");
  const folder = join(root, "end2end/bench");
  const names = readdirSync(folder).filter((name) => name.endsWith(".mjs") && (wanted.length === 0 || wanted.some((part) => name.includes(part)))).sort();
  if (names.length === 0) throw new Stop(`No bench matches ${wanted.join(" ")}.`);
  const step = steps((built ? 1 : ALL_STEPS + 1) + names.length);
  if (!built) await buildEverything(step);
  await step("System packages for measuring", () => ensureSystem("chromium", "wrk"));

  // imported here, because a first `make bench` installs what they import
  const { Portal, eventually } = await import("../end2end/portal.mjs");
  const { launchBrowser, newPage } = await import("../end2end/browser.mjs");
  process.env.ANNEX_RELEASE = "1";
  const browser = await launchBrowser();
  const report = { at: new Date().toISOString(), commit: capture("git", ["rev-parse", "--short", "HEAD"]), cores: cpus().length, cpu: cpus()[0]?.model, parts: [] };
  try {
    for (const name of names) {
      const part = await import(pathToFileURL(join(folder, name)));
      await step(part.title, async () => {
        const [before, clock] = [load(), ticks()];
        const options = typeof part.portal === "function" ? await part.portal() : part.portal;
        const portal = options ? await Portal.start(options) : null;
        try {
          const rows = await part.default({ portal, browser, newPage, eventually });
          report.parts.push({ title: part.title, loadBefore: before, loadAfter: load(), stolenPercent: stolen(clock, ticks()), rows: rows.map((row) => ({ ...row, met: met(row) })) });
        } finally {
          await portal?.remove();
        }
      });
    }
  } finally {
    await browser.close();
  }
  mkdirSync(join(root, "target"), { recursive: true });
  writeFileSync(join(root, "target/bench.json"), `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${JSON.stringify(report)}\n`);
  for (const { title, rows, loadBefore, loadAfter, stolenPercent } of report.parts) {
    console.log(`${title} (load ${loadBefore[0]} before, ${loadAfter[0]} after; ${stolenPercent} % of the time stolen by other machines)\n${table(rows).replaceAll(/^/gm, "  ")}\n`);
  }
  console.log("The same as JSON: target/bench.json");
});

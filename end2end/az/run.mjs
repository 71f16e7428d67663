// Runs the clients of the ARM API against portals of their own: `node end2end/az/run.mjs [part of a file name …]`.
//
// A part is a file in parts/ that exports what it needs and what it does:
//
//     export const portal = { lab: 1 };                        // options of Portal.start, see ../portal.mjs
//     export default [
//       ["machines are listed", async ({ az, portal, eventually }) => { … }],
//     ];
//
// The steps of a part share one portal, in order, with a program that owns the subscription and has signed in with `az`
// (setting.mjs); after a failed step the rest of the part counts as failed. Two parts run at a time, since every `az`
// keeps one processor busy. Logs: end2end/az/out/.

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { duration, entry, root } from "../../build/steps.mjs";
import { armClients } from "../../build/python.mjs";
import { settle } from "./setting.mjs";

const AT_A_TIME = 2;
const out = join(root, "end2end/az/out");

async function runPart(file, programs, total) {
  const part = await import(pathToFileURL(file));
  const name = basename(file, ".mjs");
  let failed = false;
  const tell = (ok, title, since, why) => {
    total[ok ? "passed" : "failed"] += 1;
    failed ||= !ok;
    console.log(`${ok ? "ok  " : "FAIL"} ${name}: ${title} (${duration(Date.now() - since)})${why ? `\n     ${why.replaceAll("\n", "\n     ")}` : ""}`);
  };

  const started = Date.now();
  let setting = null;
  try {
    setting = await settle({ programs, log: join(out, `${name}.log`), out, ...part.portal });
  } catch (error) {
    tell(false, "the portal starts and a program signs in", started, error.stack);
  }
  for (const [title, body] of part.default) {
    const since = Date.now();
    if (failed) {
      tell(false, title, since, "not reached");
      continue;
    }
    try {
      await body(setting);
      tell(true, title, since);
    } catch (error) {
      tell(false, title, since, error.stack ?? String(error));
    }
  }
  const since = Date.now();
  await setting?.end().catch((error) => tell(false, "the portal ends and leaves nothing behind", since, error.message));
}

await entry(async () => {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const wanted = process.argv.slice(2);
  const folder = join(root, "end2end/az/parts");
  const files = readdirSync(folder).filter((name) => name.endsWith(".mjs")).sort();
  const queue = files.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  const [azure, sdk, schemathesis] = await armClients();
  const total = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      await runPart(join(folder, name), { azure, sdk, schemathesis }, total);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
});

// Runs the journeys: `node end2end/run.mjs [part of a file name …]`.
//
// A journey is a file in journeys/ that exports what it needs and what it does:
//
//     export const portal = { lab: 1 };                        // options of Portal.start, see portal.mjs
//     export default [
//       ["a person signs in", async ({ portal, page, axe, eventually }) => { … }],
//     ];
//
// The steps of a file share one portal and one page, in order; after a failed step the rest of the file counts as failed.
// Every file gets a fresh portal, and everything is ended after it, whatever happened. Pictures and logs: end2end/out/.

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { duration, entry, root } from "../build/steps.mjs";
import { axe, launchBrowser, newPage } from "./browser.mjs";
import { Portal, eventually } from "./portal.mjs";

const out = join(root, "end2end/out");

async function runFile(browser, file) {
  const journey = await import(pathToFileURL(file));
  const name = basename(file, ".mjs");
  const results = { passed: 0, failed: 0 };
  const tell = (ok, title, since, why) => {
    results[ok ? "passed" : "failed"] += 1;
    console.log(`${ok ? "ok  " : "FAIL"} ${name}: ${title} (${duration(Date.now() - since)})${why ? `\n     ${why.replaceAll("\n", "\n     ")}` : ""}`);
  };

  const started = Date.now();
  let portal = null;
  let page = null;
  try {
    portal = await Portal.start({ log: join(out, `${name}.log`), ...journey.portal });
    page = await newPage(browser, { url: portal.url, ...journey.context });
  } catch (error) {
    tell(false, "the portal starts", started, error.message);
  }
  for (const [index, [title, body]] of journey.default.entries()) {
    const since = Date.now();
    if (results.failed > 0) {
      tell(false, title, since, "not reached");
      continue;
    }
    try {
      await body({ portal, page, browser, axe, eventually, newPage, out });
      if (page.problems.length > 0) throw new Error(`the page had problems:\n${page.problems.splice(0).join("\n")}`);
      tell(true, title, since);
    } catch (error) {
      const picture = join(out, `${name}-${index + 1}.png`);
      await page.screenshot({ path: picture, fullPage: true }).catch(() => {});
      tell(false, title, since, `${error.stack ?? error}\npage: ${page.url()}\npicture: ${picture}`);
    }
  }
  await page?.context().close();
  const since = Date.now();
  await portal?.remove().catch((error) => tell(false, "the portal ends and leaves nothing behind", since, error.message));
  return results;
}

await entry(async () => {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const wanted = process.argv.slice(2);
  const folder = join(root, "end2end/journeys");
  const files = readdirSync(folder).filter((name) => name.endsWith(".mjs")).sort();
  const chosen = files.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  const browser = await launchBrowser();
  const total = { passed: 0, failed: 0 };
  try {
    for (const name of chosen) {
      const { passed, failed } = await runFile(browser, join(folder, name));
      total.passed += passed;
      total.failed += failed;
    }
  } finally {
    await browser.close();
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
});

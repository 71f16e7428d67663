// Chromium for a journey, with a record of everything that a healthy page does not do.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { Stop } from "../build/steps.mjs";
import { findChromium } from "../build/system-packages.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export async function launchBrowser() {
  const executablePath = findChromium();
  if (executablePath === null) throw new Stop("Chromium is missing; `make test` installs it, or set CHROMIUM to its path.");
  const sandbox = process.getuid() === 0 ? ["--no-sandbox"] : []; // Chromium refuses its sandbox to root
  return chromium.launch({ executablePath, headless: process.env.HEADED !== "1", args: [...sandbox, ...QUIET] });
}

/**
 * A page in a fresh context. `page.problems` lists console errors, exceptions, failed requests and answers of 400 and above;
 * the runner fails a journey that leaves any. A journey that provokes one on purpose calls `page.forgive(/…/)` first.
 */
export async function newPage(browser, { url, ...options } = {}) {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.problems = [];
  const forgiven = [];
  page.forgive = (pattern) => forgiven.push(pattern);
  const note = (text) => {
    if (!forgiven.some((pattern) => pattern.test(text))) page.problems.push(text);
  };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) note(`console ${message.type()}: ${message.text()} at ${page.url()}`);
  });
  page.on("pageerror", (error) => note(`exception: ${error.message} at ${page.url()}`));
  page.on("requestfailed", (request) => {
    // leaving a page ends its event stream and its pending reads: that is how it should be
    const why = request.failure()?.errorText ?? "";
    if (why !== "net::ERR_ABORTED") note(`request failed: ${request.url()} ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) note(`answer ${response.status()}: ${response.url()}`);
  });
  return page;
}

/** Accessibility findings of the page as it is now, one line each; empty is what we want. */
export async function axe(page) {
  await page.evaluate(axeSource); // through the debugger, so that the page's CSP stays as strict as it is
  const violations = await page.evaluate(async () => (await globalThis.axe.run(document)).violations);
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help} at ${target.join(" ")}`));
}

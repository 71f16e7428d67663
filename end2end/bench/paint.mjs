// From a line's printing to its painting in Chromium: each line is the time at which it was printed.

import { Client, percentile } from "../client.mjs";
import { alive } from "../person.mjs";

export const title = "Line printed to line painted (100 lines)";
export const portal = { lab: 1 };

const LINES = 100;

/** Notes, for every line of digits that appears, when the frame that shows it had been painted. Runs in the page. */
function watchLines() {
  globalThis.painted = new Map();
  const seen = new Set();
  const look = () => {
    const fresh = (document.body.innerText.match(/\b1\d{18}\b/g) ?? []).filter((line) => !seen.has(line));
    fresh.forEach((line) => seen.add(line));
    if (fresh.length === 0) return;
    // the frame after the next callback has begun: what changed before it is on the screen
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => fresh.forEach((line) => globalThis.painted.set(line, performance.timeOrigin + performance.now()));
      channel.port2.postMessage(null);
    });
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}

export default async function ({ portal, browser, newPage, eventually }) {
  const client = await Client.owner(portal, eventually);
  const id = await client.readyMachine(eventually);
  const page = await newPage(browser, { url: portal.url });
  try {
    const [name, value] = client.cookie.split("=");
    await page.context().addCookies([{ name, value, url: portal.url }]);
    const operation = await client.runScript(id, `sleep 3; i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); date +%s%N; sleep 0.1; done`);
    await page.goto(`/operations/${operation}`);
    await alive(page);
    await page.evaluate(watchLines);
    const painted = await eventually("all lines are painted", async () => {
      const found = await page.evaluate(() => [...globalThis.painted]);
      return found.length >= LINES && found;
    });
    const delays = painted.map(([line, at]) => at - Number(line) / 1e6);
    const row = (name, share, most) => ({ name, value: Number(percentile(delays, share).toFixed(1)), unit: "ms", most });
    return [row("p50", 0.5, 60), row("p95", 0.95)];
  } finally {
    await page.context().close();
  }
}

// What a browser has to fetch, and when a person sees and can use the page.

export const title = "First and repeat visit";
export const portal = { lab: 0 };

/** Bytes on the wire of everything that one navigation loads, and the times of the page. */
async function visit(page, url) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const sizes = new Map();
  const kinds = new Map();
  session.on("Network.responseReceived", ({ requestId, response }) => kinds.set(requestId, response.mimeType));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
  const module = page.waitForResponse((response) => response.url().endsWith(".wasm"));
  await page.goto(url);
  await (await module).finished();
  await page.waitForFunction(() => document.documentElement.dataset.hydrated !== undefined);
  const times = await page.evaluate(() => ({
    painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    hydrated: Number(document.documentElement.dataset.hydrated),
  }));
  await session.detach();
  const bytes = {};
  for (const [id, size] of sizes) bytes[kinds.get(id) ?? "other"] = (bytes[kinds.get(id) ?? "other"] ?? 0) + size;
  return { bytes, total: Object.values(bytes).reduce((sum, size) => sum + size, 0), ...times };
}

const kib = (bytes) => Number((bytes / 1024).toFixed(1));

export default async function ({ portal, browser, newPage }) {
  const page = await newPage(browser, { url: portal.url });
  try {
    const first = await visit(page, "/");
    const repeat = await visit(page, "/");
    const parts = Object.entries(first.bytes).map(([kind, size]) => ({ name: `  of it ${kind}`, value: kib(size), unit: "KiB" }));
    return [
      { name: "first visit, all on the wire", value: kib(first.total), unit: "KiB", most: 350 },
      ...parts,
      { name: "repeat visit", value: kib(repeat.total), unit: "KiB", most: 15 },
      { name: "data visible", value: Math.round(first.painted), unit: "ms", most: 300 },
      { name: "interactive", value: Math.round(first.hydrated), unit: "ms", most: 600 },
    ];
  } finally {
    await page.context().close();
  }
}

// Pages of 200 rows, written by the server, against a static answer of the same bytes from the same axum in the same minute.

import { spawn } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, root } from "../../build/steps.mjs";
import { staticTarget } from "../../build/toolchain.mjs";
import { serverFolder } from "../../build/server.mjs";
import { freePort } from "../../build/postgres.mjs";
import { Client, percentile } from "../client.mjs";
import { benchTools, simulate } from "../fleet.mjs";

export const title = "Pages of 200 rows against a static answer";

const ROWS = 200;
const SECONDS = 10;
let packages;

/** 200 packages: Application Health under other names. */
export async function portal() {
  packages = mkdtempSync(join(tmpdir(), "annex-packages-"));
  const source = join(root, "extensions/application-health/package/1.0.0");
  const image = JSON.parse(readFileSync(join(source, "ExtensionImage.json"), "utf8"));
  const { target } = await staticTarget();
  const packer = join(root, "target", target, "agent/pack-extension");
  copyFileSync("/bin/true", join(packages, "application-health")); // any program will do: nothing is installed
  const folder = join(packages, "folder");
  mkdirSync(folder);
  cpSync(source, folder, { recursive: true });
  for (let number = 0; number < ROWS; number += 1) {
    const name = String(number).padStart(3, "0");
    writeFileSync(join(folder, "ExtensionImage.json"), JSON.stringify({ ...image, type: `Sample${name}`, title: `Sample ${name}` }));
    const zip = join(packages, `Annex.Extensions.Sample${name}-1.0.0.zip`);
    if (capture(packer, [folder, join(packages, "application-health"), zip]) === null) throw new Error(`${zip} could not be packed`);
  }
  rmSync(folder, { recursive: true });
  rmSync(join(packages, "application-health"));
  return { lab: 0, packages };
}

/** Requests per second of an address, by wrk with 16 connections. */
async function load(url, cookie) {
  // not a blocking call: the portal's log is read by this process
  const wrk = spawn("wrk", ["-t1", "-c16", `-d${SECONDS}s`, "-H", `cookie: ${cookie}`, url], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const text of wrk.stdout.setEncoding("utf8")) said += text;
  const rate = Number(said.match(/Requests\/sec:\s+([\d.]+)/)?.[1]);
  if (!rate || /Non-2xx/.test(said)) throw new Error(`wrk: ${said}`);
  return rate;
}

/** Milliseconds to the first byte of 500 answers, one after the other. */
async function firstBytes(url, cookie) {
  const agent = new Agent({ keepAlive: true });
  const times = [];
  for (let number = 0; number < 500; number += 1) {
    times.push(
      await new Promise((resolve, reject) => {
        const begun = performance.now();
        const asked = request(url, { agent, headers: { cookie } }, (answer) => {
          const took = performance.now() - begun;
          answer.resume().on("end", () => resolve(took));
        });
        asked.on("error", reject).end();
      }),
    );
  }
  agent.destroy();
  return times;
}

async function compare(portal, client, path, cell) {
  const url = `${portal.url}${path}`;
  const answer = await fetch(url, { headers: { cookie: client.cookie } });
  const page = Buffer.from(await answer.arrayBuffer());
  const rows = page.toString().split(cell).length - 1;
  if (rows < ROWS) throw new Error(`${path} shows ${rows} rows`);
  const file = join(packages, "page.html");
  writeFileSync(file, page);
  const port = await freePort();
  const other = spawn(join(serverFolder(true), "static_answer"), [file, String(port)], { stdio: "inherit" });
  try {
    const fixed = `http://127.0.0.1:${port}/`;
    await fetch(fixed).catch(() => new Promise((resolve) => setTimeout(resolve, 300)));
    const rates = [];
    for (const address of [fixed, url, url, fixed]) rates.push(await load(address, client.cookie));
    const [page200, still] = [(rates[1] + rates[2]) / 2, (rates[0] + rates[3]) / 2];
    const times = await firstBytes(url, client.cookie);
    return [
      { name: `${path}, ${(page.length / 1024).toFixed(0)} KiB: ratio to a static answer`, value: Number((page200 / still).toFixed(3)), unit: "", least: 0.05 },
      { name: "  requests a second, 16 connections", value: Math.round(page200), unit: "/s" },
      { name: "  the static answer's", value: Math.round(still), unit: "/s" },
      { name: "  first byte, p50, one at a time", value: Number(percentile(times, 0.5).toFixed(2)), unit: "ms" },
      { name: "  first byte, p99", value: Number(percentile(times, 0.99).toFixed(2)), unit: "ms" },
    ];
  } finally {
    other.kill();
  }
}

export default async function ({ portal, eventually }) {
  await benchTools();
  const client = await Client.owner(portal, eventually);
  const fleet = await simulate(portal, client, ROWS);
  try {
    return [
      ...(await compare(portal, client, "/vms?rows=200", '<tr role="row"')),
      ...(await compare(portal, client, "/marketplace", 'href="/marketplace/Annex.Extensions/Sample')),
    ];
  } finally {
    fleet.end();
    rmSync(packages, { recursive: true });
  }
}

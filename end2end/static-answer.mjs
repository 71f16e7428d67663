// An answer of the portal against a static one of the same bytes from the same axum, in the same minute.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { serverFolder } from "../build/server.mjs";
import { freePort } from "../build/postgres.mjs";
import { percentile } from "./client.mjs";

const SECONDS = 10;

/** Requests per second of an address, by wrk with 16 connections. */
async function load(url, headers) {
  const flags = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const wrk = spawn("wrk", ["-t1", "-c16", `-d${SECONDS}s`, ...flags, url], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const text of wrk.stdout.setEncoding("utf8")) said += text;
  const rate = Number(said.match(/Requests\/sec:\s+([\d.]+)/)?.[1]);
  if (!rate || /Non-2xx/.test(said)) throw new Error(`wrk: ${said}`);
  return rate;
}

/** Milliseconds to the first byte of 500 answers, one after the other. */
async function firstBytes(url, headers) {
  const agent = new Agent({ keepAlive: true });
  const times = [];
  for (let number = 0; number < 500; number += 1) {
    times.push(
      await new Promise((resolve, reject) => {
        const begun = performance.now();
        const asked = request(url, { agent, headers }, (answer) => {
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

/** Rows for the report. `check` gets the answer as text and throws when it is not what is to be measured. */
export async function againstStatic({ name, url, headers, folder, least, check }) {
  const answer = await fetch(url, { headers });
  const body = Buffer.from(await answer.arrayBuffer());
  check(body.toString());
  const file = join(folder, "answer");
  writeFileSync(file, body);
  const port = await freePort();
  const other = spawn(join(serverFolder(true), "static_answer"), [file, String(port)], { stdio: "inherit" });
  try {
    const fixed = `http://127.0.0.1:${port}/`;
    await fetch(fixed).catch(() => new Promise((resolve) => setTimeout(resolve, 300)));
    const rates = [];
    for (const address of [fixed, url, url, fixed]) rates.push(await load(address, headers));
    const [measured, still] = [(rates[1] + rates[2]) / 2, (rates[0] + rates[3]) / 2];
    const times = await firstBytes(url, headers);
    return [
      { name: `${name}, ${(body.length / 1024).toFixed(body.length < 10_240 ? 1 : 0)} KiB: ratio to a static answer`, value: Number((measured / still).toFixed(3)), unit: "", least },
      { name: "  requests a second, 16 connections", value: Math.round(measured), unit: "/s" },
      { name: "  the static answer's", value: Math.round(still), unit: "/s" },
      { name: "  first byte, p50, one at a time", value: Number(percentile(times, 0.5).toFixed(2)), unit: "ms" },
      { name: "  first byte, p99", value: Number(percentile(times, 0.99).toFixed(2)), unit: "ms" },
    ];
  } finally {
    other.kill();
  }
}

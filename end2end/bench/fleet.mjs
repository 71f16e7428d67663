// 2,000 simulated machines on one portal: what they cost at rest, and how fast a change reaches one of them.

import { readFileSync } from "node:fs";
import { Client, percentile } from "../client.mjs";
import { simulate } from "../fleet.mjs";

export const title = "2,000 simulated machines on one server process";
export const portal = { lab: 0 };

const MACHINES = 2000;
const CHANGES = 400;
const REST_SECONDS = 60;

const now = () => performance.timeOrigin + performance.now();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU milliseconds and resident MiB of the server. */
function cost(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const resident = Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmRSS:\s+(\d+)/m)[1]) / 1024;
  return { cpu: (Number(fields[11]) + Number(fields[12])) * 10, resident };
}

export default async function ({ portal, eventually }) {
  const client = await Client.owner(portal, eventually);
  const empty = cost(portal.child.pid).resident;
  const arrivals = new Map(); // machine → [moments]
  const begun = now();
  const fleet = await simulate(portal, client, MACHINES, (machine, at) => arrivals.set(machine, [...(arrivals.get(machine) ?? []), at]));
  const enrolled = now() - begun;
  try {
    const ids = {};
    for (let page = 1; Object.keys(ids).length < MACHINES; page += 1) {
      const found = Object.entries(await client.machines(page));
      if (found.length === 0) throw new Error("the list of machines ends early");
      for (const [name, { id }] of found) ids[name] = id;
    }
    await sleep(5000);
    const before = cost(portal.child.pid);
    await sleep(REST_SECONDS * 1000);
    const after = cost(portal.child.pid);

    const reached = async (name, sent) =>
      eventually(`${name} hears of its change`, () => arrivals.get(name)?.find((at) => at > sent), 60).then((at) => at - sent);
    const delays = [];
    const waiting = [];
    for (let number = 0; number < CHANGES; number += 1) {
      const name = `sim-${(number * 37) % MACHINES}`;
      const sent = now();
      await client.runScript(ids[name], `echo ${number}`);
      waiting.push(reached(name, sent).then((delay) => delays.push(delay)));
      await sleep(20);
    }
    await Promise.all(waiting);

    // all at once: four operations of 500 machines each
    const names = Object.keys(ids);
    const burst = now();
    for (let from = 0; from < names.length; from += 500) {
      await client.runScript(names.slice(from, from + 500).map((name) => ids[name]), "echo all");
    }
    const all = await Promise.all(names.map((name) => reached(name, burst)));
    const row = (name, value, unit, most) => ({ name, value: Number(value.toFixed(1)), unit, most });
    return [
      row("enrolment of all", enrolled / 1000, "s"),
      row("at rest: CPU of one core", (after.cpu - before.cpu) / (REST_SECONDS * 10), "%"),
      row("at rest: resident", after.resident, "MiB"),
      row("  of it without machines", empty, "MiB"),
      row(`a change to reach its machine, p50 of ${CHANGES}`, percentile(delays, 0.5), "ms"),
      row("  p99", percentile(delays, 0.99), "ms"),
      row("one change on all 2,000: reached the last", Math.max(...all) / 1000, "s"),
      row("resident after that", cost(portal.child.pid).resident, "MiB"),
    ];
  } finally {
    fleet.end();
  }
}

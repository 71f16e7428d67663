// The agent's size on disk and in memory.

import { readFileSync, statSync } from "node:fs";
import { agentBinary } from "../../build/packages.mjs";
import { agentsOf } from "../person.mjs";

export const title = "annex-agent: size and idle memory";
export const portal = { lab: 3 };

const MIB = 1024 * 1024;
const round = (value) => Number(value.toFixed(2));

/** Resident KiB of a process, or null when it ended. */
function resident(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB/m)?.[1]);
  } catch {
    return null;
  }
}

export default async function ({ portal, eventually }) {
  const agents = await eventually("three agents run", () => {
    const found = agentsOf(portal);
    return found.length === 3 && found;
  });
  // idle: enrolled, one poll held; memory is read until it has not grown for three seconds
  let last = 0;
  let since = Date.now();
  const largest = await eventually("memory settles", () => {
    const now = Math.max(...agents.map(resident));
    if (now > last) [last, since] = [now, Date.now()];
    return Date.now() - since > 3000 && now;
  });
  return [
    { name: "binary", value: round(statSync(agentBinary).size / MIB), unit: "MiB", most: 6 },
    { name: "resident, idle, largest of three", value: round(largest / 1024), unit: "MiB", most: 12 },
  ];
}

// From the click to the script's first instruction on a lab machine.
//
// The click is the moment before the request leaves; the first instruction is what the script itself reads from the clock, so
// the figure holds the shell's start as well. Both clocks are this host's.

import { Client, percentile } from "../client.mjs";

export const title = "Click to the handler's first instruction (200 runs)";
export const portal = { lab: 1 };

const RUNS = 200;
const INSTALLS = 10;

export default async function ({ portal, eventually }) {
  const client = await Client.owner(portal, eventually);
  const id = await client.readyMachine(eventually);

  const finished = (operation) =>
    eventually("the run ends", async () => {
      const { summary } = await client.get(`/api/operations/get?id=${operation}`);
      if (summary.state === "Failed") throw new Error("the run failed");
      return summary.state === "Succeeded";
    });
  const measure = async (number) => {
    const clicked = performance.timeOrigin + performance.now();
    const operation = await client.runScript(id, `date +%s%N; : ${number}`);
    const accepted = performance.timeOrigin + performance.now();
    await finished(operation);
    const [printed] = await client.lines(operation, id);
    return { click: Number(printed) / 1e6 - clicked, accepted: Number(printed) / 1e6 - accepted };
  };

  const installs = [];
  for (let number = 0; number < INSTALLS; number += 1) {
    installs.push(await measure(`install ${number}`));
    await finished(await client.post("/api/extensions/remove", { vm: id, name: "CustomScript" }));
  }
  await measure("first");
  const runs = [];
  for (let number = 0; number < RUNS; number += 1) runs.push(await measure(number));

  const row = (name, numbers, share, most) => ({ name, value: Number(percentile(numbers, share).toFixed(1)), unit: "ms", most });
  const clicks = runs.map((run) => run.click);
  return [
    row("new settings, p50", clicks, 0.5, 60),
    row("new settings, p95", clicks, 0.95, 150),
    row("  from the accepting answer, p50", runs.map((run) => run.accepted), 0.5),
    row(`first installation (download, verify, install), p50 of ${INSTALLS}`, installs.map((run) => run.click), 0.5),
  ];
}

// Click to pick-up, to the handler's first instruction and to Succeeded, for the Azure Linux Agent and the native agent side by side.
//
// The machines are those of the tests with real agents (server/tests/it/real_agents); the programs are the release ones. The
// handler does nothing, so what is measured is the way there and back. waagent itself takes 2 s for each command.

import { spawn } from "node:child_process";
import { root } from "../../build/steps.mjs";
import { agentBinary } from "../../build/packages.mjs";
import { serverBinary } from "../../build/server.mjs";
import { nextest } from "../../build/tools.mjs";
import { waagentPackages } from "../../build/waagent.mjs";

export const title = "Click to handler and back, each agent (20 runs)";
export const portal = null;

const PROMISED = { "waagent 2.16 as enrolled": { pickedUp: 50, succeeded: 6000 }, "waagent 2.7.3 as enrolled": { pickedUp: 50, succeeded: 6000 } };

export default async function () {
  const env = {
    ...process.env,
    ANNEX_TEST_WAAGENT: await waagentPackages(),
    ANNEX_TEST_PROGRAM: serverBinary(true),
    ANNEX_TEST_AGENT: agentBinary,
  };
  const filter = "test(real_agents::measure::)";
  const args = ["nextest", "run", "-p", "server", "--test", "it", "--run-ignored", "only", "--no-capture", "-E", filter];
  const child = spawn(await nextest(), args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`the measurement ended with ${code}\n${said}`);
  const found = [...said.matchAll(/^\s*MEASURED (.*)$/gm)].map(([, line]) => JSON.parse(line));
  const idle = found.filter(({ what }) => what === "idle").flatMap(({ agent, requestsPerMinute, residentKiB }) => [
    { name: `${agent}: requests to the server, idle`, value: requestsPerMinute, unit: "a minute" },
    { name: `${agent}: annex-agent resident`, value: Math.round(residentKiB / 102.4) / 10, unit: "MiB", most: 12 },
  ]);
  return idle.concat(found.filter(({ what }) => what !== "idle").flatMap(({ agent, what, p50, p95 }) => [
    { name: `${agent}: ${what}, p50`, value: p50, unit: "ms", most: PROMISED[agent]?.[what] },
    { name: `${agent}: ${what}, p95`, value: p95, unit: "ms" },
  ]));
}

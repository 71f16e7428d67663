// What the bench sets against the portal: end2end/tools.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { run } from "../build/steps.mjs";
import { serverFolder, serverProfile } from "../build/server.mjs";

/** Builds the programs `fleet` and `static_answer` next to the server. */
export const benchTools = () => run("cargo", ["build", "-q", ...serverProfile(true), "-p", "bench-tools"]);

/** Enrols `count` simulated machines called sim-0, sim-1, …; `seen(machine, at)` hears of each goal state that arrives. */
export async function simulate(portal, client, count, seen = () => {}) {
  await benchTools();
  const tokens = [];
  const offer = async () => {
    while (tokens.length < count) {
      const place = tokens.push(null) - 1;
      tokens[place] = (await client.post("/api/enrolment/offer", { name: "", minutes: 60 })).token;
    }
  };
  await Promise.all(Array.from({ length: 8 }, offer));
  const file = join(portal.folder, "tokens");
  writeFileSync(file, tokens.join("\n"), { mode: 0o600 });

  const child = spawn(join(serverFolder(true), "fleet"), [portal.url, file], { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the simulated machines ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line);
      if (event.ready) resolve();
      else seen(event.machine, event.at);
    });
  });
  return { child, end: () => child.kill() };
}

// The server dies in the middle of a run, and so does an agent: nothing is lost, and the portal says what it knows.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { agentOf, becomeOwner, ended, readyMachines, visit } from "../person.mjs";

export const portal = { lab: 1 };

let machines;

async function start(page, command) {
  await visit(page, `/install/Annex.Extensions/CustomScript?targets=${machines["lab-1"].split("/").pop()}`);
  await page.locator("[name='form[settings][commandToExecute]']").fill(command);
  await page.getByRole("button", { name: /^Install/ }).click();
  await page.waitForURL(/\/operations\//);
}

export default [
  ["the owner signs in", becomeOwner],
  [
    "the lab machine gets ready",
    async (context) => {
      machines = await readyMachines(context, 1);
    },
  ],
  [
    "kill -9 of the server in the middle of a run: the run ends by itself, every line once",
    async ({ portal, page }) => {
      page.forgive(/ERR_|Failed to load resource|net::|live/);
      await start(page, "for i in 1 2 3 4 5 6 7 8 9 10; do echo beat $i; sleep 0.5; done");
      await page.getByText("beat 2", { exact: true }).first().waitFor();
      const address = page.url();
      await portal.kill();
      await portal.launch();
      // the page that was open all the time goes on by itself
      assert.equal(await ended(page), "Succeeded");
      assert.equal(page.url(), address);
      await visit(page, address);
      for (let i = 1; i <= 10; i += 1) {
        const lines = await page.locator("main").getByText(`beat ${i}`, { exact: true }).count();
        assert.equal(lines, 1, `beat ${i} stands ${lines} times in the log`);
      }
    },
  ],
  [
    "a killed agent is told within 15 s, and that it is back",
    async ({ portal, page, eventually }) => {
      const pid = Number(await eventually("the agent's process is found", () => agentOf(portal)));
      await visit(page, machines["lab-1"]);
      // the machine's first process starts a dead agent again after 3 s, so it has to wait
      const init = Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/^PPid:\s*(\d+)/m)[1]);
      process.kill(init, "SIGSTOP");
      process.kill(pid, "SIGKILL");
      await page.getByText(/Not responding/i).first().waitFor({ timeout: 15_000 });
      process.kill(init, "SIGCONT");
      await page.getByText(/Agent: ready/i).first().waitFor({ timeout: 30_000 });
    },
  ],
];

// Machines in trouble: off while much happened, stopped in the middle, and texts that want to be markup.

import assert from "node:assert/strict";
import { agentOf, becomeOwner, call, customScript, ended, follow, readyMachines, visit } from "../person.mjs";

export const portal = { lab: 2 };

let machines;
const id = (name) => machines[name].split("/").pop();
const change = async (page, form) => {
  const answer = await call(page, "/api/extensions/put", form);
  assert.equal(answer.status(), 200, await answer.text());
  return `/operations/${await answer.json()}`;
};

export default [
  ["the owner signs in", becomeOwner],
  [
    "two lab machines get ready",
    async (context) => {
      machines = await readyMachines(context, 2);
    },
  ],
  [
    "a machine that was off takes the newest wish only, and what came before says that it was replaced",
    async ({ page }) => {
      const vm = id("lab-1");
      const health = { "form[targets][0]": vm, "form[name]": "ApplicationHealth", "form[publisher]": "Annex.Extensions", "form[extension_type]": "ApplicationHealth", "form[settings][protocol]": "tcp", "form[settings][port]": "9" };
      await visit(page, await change(page, health));
      await ended(page);
      assert.equal(await follow(page, async () => {
        await visit(page, machines["lab-1"]);
        await page.getByRole("link", { name: "Stop…" }).click();
        await page.locator("dialog[open]").getByRole("button", { name: "Stop now" }).click();
      }), "Succeeded");
      const replaced = [await change(page, customScript(vm, "echo number 0", "1.0.0"))];
      for (let n = 1; n <= 5; n += 1) replaced.push(await change(page, customScript(vm, `echo number ${n}`, "1.0.0")));
      const update = await call(page, "/api/extensions/change-version", { vm, name: "CustomScript", version: "1.1.0", etag: "" });
      assert.equal(update.status(), 200, await update.text());
      const removal = await call(page, "/api/extensions/remove", { vm, name: "ApplicationHealth" });
      assert.equal(removal.status(), 200, await removal.text());
      assert.equal(await follow(page, async () => {
        await visit(page, machines["lab-1"]);
        await page.getByRole("button", { name: "Start" }).click();
      }), "Succeeded");
      await visit(page, `/operations/${await update.json()}`);
      assert.equal(await ended(page), "Succeeded");
      await page.getByText("number 5", { exact: true }).first().waitFor();
      const output = await (await page.request.get(`${page.url()}/output/${vm}.txt`)).text();
      assert.deepEqual(output.match(/number \d/g), ["number 5"], "it ran once, with the newest settings");
      await visit(page, `/operations/${await removal.json()}`);
      assert.equal(await ended(page), "Succeeded");
      for (const operation of replaced) {
        await visit(page, operation);
        assert.equal(await ended(page), "Replaced", operation);
        await page.getByText(/Replaced by a newer change/).first().waitFor();
      }
    },
  ],
  [
    "a stopped agent is told within 15 s although its connection stays, and that it is back",
    async ({ portal, page, eventually }) => {
      const pid = Number(await eventually("the agent's process is found", () => agentOf(portal)));
      await visit(page, "/vms");
      process.kill(pid, "SIGSTOP");
      try {
        await page.locator("main :not(option)").getByText(/^Not responding/).first().waitFor({ timeout: 15_000 });
      } finally {
        process.kill(pid, "SIGCONT");
      }
      await eventually("both are ready again", async () => {
        await page.goto("/vms?health=ready");
        return (await page.locator("main a[href^='/vms/0']").count()) >= 2;
      });
    },
  ],
  [
    "texts in other scripts, with quotes and markup, are shown as they are",
    async ({ page, axe }) => {
      const nasty = [`<img src=x onerror="alert(1)">`, `"quoted" & 'single'`, "日本語 العربية ‮ emoji 🙂", "</script><script>alert(2)</script>"];
      page.on("dialog", (dialog) => page.problems.push(`a dialog opened: ${dialog.message()}`));
      const vm = id("lab-2");
      const tags = await call(page, "/api/vms/tags", { id: vm, tags: `owner=${nasty[0]}\nnote=${nasty[2]}` });
      assert.ok([200, 422].includes(tags.status()), await tags.text());
      const operation = await change(page, customScript(vm, `cat <<'END'\n${nasty.join("\n")}\nEND`));
      await visit(page, operation);
      assert.equal(await ended(page), "Succeeded");
      for (const text of nasty) await page.getByText(text, { exact: true }).first().waitFor();
      for (const path of [operation, `/vms/${vm}`, `/vms/${vm}/extensions/CustomScript`, `/vms/${vm}/extensions/CustomScript/settings`, `/vms?q=${encodeURIComponent(nasty[0])}`, `/activity?q=${encodeURIComponent(nasty[3])}`]) {
        await visit(page, path);
        assert.equal(await page.locator("main img").count(), 0, path);
        assert.deepEqual(await axe(page), [], path);
      }
    },
  ],
];

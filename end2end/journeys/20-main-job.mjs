// The main job: install, watch lines arrive, fail, change, update, roll back, run again, remove.

import assert from "node:assert/strict";
import { alive, becomeOwner, ended, follow, readyMachines, visit } from "../person.mjs";

export const portal = { lab: 2 };

let machines;
const extension = () => `${machines["lab-1"]}/extensions/CustomScript`;

export default [
  ["the owner signs in", becomeOwner],
  [
    "two lab machines get ready",
    async (context) => {
      machines = await readyMachines(context, 2);
    },
  ],
  [
    "the marketplace offers Custom Script and finds it",
    async ({ page }) => {
      await visit(page, "/marketplace?q=script");
      await page.getByRole("link", { name: "Custom Script" }).first().click();
      await page.waitForURL(/\/marketplace\/Annex\.Extensions\/CustomScript/);
    },
  ],
  [
    "lines arrive while the script runs, then it has succeeded with exit code 0",
    async ({ page }) => {
      await visit(page, `/install/Annex.Extensions/CustomScript?version=1.0.0&targets=${machines["lab-1"].split("/").pop()}`);
      await page.locator("[name='form[settings][commandToExecute]']").fill("i=0; while [ $i -lt 15 ]; do i=$((i+1)); echo tick $i; echo warn $i >&2; sleep 1; done; hostname");
      await page.getByRole("button", { name: /^Install/ }).click();
      await page.waitForURL(/\/operations\//);
      await page.getByText("tick 2", { exact: true }).first().waitFor();
      assert.equal(await page.getByText("tick 15", { exact: true }).count(), 0, "the second line is there before the last was printed");
      assert.equal(await ended(page), "Succeeded");
      for (const text of ["tick 15", "warn 15", "lab-1"]) await page.getByText(text, { exact: true }).first().waitFor();
      await page.getByText(/Downloaded/).first().waitFor();
    },
  ],
  [
    "a setting that breaks the schema is refused under its field",
    async ({ page }) => {
      page.forgive(/status of 422|answer 422/);
      await visit(page, `${extension()}/settings`);
      await page.locator("[name='form[settings][commandToExecute]']").fill("");
      await page.getByRole("button", { name: "Save and run" }).click();
      await page.getByText(/Give commandToExecute/).first().waitFor();
    },
  ],
  [
    "a script that exits 3 has failed, with its exit code and both streams",
    async ({ page }) => {
      await visit(page, `${extension()}/settings`);
      await page.locator("[name='form[settings][commandToExecute]']").fill("echo before; echo broken >&2; exit 3");
      assert.equal(await follow(page, () => page.getByRole("button", { name: "Save and run" }).click()), "Failed");
      await page.getByText(/exit code\s*3/i).first().waitFor();
      await page.getByText("broken", { exact: true }).first().waitFor();
    },
  ],
  [
    "it is updated to 1.1.0",
    async ({ page }) => {
      await visit(page, extension());
      await page.getByRole("link", { name: "Update to 1.1.0" }).first().click();
      const press = () => page.locator("dialog[open]").getByRole("button", { name: "Update to 1.1.0" }).click();
      assert.equal(await follow(page, press), "Succeeded");
    },
  ],
  [
    "it is rolled back to its first revision, and runs again",
    async ({ page }) => {
      await visit(page, extension());
      await page.locator("a[href='?confirm=roll-back-1']").click();
      const press = () => page.locator("dialog[open]").getByRole("button", { name: /Roll back to revision 1/ }).click();
      assert.equal(await follow(page, press), "Succeeded");
      await page.getByText("tick 15", { exact: true }).first().waitFor();
      await visit(page, extension());
      assert.equal(await follow(page, () => page.getByRole("button", { name: "Run again" }).click()), "Succeeded");
    },
  ],
  [
    "every change is a line in the activity log",
    async ({ page }) => {
      await visit(page, "/activity");
      for (const text of [/installed Custom Script 1\.0\.0/i, /changed settings of Custom Script/i, /moved to Custom Script 1\.1\.0/i, /rolled back to Custom Script/i, /ran Custom Script again/i]) {
        await page.getByText(text).first().waitFor();
      }
    },
  ],
  [
    "it is removed",
    async ({ page }) => {
      await visit(page, extension());
      await page.getByRole("link", { name: "Remove…" }).click();
      const press = () => page.locator("dialog[open]").getByRole("button", { name: "Remove Custom Script" }).click();
      assert.equal(await follow(page, press), "Succeeded");
      await visit(page, machines["lab-1"]);
      assert.equal(await page.locator(`a[href='${extension()}']`).count(), 0);
    },
  ],
  [
    "axe finds nothing on any page, in light and dark",
    async ({ page, axe }) => {
      const findings = [];
      for (const theme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme: theme });
        for (const path of ["/", "/vms", machines["lab-2"], "/vms/new", "/marketplace", "/marketplace/Annex.Extensions/CustomScript", "/install/Annex.Extensions/CustomScript", "/operations", "/activity", "/account", "/access"]) {
          await visit(page, path);
          findings.push(...(await axe(page)).map((finding) => `${theme} ${path}: ${finding}`));
        }
      }
      assert.deepEqual(findings, []);
      await alive(page);
    },
  ],
];

// Two people change the same extension: the slower one loses nothing, with scripts and without.

import assert from "node:assert/strict";
import { alive, becomeOwner, call, customScript, ended, follow, readyMachines, visit } from "../person.mjs";

export const portal = { lab: 1 };

let machine;
const id = () => machine.split("/").pop();
const settings = () => `${machine}/extensions/CustomScript/settings`;
const command = "[name='form[settings][commandToExecute]']";
const save = (page) => page.getByRole("button", { name: "Save and run" });

/** The same person in another window; cookies are shared. */
const window = async ({ browser, newPage, page, portal }, options = {}) =>
  newPage(browser, { url: portal.url, storageState: await page.context().storageState(), ...options });

/** Another window whose browser runs no scripts. */
async function withoutScripts(context) {
  const plain = await window(context, { javaScriptEnabled: false });
  plain.forgive(/\/pkg\//); // the browser's own remarks about scripts that it was told not to run
  return plain;
}

export default [
  ["the owner signs in", becomeOwner],
  [
    "a script ran on a lab machine",
    async (context) => {
      machine = (await readyMachines(context, 1))["lab-1"];
      const answer = await call(context.page, "/api/extensions/put", customScript(id(), "echo first"));
      await visit(context.page, `/operations/${await answer.json()}`);
      assert.equal(await ended(context.page), "Succeeded");
    },
  ],
  [
    "what somebody else changes closes no question and takes back no choice",
    async (context) => {
      const { page } = context;
      await visit(page, machine);
      await page.getByRole("link", { name: "Stop…" }).click();
      assert.equal((await call(page, "/api/vms/tags", { id: id(), tags: "env=prod" })).status(), 200);
      await page.getByText("env=prod").first().waitFor({ state: "attached" });
      await page.locator("dialog[open]").getByRole("button", { name: "Leave it on" }).click();
      assert.equal(await page.locator("dialog[open]").count(), 0);

      await visit(page, "/access");
      await page.locator("#account-role").selectOption("Contributor");
      const mine = page.locator("li", { hasText: "ana" }).locator("select[name=enabled]");
      await mine.selectOption("false");
      const account = { name: "Aaron", role: "Reader", password: "first password of Aaron" };
      assert.equal((await call(page, "/api/accounts/create", account)).status(), 200);
      await page.locator("li", { hasText: "Aaron" }).waitFor();
      assert.equal(await page.locator("#account-role").inputValue(), "Contributor");
      const theirs = page.locator("li", { hasText: "Aaron" }).locator("select[name=enabled]");
      assert.equal(await theirs.inputValue(), "true", "a choice does not move into another account's row");
    },
  ],
  [
    "with scripts: the second one sees both texts, chooses, and saves",
    async (context) => {
      const { page } = context;
      const other = await window(context);
      await visit(page, settings());
      await visit(other, settings());
      await other.locator(command).fill("echo theirs");
      assert.equal(await follow(other, () => save(other).click()), "Succeeded");
      page.forgive(/status of 412|answer 412/);
      await page.locator(command).fill("echo mine");
      await save(page).click();
      await page.getByText("echo theirs", { exact: true }).waitFor();
      assert.equal(await page.locator(command).inputValue(), "echo mine", "what was typed stays");
      assert.equal(await follow(page, () => page.getByRole("button", { name: "Save merged" }).click()), "Succeeded");
      await page.getByText("mine", { exact: true }).first().waitFor();
      await other.context().close();
    },
  ],
  [
    "without scripts: the page comes back with both texts, and saving again goes on",
    async (context) => {
      const plain = await withoutScripts(context);
      plain.forgive(/answer 412|status of 412/);
      await plain.goto(settings());
      const answer = await call(context.page, "/api/extensions/put", customScript(id(), "echo faster"));
      await visit(context.page, `/operations/${await answer.json()}`);
      assert.equal(await ended(context.page), "Succeeded");
      await plain.locator(command).fill("echo slower");
      await save(plain).click();
      await plain.getByText("Saved by somebody else meanwhile").waitFor();
      assert.equal(new URL(plain.url()).pathname, settings());
      await plain.getByText("echo faster", { exact: true }).waitFor();
      assert.equal(await plain.locator(command).inputValue(), "echo slower");
      await save(plain).click();
      await plain.waitForURL(/\/operations\//);
      await visit(context.page, new URL(plain.url()).pathname);
      assert.equal(await ended(context.page), "Succeeded");
      await context.page.getByText("slower", { exact: true }).first().waitFor();
      assert.deepEqual(plain.problems, []);
      await plain.context().close();
    },
  ],
  [
    "without scripts: a refused form keeps what was typed, twice, and no secret",
    async (context) => {
      const plain = await withoutScripts(context);
      plain.forgive(/answer 422|status of 422/);
      await plain.goto("/access");
      for (const name of ["not a name", "nor this one"]) {
        await plain.locator("#account-name").fill(name);
        await plain.locator("#account-role").selectOption("Owner");
        await plain.locator("#account-password").fill("long enough canary");
        await plain.locator("#create-account").click();
        await plain.getByText(/1 to 64 letters/).waitFor();
        assert.equal(await plain.locator("#account-name").inputValue(), name);
        assert.equal(await plain.locator("#account-role").inputValue(), "Owner");
        assert.equal(await plain.locator("#account-password").inputValue(), "");
        assert.equal(new URL(plain.url()).pathname, "/access");
      }
      assert.ok(!(await plain.content()).includes("canary"));
      await plain.context().close();
    },
  ],
  [
    "a form that is sent before the page is alive comes alive with what was typed",
    async (context) => {
      const early = await window(context);
      early.forgive(/answer 422|status of 422/);
      let held = [];
      await early.route(/\.wasm$/, (route) => held.push(route));
      await early.goto("/access", { waitUntil: "commit" });
      await early.locator("#account-name").fill("not a name");
      await early.locator("#account-password").fill("long enough canary");
      await early.locator("#create-account").click();
      await early.getByText(/1 to 64 letters/).waitFor();
      await early.unroute(/\.wasm$/);
      await Promise.all(held.map((route) => route.continue().catch(() => {})));
      await alive(early);
      assert.equal(await early.locator("#account-name").inputValue(), "not a name");
      await early.getByText(/1 to 64 letters/).waitFor();
      assert.deepEqual(early.problems, []);
      await early.context().close();
    },
  ],
];

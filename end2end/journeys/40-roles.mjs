// What a Reader and a Contributor see: every page, no dead button, no refused request, and a reason where something is off.

import assert from "node:assert/strict";
import { another, becomeOwner, call, customScript, ended, readyMachines, visit } from "../person.mjs";

export const portal = { lab: 1 };

let machine;
let operation;
const id = () => machine.split("/").pop();
const pages = () => [
  "/", "/vms", ...["", "annex-agent", "foreground", "lab", "image", "no-agent"].map((mode) => `/vms/new?mode=${mode}`),
  machine, `${machine}/extensions`, `${machine}/activity`, `${machine}/agent`, `${machine}/json`,
  `${machine}/extensions/CustomScript`, `${machine}/extensions/CustomScript/settings`, "/marketplace",
  "/marketplace/Annex.Extensions/CustomScript", `/install/Annex.Extensions/CustomScript?targets=${id()}`,
  "/operations", operation, "/activity", "/account", "/access",
];

/** Server functions that change something, by the least role that may call them. */
const CHANGES = {
  Reader: ["/api/account/password"],
  Operator: ["/api/extensions/put", "/api/extensions/run-again", "/api/extensions/change-version", "/api/extensions/roll-back", "/api/extensions/remove", "/api/operations/cancel", "/api/operations/retry"],
  Contributor: ["/api/vms/power", "/api/vms/tags", "/api/vms/delete", "/api/vms/register", "/api/vms/allow-extensions", "/api/vms/agent-present", "/api/enrolment/offer", "/api/image-tokens/create", "/api/image-tokens/revoke", "/api/lab/create", "/api/lab/network"],
};

/** What is wrong with the controls of a page for somebody who may only post to `allowed`. */
const controls = (page, allowed) =>
  page.evaluate((allowed) => {
    const found = [];
    const shown = (element) => element.checkVisibility();
    for (const form of document.querySelectorAll("form[action^='/api/']")) {
      const able = [...form.querySelectorAll("button, input[type=submit]")].filter((b) => b.type === "submit" && b.getAttribute("aria-disabled") !== "true" && shown(b));
      if (able.length > 0 && !allowed.includes(form.getAttribute("action"))) found.push(`may press "${able[0].innerText}" for ${form.getAttribute("action")}`);
    }
    for (const control of document.querySelectorAll("[aria-disabled=true], button:disabled")) {
      const text = (control.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.innerText.trim() ?? "").join("");
      if (shown(control) && text === "") found.push(`"${control.innerText}" is off and does not say why`);
    }
    return found;
  }, allowed);

async function everyPage(theirs, allowed, axe) {
  const findings = [];
  for (const path of pages()) {
    await visit(theirs, path);
    await theirs.waitForLoadState("networkidle", { timeout: 3000 }).catch(() => {}); // the event stream stays open
    await theirs.waitForTimeout(600); // forms ask the server a moment after they come alive
    findings.push(...theirs.problems.splice(0).map((problem) => `${path}: ${problem}`));
    findings.push(...(await controls(theirs, allowed)).map((problem) => `${path}: ${problem}`));
    findings.push(...(await axe(theirs)).map((finding) => `${path}: ${finding}`));
  }
  assert.deepEqual(findings, []);
}

export default [
  ["the owner signs in", becomeOwner],
  [
    "a script ran on a lab machine",
    async (context) => {
      machine = (await readyMachines(context, 1))["lab-1"];
      const answer = await call(context.page, "/api/extensions/put", customScript(id(), "echo hello", "1.0.0"));
      assert.equal(answer.status(), 200, await answer.text());
      operation = `/operations/${await answer.json()}`;
      await visit(context.page, operation);
      assert.equal(await ended(context.page), "Succeeded");
    },
  ],
  [
    "a Reader reads everything and presses nothing that is refused",
    async (context) => {
      const rita = await another(context, "rita", "Reader");
      await everyPage(rita, CHANGES.Reader, context.axe);
      await visit(rita, `/install/Annex.Extensions/CustomScript?targets=${id()}`);
      await rita.locator("#install-button[aria-disabled=true]").waitFor();
      await rita.locator("[name='form[settings][commandToExecute]']").fill("id");
      await rita.waitForTimeout(800);
      assert.deepEqual(rita.problems, []);
      for (const path of [...CHANGES.Operator, ...CHANGES.Contributor, "/api/accounts/create", "/api/lab/accept-risk"]) {
        assert.equal((await call(rita, path, { vm: id(), id: id() })).status(), 403, path);
      }
      await rita.context().close();
    },
  ],
  [
    "an Extension Operator changes extensions, and nothing else",
    async (context) => {
      const olga = await another(context, "olga", "Virtual Machine Extension Operator");
      await everyPage(olga, [...CHANGES.Reader, ...CHANGES.Operator], context.axe);
      await visit(olga, `${machine}/extensions/CustomScript`);
      await olga.getByRole("button", { name: "Run again" }).click();
      await olga.waitForURL(/\/operations\//);
      assert.equal(await ended(olga), "Succeeded");
      for (const path of [...CHANGES.Contributor, "/api/accounts/create", "/api/lab/accept-risk"]) {
        assert.equal((await call(olga, path, { vm: id(), id: id(), name: "x" })).status(), 403, path);
      }
      await olga.context().close();
    },
  ],
  [
    "a Contributor changes extensions and machines, and manages no access",
    async (context) => {
      const carl = await another(context, "carl", "Contributor");
      await everyPage(carl, [...CHANGES.Reader, ...CHANGES.Operator, ...CHANGES.Contributor], context.axe);
      await visit(carl, `${machine}/extensions/CustomScript`);
      await carl.getByRole("button", { name: "Run again" }).click();
      await carl.waitForURL(/\/operations\//);
      assert.equal(await ended(carl), "Succeeded");
      for (const path of ["/api/accounts/create", "/api/lab/accept-risk"]) {
        assert.equal((await call(carl, path, { name: "eve", role: "Owner", password: "long enough 1", accepted: "true" })).status(), 403, path);
      }
      assert.deepEqual(carl.problems, []);
      await carl.context().close();
    },
  ],
];

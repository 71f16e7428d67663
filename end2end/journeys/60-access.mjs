// Programs that sign in: a service principal, its secrets, its roles, from the page that makes it to the token that it gets.

import assert from "node:assert/strict";
import { request } from "node:https";
import { another, becomeOwner, call, visit } from "../person.mjs";

export const portal = { lab: 0 };

let shown;
let authority;
const field = (name) => new RegExp(`^az login .* ${name} (\\S+)`, "m").exec(shown.lines)[1];

/** What is on the page about the secret that was just made. */
async function secretOn(page) {
  const box = page.locator("#secret-shown");
  await box.waitFor();
  return { lines: await box.locator("pre").innerText(), text: await box.innerText() };
}

/** Asks for a token as a client does: over TLS, trusting the portal's own authority. */
function token(lines, secret) {
  const api = new URL(/--endpoint-resource-manager (\S+)/.exec(lines)[1]);
  const app = /-u (\S+)/.exec(lines)[1];
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id: app, client_secret: secret, scope: `${api.origin}/.default` }).toString();
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": body.length };
    const sent = request({ host: api.hostname, port: api.port, path: "/adfs/oauth2/token", method: "POST", ca: authority, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => resolve({ status: answer.statusCode, ...JSON.parse(text) }));
    });
    sent.on("error", reject).end(body);
  });
}

/** Presses what asks first, then what does it. */
async function confirmed(page, row, ask, deed) {
  await row.getByRole("link", { name: ask, exact: true }).first().click();
  await page.locator("dialog[open]").getByRole("button", { name: deed }).click();
}

const row = (page) => page.locator("section[aria-labelledby=programs-title] li", { hasText: "App id" });

/** Nothing is wider than a telephone, and axe finds nothing, in light and in dark. */
async function looks(page, axe) {
  const findings = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    findings.push(...(await axe(page)).map((finding) => `${colorScheme}: ${finding}`));
  }
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) findings.push(`${wide} px too wide at 360 px`);
  findings.push(...(await axe(page)).map((finding) => `360 px: ${finding}`));
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: null });
  assert.deepEqual(findings, []);
}

export default [
  ["the owner signs in", becomeOwner],
  [
    "without programs the page says what they are for",
    async ({ page, axe }) => {
      await visit(page, "/access");
      await page.getByText("No service principals").waitFor();
      await page.getByText("No role assignments").waitFor();
      await looks(page, axe);
    },
  ],
  [
    "a service principal is made, and its secret is shown once with the lines that use it",
    async ({ page, axe }) => {
      await page.locator("#program-name").fill("ci");
      await page.locator("#program-role").selectOption("Reader");
      await page.locator("#create-program").click();
      shown = await secretOn(page);
      for (const line of ["az cloud register -n annex --endpoint-resource-manager https://", "az cloud set -n annex", "az login --service-principal -u ", "REQUESTS_CA_BUNDLE"]) {
        assert.ok(shown.lines.includes(line), `${line} in\n${shown.lines}`);
      }
      assert.match(field("-u"), /^[0-9a-f-]{36}$/);
      assert.match(field("--tenant"), /^[0-9a-f-]{36}$/);
      await page.getByText("Reader, Everything").waitFor();
      await looks(page, axe);
      const pem = await page.request.get("/ca.pem");
      authority = await pem.text();
      assert.match(authority, /^-----BEGIN CERTIFICATE-----/);
    },
  ],
  [
    "the secret gets a token, and a reload forgets it",
    async ({ page }) => {
      const got = await token(shown.lines, field("-p"));
      assert.equal(got.status, 200, JSON.stringify(got));
      assert.equal(got.token_type, "Bearer");
      const wrong = await token(shown.lines, "wrong");
      assert.deepEqual([wrong.status, wrong.error], [401, "invalid_client"]);
      await row(page).getByText(/^Signed in/).waitFor();
      await visit(page, "/access");
      assert.equal(await page.locator("#secret-shown").count(), 0);
      assert.ok(!(await page.content()).includes(field("-p")), "nobody reads it again");
      await visit(page, "/activity");
      await page.getByText("tried to sign in as a program").first().waitFor();
    },
  ],
  [
    "a second secret takes over, and the first is removed",
    async ({ page }) => {
      await visit(page, "/access");
      await row(page).getByRole("button", { name: /^Add a secret/ }).click();
      const second = await secretOn(page);
      const newer = /-p (\S+)/.exec(second.lines)[1];
      assert.notEqual(newer, field("-p"));
      await row(page).getByText("has 2 secrets, and that is the limit").waitFor();
      const first = row(page).locator("ul li", { hasText: `Secret ${field("-p").slice(0, 3)}…` }).first();
      await confirmed(page, first, "Remove…", "Remove the secret");
      await row(page).getByText("has 2 secrets").waitFor({ state: "detached" });
      assert.equal((await token(second.lines, field("-p"))).status, 401);
      assert.equal((await token(second.lines, newer)).status, 200);
      shown = second;
    },
  ],
  [
    "a role on one machine is given by its name, and taken back",
    async ({ page }) => {
      page.forgive(/status of 422|answer 422/);
      const made = await call(page, "/api/vms/register", { name: "web" });
      assert.ok(made.status() < 400, await made.text());
      await visit(page, "/access");
      await page.locator("#assign-principal").selectOption({ label: "ci" });
      await page.locator("#assign-role").selectOption("Virtual Machine Extension Operator");
      await page.locator("#assign-place").selectOption("machine");
      await page.locator("#assign-place-name").fill("nowhere");
      await page.locator("#assign").click();
      await page.getByText("There is no machine nowhere.").waitFor();
      await page.locator("#assign-place-name").fill("web");
      await page.locator("#assign").click();
      const given = page.locator("section[aria-labelledby=assignments-title] li", { hasText: "Machine web" });
      await given.getByText("Virtual Machine Extension Operator, Machine web").waitFor();
      await given.getByRole("button", { name: "Take it from ci" }).click();
      await given.waitFor({ state: "detached" });
    },
  ],
  [
    "a question and a choice that nobody has sent stay where they are while the page is told what others did",
    async ({ page }) => {
      await visit(page, "/access");
      await page.locator("#assign-role").selectOption("Contributor");
      await row(page).getByRole("link", { name: "Delete…", exact: true }).click();
      const question = page.locator("dialog[open]");
      await question.getByText("Delete ci?").waitFor();
      // its own row changes, the list gets a row, and a list beside it does
      const before = await row(page).getByText(/^Signed in/).locator("time").getAttribute("datetime");
      assert.equal((await token(shown.lines, field("-p"))).status, 200);
      await page.waitForFunction((before) => document.querySelector("section[aria-labelledby=programs-title] li time").dateTime !== before, before);
      const made = await call(page, "/api/access/principals/create", { name: "night", days: "1", role: "Reader", place: "subscription", place_name: "" });
      assert.ok(made.status() < 400, await made.text());
      await page.locator("section[aria-labelledby=assignments-title] li", { hasText: "night" }).waitFor();
      assert.equal(await question.count(), 1);
      await question.getByRole("button", { name: "Keep it" }).click();
      assert.equal(await page.locator("#assign-role").inputValue(), "Contributor");
      const night = await made.json();
      // the list loses a row again: each question is still about its own
      await page.locator("section[aria-labelledby=programs-title] li", { hasText: "App id" }).filter({ hasText: "night" }).waitFor();
      assert.ok((await call(page, "/api/access/principals/delete", { id: night.principal.id })).status() < 400);
      await page.locator("section[aria-labelledby=programs-title] li", { hasText: "night" }).waitFor({ state: "detached" });
      await confirmed(page, row(page), "Disable…", "Disable ci");
      await row(page).getByText("Disabled").waitFor();
      await row(page).getByRole("button", { name: "Enable" }).click();
      await row(page).getByText("Disabled").waitFor({ state: "detached" });
    },
  ],
  [
    "a Reader is told why there is nothing to see",
    async (context) => {
      const rita = await another(context, "rita", "Reader");
      await visit(rita, "/access");
      await rita.getByText("You cannot see service principals and role assignments").waitFor();
      await looks(rita, context.axe);
      for (const path of ["/api/access/principals/create", "/api/access/roles/assign", "/api/access/principals/delete"]) {
        assert.equal((await call(rita, path, { name: "x", days: "1" })).status(), 403, path);
      }
      assert.deepEqual(rita.problems, []);
      await rita.context().close();
    },
  ],
  [
    "it is disabled, enabled and deleted",
    async ({ page }) => {
      await visit(page, "/access");
      await confirmed(page, row(page), "Disable…", "Disable ci");
      await row(page).getByText("Disabled").waitFor();
      assert.match((await token(shown.lines, field("-p"))).error_description, /disabled/);
      await row(page).getByRole("button", { name: "Enable" }).click();
      await row(page).getByText("Disabled").waitFor({ state: "detached" });
      assert.equal((await token(shown.lines, field("-p"))).status, 200);
      await confirmed(page, row(page), "Delete…", "Delete ci");
      await page.getByText("No service principals").waitFor();
      assert.equal((await token(shown.lines, field("-p"))).status, 401);
      assert.deepEqual(page.problems, []);
    },
  ],
];

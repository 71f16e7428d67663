// Machines get an agent in every way there is, and their pages say how that agent is.

import assert from "node:assert/strict";
import { Machine } from "../machine.mjs";
import { another, becomeOwner, customScript, call, readyMachines, visit } from "../person.mjs";

export const portal = { lab: 1 };

/** The ways by a script: address, the words that only this script has. */
const SCRIPTS = [
  ["?family=debian", "apt-get install -q -y waagent"],
  ["?family=ubuntu", "apt-get install -q -y walinuxagent"],
  ["?family=rhel", "WALinuxAgent"],
  ["?family=suse", "python-azure-agent"],
  ["?family=azure-linux", "WALinuxAgent"],
  ["?mode=annex-agent", "install --agent annex-agent"],
  ["?mode=foreground", "Keep this running in the foreground"],
];

const at = {}; // addresses of machines by name
const here = {}; // Machine by name

const card = (page, heading) => page.locator("section.card", { has: page.getByRole("heading", { name: heading }) });

/** Presses the button that makes a token and returns the token that the command on the page holds. */
async function token(page) {
  await page.getByRole("button", { name: "Make a token" }).click();
  const command = await card(page, /^2\. Run this/).locator("pre").innerText();
  return command.match(/ANNEX_AGENT_TOKEN=(\S+)/)[1];
}

/** Waits in the list until a machine's agent answers; returns the machine's address. */
async function readyMachine(page, name) {
  await visit(page, "/vms");
  const row = page.getByRole("row", { name });
  await row.getByText("Ready", { exact: true }).waitFor({ timeout: 30_000 });
  return row.getByRole("link", { name }).getAttribute("href");
}

/** Waits until the text of an element is another one. */
const moves = async (eventually, element) => {
  const before = await element.innerText();
  await eventually(`"${before}" counts down`, async () => (await element.innerText()) !== before, 5);
};

/** Nothing is wider than the window of a telephone, and axe finds nothing, in light and in dark. */
async function look(page, axe, path) {
  const findings = [];
  await visit(page, path);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    findings.push(...(await axe(page)).map((finding) => `${path}, ${colorScheme}: ${finding}`));
  }
  await page.setViewportSize({ width: 360, height: 740 });
  const { wide, window } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, window: innerWidth }));
  if (wide > window) findings.push(`${path}: ${wide} px in a window of ${window} px`);
  findings.push(...(await axe(page)).map((finding) => `${path}, 360 px: ${finding}`));
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: null });
  return findings;
}

export default [
  ["the owner signs in", becomeOwner],
  [
    "the lab machine gets ready",
    async (context) => {
      Object.assign(at, await readyMachines(context, 1));
    },
  ],
  [
    "every way by a script shows it, and how to take it away again",
    async ({ page }) => {
      await visit(page, "/vms");
      await page.getByRole("link", { name: /Add machine/ }).first().click();
      await page.getByRole("heading", { name: "Add a machine" }).waitFor();
      for (const [query, words] of SCRIPTS) {
        await page.locator(`main nav a[href='/vms/new${query}']`).click();
        await page.locator(`main nav a[href='/vms/new${query}'][aria-current=page]`).waitFor();
        await card(page, "What the script does").locator("pre").getByText(words).waitFor();
        await card(page, "To take it away again").locator("pre").getByText("annex-agent uninstall --forget").waitFor();
      }
    },
  ],
  ...[
    ["annex-agent", "web-1"],
    ["foreground", "web-2"],
  ].map(([mode, name]) => [
    `${mode}: the token counts down, and the page turns green when the agent has enrolled and reported`,
    async ({ portal, page, eventually }) => {
      await visit(page, `/vms/new?mode=${mode}`);
      await page.getByLabel("Name in the portal").fill(name);
      const secret = await token(page);
      await moves(eventually, card(page, /^2\. Run this/).locator(".card-head .meta"));
      await page.getByText("Waiting for the machine…").waitFor();
      here[name] = new Machine(portal, name);
      await here[name].enrol(secret);
      await page.getByText(`${name} has enrolled`).waitFor();
      await page.getByText("Waiting for its first report…").waitFor();
      here[name].start();
      await page.getByText(`${name} has reported`).waitFor();
      assert.equal(await page.locator(".banner[data-state=ready]").count(), 2, "both lines are green");
      await page.getByRole("link", { name: `Open ${name}` }).click();
      await page.getByText("Agent: ready").waitFor();
      at[name] = new URL(page.url()).pathname;
      await assert.rejects(new Machine(portal, `${name}-late`).enrol(secret), /used/, "the token works once");
    },
  ]),
  [
    "the Azure Linux Agent's way keeps its token from tab to tab and says what it waits for",
    async ({ portal, page, eventually }) => {
      await visit(page, "/vms/new");
      await page.getByLabel("Name in the portal").fill("web-3");
      const secret = await token(page);
      await page.getByRole("link", { name: "SUSE" }).click();
      const command = card(page, /^2\. Run this/);
      await command.getByText("enrol/suse.sh").waitFor();
      assert.ok((await command.locator("pre").innerText()).includes(secret), "the token is still there");
      await moves(eventually, command.locator(".card-head .meta"));
      await new Machine(portal, "web-3").enrol(secret, "--agent", "waagent");
      await page.getByText("web-3 has enrolled").waitFor();
      await page.getByText("Waiting for its first report…").waitFor();
      assert.equal(await page.locator(".banner[data-state=ready]").count(), 1, "enrolled is not reported");
    },
  ],
  [
    "a lab machine starts and is ready without anything to copy",
    async ({ page }) => {
      await visit(page, "/vms/new?mode=lab");
      await page.getByLabel("Name").fill("bench");
      await page.getByRole("button", { name: "Start a lab machine" }).click();
      await page.waitForURL(/\/(operations|vms)\/[0-9a-f-]{36}/);
      at.bench = await readyMachine(page, "bench");
    },
  ],
  [
    "an image's token lets machines in until it is revoked, and the page counts them",
    async ({ portal, page }) => {
      await visit(page, "/vms/new?mode=image");
      await page.getByText("No image tokens").waitFor();
      await page.getByLabel("Machines", { exact: true }).fill("2");
      await page.getByLabel("Name prefix").fill("copy-");
      await page.getByRole("button", { name: "Make a token" }).click();
      const command = await card(page, /^2\. Run this/).locator("pre").innerText();
      const secret = command.match(/ANNEX_AGENT_TOKEN=(\S+)/)[1];
      const list = card(page, /^Image tokens/);
      await list.getByText(/^2 of 2 uses left/).waitFor();
      await new Machine(portal, "copy").enrol(secret);
      await list.getByText(/^1 of 2 uses left/).waitFor();
      await list.getByRole("button", { name: "Revoke" }).click();
      await list.getByText("It was revoked. 1 machine came.").waitFor();
      await list.locator("button[aria-disabled=true]").waitFor();
      await assert.rejects(new Machine(portal, "late").enrol(secret));
    },
  ],
  [
    "a machine without an agent refuses installs with the reason, and its page leads to an agent",
    async ({ portal, page }) => {
      await visit(page, "/vms/new?mode=no-agent");
      await page.getByLabel("Name").fill("printer");
      await page.getByRole("button", { name: "Register the machine" }).click();
      await page.getByRole("heading", { name: "printer", level: 1 }).waitFor();
      at.printer = new URL(page.url()).pathname;
      const vm = at.printer.split("/").pop();
      const reason = /printer has no agent, so nothing can be installed on it/;
      await page.getByRole("button", { name: "Install extension" }).and(page.locator("[aria-disabled=true]")).waitFor();
      await page.locator("#install-why").getByText(reason).waitFor();
      await visit(page, `/install/Annex.Extensions/CustomScript?targets=${vm}`);
      await page.locator("main").getByText(reason).first().waitFor();
      await page.locator("#install-button[aria-disabled=true]").waitFor();
      const refused = await call(page, "/api/extensions/put", customScript(vm, "true", "1.0.0"));
      assert.equal(refused.status(), 409, await refused.text());
      await visit(page, at.printer);
      await page.locator(".banner").getByRole("link", { name: "Add an agent" }).click();
      await page.getByText("An agent for printer").waitFor();
      await page.getByRole("link", { name: "Annex agent only" }).click();
      const secret = await token(page);
      here.printer = new Machine(portal, "printer");
      await here.printer.enrol(secret);
      here.printer.start();
      await page.getByText("printer has reported").waitFor();
      await page.getByRole("link", { name: "Open printer" }).click();
      await page.getByText("Agent: ready").waitFor();
      assert.equal(new URL(page.url()).pathname, at.printer, "it is the same machine");
      await page.getByRole("link", { name: "Install extension" }).waitFor();
    },
  ],
  [
    "an Owner switches extension operations off, and on again",
    async ({ page }) => {
      await visit(page, at["web-2"]);
      await page.getByRole("button", { name: "Switch extension operations off" }).click();
      await page.locator("#install-why").getByText("Extension operations are switched off on web-2.").waitFor();
      await page.getByRole("button", { name: "Allow extension operations" }).click();
      await page.getByRole("link", { name: "Install extension" }).waitFor();
      assert.ok(await page.getByRole("button", { name: "Say that no agent is there" }).and(page.locator("[aria-disabled=true]")).isVisible());
    },
  ],
  [
    "the Agent tab tells silence and its end while one looks, and that the agent is another process",
    async ({ page }) => {
      const agent = here["web-1"];
      await visit(page, `${at["web-1"]}/agent`);
      const events = card(page, /^Events/);
      await events.getByText("First seen").waitFor();
      agent.freeze();
      try {
        await page.locator(".banner").getByText("The agent does not respond").waitFor({ timeout: 20_000 });
        await page.getByText("Agent: not responding").waitFor();
        await events.getByText("Stopped answering").waitFor();
        assert.equal(await page.getByText(/^Power: /).innerText(), "Power: unknown", "the machine's state is a fact of its own");
      } finally {
        agent.thaw();
      }
      await page.getByText("Agent: ready").waitFor();
      await events.getByText("Answers again").waitFor();
      await page.locator(".banner").waitFor({ state: "detached" });
      await agent.end();
      agent.start();
      await events.getByText("Agent restarted").waitFor();
    },
  ],
  [
    "a Reader sees all of it in light, dark and on a telephone, and can change nothing",
    async (context) => {
      const rita = await another(context, "rita", "Reader");
      const vm = at.printer.split("/").pop();
      const ways = ["", "?mode=annex-agent", "?mode=foreground", "?mode=lab", "?mode=image", "?mode=no-agent", `?machine=${vm}`];
      const machines = [at["lab-1"], at["web-1"], at["web-1"] + "/agent", at.printer, at.printer + "/agent"];
      const paths = [...ways.map((query) => `/vms/new${query}`), ...machines];
      const findings = [];
      for (const path of paths) {
        findings.push(...(await look(rita, context.axe, path)));
        const able = rita.locator("main form[action^='/api/'] button[type=submit]:not([aria-disabled=true])");
        for (const button of await able.all()) if (await button.isVisible()) findings.push(`${path}: may press "${await button.innerText()}"`);
        findings.push(...rita.problems.splice(0));
      }
      // the owner's buttons are other markup
      for (const path of paths) findings.push(...(await look(context.page, context.axe, path)));
      assert.deepEqual(findings, []);
      await rita.context().close();
    },
  ],
  [
    "the machines' agents end",
    async () => {
      for (const machine of Object.values(here)) await machine.end();
    },
  ],
];

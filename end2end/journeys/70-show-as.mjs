// "Show as": what a form or an action does, as text for programs.
//
// The text of an open panel is `shownText(page, id)` below: whoever runs it against a portal takes it from there. Without a
// browser the server gives it, too: GET <page>?show-as=<id>&as=az|rest|arm|bicep|terraform, inside of [role=tabpanel].

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { alive, becomeOwner, call, customScript, ended, readyMachines, visit } from "../person.mjs";

export const portal = { lab: 2 };

let machines = {};
const extension = () => `${machines["lab-1"]}/extensions/CustomScript`;
const text = (page, id) => page.locator(`#show-as-${id}-text`);
const shownText = (page, id) => text(page, id).innerText();

/** Opens a panel and chooses a language. */
async function open(page, id, code) {
  if ((await page.locator(`#show-as-${id}`).count()) === 0) await page.locator(`#show-as-${id}-link`).click();
  await page.locator(`#show-as-${id}-${code}`).click();
  await text(page, id).waitFor();
  return shownText(page, id);
}

/** The words of the line as a shell splits them, with a function in the place of the command. */
function words(line, command) {
  const script = `${command}() { for word; do printf '%s\\n' "$word" | base64 -w0; echo; done; }\n${line}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).trim().split("\n").map((word) => Buffer.from(word, "base64").toString().slice(0, -1));
}

export default [
  [
    "machines are there and somebody owns them",
    async (context) => {
      await becomeOwner(context);
      machines = await readyMachines(context, 2);
    },
  ],
  [
    "the install form shows itself as it is filled in",
    async ({ page, eventually }) => {
      await visit(page, "/install/Annex.Extensions/CustomScript");
      assert.match(await open(page, "install", "az"), /--vm-name '<machine>'/);
      await page.locator(`input[name='form[targets][]'][value='${machines["lab-1"].split("/").pop()}']`).check();
      const command = "echo \"it's\" $HOME && printf '%s\\n' `id`";
      await page.locator("[name='form[settings][commandToExecute]']").fill(command);
      await eventually("the text follows", async () => (await shownText(page, "install")).includes("--vm-name lab-1"));
      const az = words(await shownText(page, "install"), "az");
      const after = (option) => az[az.indexOf(option) + 1];
      assert.deepEqual(JSON.parse(after("--settings")), { commandToExecute: command });
      assert.equal(after("--publisher"), "Annex.Extensions");
      await page.locator(`input[name='form[targets][]'][value='${machines["lab-2"].split("/").pop()}']`).check();
      await eventually("a loop", async () => (await shownText(page, "install")).startsWith("for vm in lab-1 lab-2; do"));
    },
  ],
  [
    "tabs are tabs: arrows, roles, one in the order of focus",
    async ({ page }) => {
      await page.locator("#show-as-install-az").focus();
      for (const name of ["REST", "ARM template", "Bicep", "Terraform", "az"]) {
        await page.keyboard.press("ArrowRight");
        await page.locator("[role=tab][aria-selected=true]:focus", { hasText: name }).waitFor();
        assert.equal(await page.locator("#show-as-install [role=tab][tabindex='0']").count(), 1);
      }
      await page.keyboard.press("End");
      assert.match(await shownText(page, "install"), /resource "azapi_resource" "extension"/);
      await page.keyboard.press("Home");
      const template = JSON.parse(await open(page, "install", "arm"));
      assert.deepEqual(template.parameters.machines.defaultValue, ["lab-1", "lab-2"]);
    },
  ],
  [
    "axe finds nothing in an open panel, in light, dark and at 360 px",
    async ({ page, axe }) => {
      const findings = [];
      for (const [theme, width] of [["light", 1280], ["dark", 1280], ["dark", 360]]) {
        await page.emulateMedia({ colorScheme: theme });
        await page.setViewportSize({ width, height: 800 });
        findings.push(...(await axe(page)).map((finding) => `${theme} ${width}: ${finding}`));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(wide, 0, `${width} px: nothing stands out at the side`);
      }
      assert.deepEqual(findings, []);
      await page.setViewportSize({ width: 1280, height: 800 });
    },
  ],
  [
    "an extension's actions show what is saved; secrets are placeholders",
    async ({ page }) => {
      const form = { ...customScript(machines["lab-1"].split("/").pop(), "", "1.1.0"), "form[protected][commandToExecute]": "true # canary-7" };
      delete form["form[settings][commandToExecute]"];
      const answer = await call(page, "/api/extensions/put", form);
      assert.ok(answer.ok() || answer.status() === 302, `${answer.status()} ${await answer.text()}`);
      await page.goto(`/operations/${(await answer.text()).replaceAll('"', "")}`);
      assert.equal(await ended(page), "Succeeded");
      await visit(page, extension());
      assert.match(await open(page, "run-again", "az"), /^az rest --method patch/, "secrets need not be sent again");
      assert.match(await open(page, "run-again", "bicep"), /@secure\(\)\nparam commandToExecute string/);
      await page.locator("a[href='?confirm=remove']").click();
      assert.match(await open(page, "remove", "az"), /^az vm extension delete --resource-group \S+ --vm-name lab-1 --name CustomScript$/);
      assert.match(await open(page, "remove", "arm"), /A template describes what is there/);
      assert.ok(!(await page.content()).includes("canary-7"));
    },
  ],
  [
    "a live update leaves the panel open",
    async ({ page }) => {
      await visit(page, extension());
      await open(page, "run-again", "rest");
      const generation = await page.locator("input[name=etag]").first().inputValue();
      const form = { vm: machines["lab-1"].split("/").pop(), name: "CustomScript", etag: generation };
      const answer = await call(page, "/api/extensions/run-again", form);
      assert.ok(answer.ok() || answer.status() === 302, await answer.text());
      await page.locator("dd, span").getByText(/sequence 1/).first().waitFor();
      assert.match(await shownText(page, "run-again"), /-X PATCH/);
      assert.equal(await page.locator("#show-as-run-again-rest").getAttribute("aria-selected"), "true");
    },
  ],
  [
    "settings, tags and flags follow their forms",
    async ({ page, eventually }) => {
      await visit(page, `${extension()}/settings`);
      await open(page, "settings", "rest");
      await page.locator("[name='form[settings][timestamp]']").fill("7");
      await eventually("the number", async () => /"timestamp": 7/.test(await shownText(page, "settings")));
      assert.match(await shownText(page, "settings"), /-X PATCH/);
      await visit(page, machines["lab-1"]);
      await page.locator("a[href='?confirm=tags']").click();
      await open(page, "tags", "az");
      await page.locator("#tags-text").fill("env=prod\nowner=o'neil");
      await eventually("the tags", async () => (await shownText(page, "tags")).includes("env"));
      assert.ok(words(await shownText(page, "tags"), "az").includes(`tags={"env":"prod","owner":"o'neil"}`));
      await page.keyboard.press("Escape");
      assert.match(await open(page, "allow-extensions", "az"), /--set osProfile.allowExtensionOperations=false$/);
    },
  ],
  [
    "adding a machine: what the API can do, and what only the portal does",
    async ({ page, eventually }) => {
      await visit(page, "/vms/new?mode=no-agent");
      await open(page, "register", "az");
      await page.locator("#register-name").fill("web-9");
      await eventually("the name", async () => /virtualMachines\/web-9\?api-version/.test(await shownText(page, "register")));
      await visit(page, "/vms/new?mode=lab");
      await page.locator("#show-as-lab-create-link").click();
      await page.getByText("only the portal makes them").waitFor();
    },
  ],
  [
    "without scripts the address opens it",
    async ({ browser, page, newPage, portal }) => {
      const plain = await newPage(browser, { url: portal.url, javaScriptEnabled: false, storageState: await page.context().storageState() });
      await plain.goto(extension());
      await plain.locator("#show-as-run-again-link").click();
      assert.match(await shownText(plain, "run-again"), /^az rest --method patch/);
      await plain.locator("#show-as-run-again-terraform").click();
      assert.match(await shownText(plain, "run-again"), /azapi_resource_action/);
      await plain.context().close();
    },
  ],
  [
    "a role is shown as it stands in its form, where it is, and what is made only here says so",
    async ({ page, axe, eventually }) => {
      await visit(page, "/access");
      const role = () => shownText(page, "assign");
      assert.match(await open(page, "assign", "az"), /^az role assignment create/);
      await page.locator("#assign-role").selectOption("Virtual Machine Contributor");
      await page.locator("#assign-place").selectOption("machine");
      await page.locator("#assign-place-name").fill("lab-1");
      const scope = /--scope \S+\/resourceGroups\/lab\/providers\/Microsoft.Compute\/virtualMachines\/lab-1$/m;
      await eventually("the text follows", async () => scope.test(await role()) && /--role 'Virtual Machine Contributor'/.test(await role()));
      const arm = JSON.parse(await open(page, "assign", "arm"));
      assert.equal(arm.resources[0].scope, "Microsoft.Compute/virtualMachines/lab-1");
      assert.deepEqual(await axe(page), []);
      await page.locator("#show-as-program-link").click();
      await page.getByText("Service principals are made and given secrets only here").waitFor();
    },
  ],
  [
    "the page API answers",
    async ({ page, axe }) => {
      for (const theme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme: theme });
        await visit(page, "/api");
        await page.getByRole("heading", { name: "Signing in" }).waitFor();
        await page.getByText("/extensions/{vmExtensionName}").first().waitFor();
        assert.deepEqual(await axe(page), []);
      }
      await alive(page);
    },
  ],
];

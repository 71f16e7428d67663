// What a person does more than once in the journeys.

import { readFileSync, readdirSync } from "node:fs";

/** The page answers: it was hydrated. */
export const alive = (page) => page.waitForFunction(() => document.documentElement.dataset.hydrated !== undefined);

/** Somebody else in a browser of his own: `role` is a role's label. The page that makes the account is an Owner's. */
export async function another({ portal, page, browser, newPage }, name, role, options = {}) {
  await visit(page, "/access");
  await page.locator("#account-name").fill(name);
  await page.locator("#account-role").selectOption(role);
  await page.locator("#account-password").fill(`first password of ${name}`);
  await page.locator("#create-account").click();
  await page.getByText(`${name} can sign in now.`).waitFor();
  const theirs = await newPage(browser, { url: portal.url, ...options });
  await theirs.goto("/sign-in");
  await theirs.locator("input[name=name]").fill(name);
  await theirs.locator("input[name=password]").fill(`first password of ${name}`);
  await theirs.locator("form[action='/sign-in'] button[type=submit]").click();
  await theirs.waitForURL((url) => url.pathname === "/");
  return theirs;
}

/** What a page asks of a server function, as this person. */
export function call(page, path, form) {
  const origin = new URL(page.url()).origin;
  return page.request.post(`${origin}${path}`, { form, headers: { origin, accept: "application/json" }, maxRedirects: 0 });
}

/** The fields of a form that installs Custom Script on a machine, or changes its command. */
export const customScript = (vm, command, version = "") => ({
  "form[targets][0]": vm,
  "form[name]": "CustomScript",
  "form[publisher]": "Annex.Extensions",
  "form[extension_type]": "CustomScript",
  "form[version]": version,
  "form[settings][commandToExecute]": command,
});

/** Goes to a page and waits until it answers. */
export async function visit(page, path) {
  await page.goto(path);
  await alive(page);
}

/** Opens the printed link, sets the owner's password and is signed in. */
export async function becomeOwner({ portal, page, eventually }) {
  await page.goto(await eventually("the link is printed", () => portal.signInLink));
  await page.locator("input[name=name]").fill("ana");
  await page.locator("input[name=password]").fill("correct horse battery staple 7");
  await page.locator("form[action='/welcome'] button[type=submit]").click();
  await page.waitForURL((url) => url.pathname === "/");
}

/** Waits until every lab machine's agent answers; returns the machines' addresses by name. */
export async function readyMachines({ page, eventually }, count) {
  const machines = {};
  await eventually(
    `${count} machines are ready`,
    async () => {
      await page.goto("/vms?health=ready");
      for (const link of await page.locator("main a[href^='/vms/0']").all()) {
        const name = (await link.innerText()).trim().split(/\s/)[0];
        if (name.startsWith("lab-")) machines[name] = (await link.getAttribute("href")).split("?")[0];
      }
      return Object.keys(machines).length === count;
    },
    60,
  );
  return machines;
}

/** Presses a button or link that leads to an operation's page; waits for the end and returns its word. */
export async function follow(page, press, seconds = 60) {
  await press();
  await page.waitForURL(/\/operations\/[0-9a-f-]{36}/, { timeout: 30_000 });
  return ended(page, seconds);
}

/** Waits until the operation page says how it ended. */
export async function ended(page, seconds = 60) {
  const word = page.locator("main h1 ~ *, main .page-head").getByText(/^(Succeeded|Failed|Cancelled|Timed out|Replaced)$/).first();
  await word.waitFor({ timeout: seconds * 1000 });
  return (await word.innerText()).trim();
}

/** The processes of `annex-agent run` inside a portal's lab machines. */
export function agentsOf(portal) {
  const own = new Set(portal.processes().map(String));
  const isAgent = (pid) => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return args[0].endsWith("annex-agent") && args.includes("run") && (own.has(pid) || readFileSync(`/proc/${pid}/mountinfo`, "utf8").includes(portal.folder));
    } catch {
      return false; // ended meanwhile
    }
  };
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isAgent(name));
}

/** The first of them. */
export const agentOf = (portal) => agentsOf(portal)[0];

// From the printed link to a portal with three running lab machines, seen by a person.

import assert from "node:assert/strict";
import { visit } from "../person.mjs";

export const portal = { lab: 3 };

const MOST_BYTES = 350 * 1024; // of a first visit, everything on the wire

/** Opens an address in a context that has cached nothing, signed in as on `page` or as a stranger; returns what was fetched. */
async function firstVisit({ browser, portal, page, newPage }, path, stranger = false) {
  const storageState = stranger ? undefined : await page.context().storageState();
  const other = await newPage(browser, { url: portal.url, storageState });
  const requests = [];
  other.on("requestfinished", (request) => requests.push(request));
  await visit(other, path);
  const sizes = await Promise.all(requests.map((request) => request.sizes()));
  const bytes = sizes.reduce((sum, { responseBodySize, responseHeadersSize }) => sum + responseBodySize + responseHeadersSize, 0);
  const parts = requests.map((request) => new URL(request.url()).pathname.match(/^\/pkg\/split_(\w+)\./)?.[1]).filter(Boolean);
  return { other, bytes, parts };
}

const PASSWORD = "correct horse battery staple 7";

export default [
  [
    "the printed link sets the owner's password and signs in",
    async ({ portal, page, eventually }) => {
      await page.goto(await eventually("the link is printed", () => portal.signInLink));
      for (const field of await page.locator("input[type=password]").all()) await field.fill(PASSWORD);
      const name = page.locator("input[name=name]");
      if (await name.count()) await name.fill("owner");
      await page.locator("form button[type=submit]").first().click();
      await page.waitForURL((url) => url.pathname !== "/welcome");
    },
  ],
  [
    "three lab machines are listed and get ready",
    async ({ page }) => {
      await page.goto("/vms");
      await page.waitForFunction(() => document.documentElement.dataset.hydrated !== undefined);
      const rows = page.locator("main a[href^='/vms/0']");
      await rows.nth(2).waitFor();
      assert.ok((await rows.count()) >= 3);
    },
  ],
  [
    "the link works only once",
    async ({ portal, browser, newPage }) => {
      const other = await newPage(browser, { url: portal.url });
      await other.goto(portal.signInLink);
      await other.locator("input[name=name]").fill("eve");
      await other.locator("input[name=password]").fill(PASSWORD);
      await other.locator("form[action='/welcome'] button[type=submit]").click();
      await other.getByText(/used already/).waitFor();
      assert.equal(new URL(other.url()).pathname, "/welcome");
      await other.context().close();
    },
  ],
  [
    "a first visit fetches the part of the program that it shows, and no more than 350 KiB",
    async (journey) => {
      for (const [path, part, stranger] of [["/", "home", false], ["/sign-in", "doorway", true]]) {
        const { other, bytes, parts } = await firstVisit(journey, path, stranger);
        assert.deepEqual(parts, [part], path);
        assert.ok(bytes <= MOST_BYTES, `${path}: ${bytes} bytes`);
        console.log(`     ${path}: ${(bytes / 1024).toFixed(1)} KiB`);
        assert.deepEqual(other.problems, []);
        await other.context().close();
      }
    },
  ],
  [
    "every document names the part that its page is in",
    async ({ page }) => {
      for (const [path, part] of [["/", "home"], ["/vms", "work"], ["/operations", "work"]]) {
        for (let round = 0; round < 20; round += 1) {
          const named = (await (await page.request.get(path)).text()).match(/<link [^>]*\/pkg\/split_\w+/g) ?? [];
          assert.equal(named.length, 1, `${path}, round ${round}`);
          assert.ok(named[0].endsWith(`split_${part}`), named[0]);
        }
      }
    },
  ],
  [
    "another part is fetched when one of its pages is opened",
    async (journey) => {
      const { other } = await firstVisit(journey, "/");
      const arrived = other.waitForResponse(/\/pkg\/split_work\./);
      await other.getByRole("link", { name: "Machines" }).first().click();
      assert.match((await (await arrived).allHeaders())["cache-control"], /immutable/);
      await other.waitForURL("**/vms");
      await other.locator("main a[href^='/vms/0']").first().waitFor();
      assert.deepEqual(other.problems, []);
      await other.context().close();
    },
  ],
  [
    "when a part cannot be fetched, the browser itself goes to the page, and a page that is there already goes on by links",
    async (journey) => {
      const { other } = await firstVisit(journey, "/");
      other.forgive(/./);
      await other.route(/\/pkg\/split_work\./, (route) => route.abort());
      await other.getByRole("link", { name: "Machines" }).first().click();
      await other.locator("main a[href^='/vms/0']").first().waitFor();
      await other.locator("main a[href^='/vms/0']").first().click();
      await other.waitForURL(/\/vms\/0/);
      assert.equal(await other.evaluate(() => document.documentElement.dataset.hydrated), undefined);
      await other.context().close();
    },
  ],
];

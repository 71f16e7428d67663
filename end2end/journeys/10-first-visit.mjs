// From the printed link to a portal with three running lab machines, seen by a person.

import assert from "node:assert/strict";

export const portal = { lab: 3 };

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
];

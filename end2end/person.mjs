// What a person does more than once in the journeys.

/** The page answers: it was hydrated. */
export const alive = (page) => page.waitForFunction(() => document.documentElement.dataset.hydrated !== undefined);

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

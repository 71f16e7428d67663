// Pages of 200 rows, written by the server, against a static answer of the same bytes from the same axum in the same minute.

import { rmSync } from "node:fs";
import { Client } from "../client.mjs";
import { benchTools, simulate } from "../fleet.mjs";
import { samplePackages } from "../sample-packages.mjs";
import { againstStatic } from "../static-answer.mjs";

export const title = "Pages of 200 rows against a static answer";

const ROWS = 200;
let packages;

/** 200 packages. */
export async function portal() {
  packages = await samplePackages(ROWS);
  return { lab: 0, packages };
}

export default async function ({ portal, eventually }) {
  await benchTools();
  const client = await Client.owner(portal, eventually);
  const fleet = await simulate(portal, client, ROWS);
  const compare = (path, cell) =>
    againstStatic({
      name: path,
      url: `${portal.url}${path}`,
      headers: { cookie: client.cookie },
      folder: packages,
      least: 0.05,
      check: (page) => {
        const rows = page.split(cell).length - 1;
        if (rows < ROWS) throw new Error(`${path} shows ${rows} rows`);
      },
    });
  try {
    return [
      ...(await compare("/vms?rows=200", '<tr role="row"')),
      ...(await compare("/marketplace", 'href="/marketplace/Annex.Extensions/Sample')),
    ];
  } finally {
    fleet.end();
    rmSync(packages, { recursive: true });
  }
}

// What programs read of the ARM API, at 500 machines with 10 extensions each, against a static answer of the same bytes.
// The bench stands where a TLS proxy would, so that TLS is on neither side.

import { rmSync } from "node:fs";
import { Client } from "../client.mjs";
import { benchTools, simulate } from "../fleet.mjs";
import { sampleName, samplePackages } from "../sample-packages.mjs";
import { againstStatic } from "../static-answer.mjs";

export const title = "The ARM API, 500 machines with 10 extensions each, against a static answer";

const MACHINES = 500;
const EXTENSIONS = 10;
let packages;

/** 10 packages. */
export async function portal() {
  packages = await samplePackages(EXTENSIONS);
  return { lab: 0, packages, flags: ["--behind-proxy"] };
}

/** Puts one of the packages on all machines at once. */
async function install(client, ids, number) {
  const name = sampleName(number);
  const targets = Object.fromEntries(ids.map((id, index) => [`form[targets][${index}]`, id]));
  const form = { name, publisher: "Annex.Extensions", extension_type: name, version: "1.0.0", settings_json: JSON.stringify({ protocol: "tcp", port: 80 }) };
  const fields = Object.fromEntries(Object.entries(form).map(([field, value]) => [`form[${field}]`, value]));
  await client.post("/api/extensions/put", { ...fields, ...targets });
}

export default async function ({ portal, eventually }) {
  await benchTools();
  const client = await Client.owner(portal, eventually);
  const fleet = await simulate(portal, client, MACHINES);
  try {
    const ids = [];
    for (let page = 1; ids.length < MACHINES; page += 1) ids.push(...Object.values(await client.machines(page)).map(({ id }) => id));
    for (let number = 0; number < EXTENSIONS; number += 1) await install(client, ids, number);
    const open = "filter[text]=&filter[open_only]=true&filter[failed_only]=false&page[number]=1&page[size]=1";
    await eventually("all installations end", async () => (await client.get(`/api/operations?${open}`)).total === 0, 300);

    const made = await client.post("/api/access/principals/create", { name: "bench", days: 1, role: "Reader", place: "subscription", place_name: "" });
    const proxy = { "x-forwarded-proto": "https" };
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: made.principal.app_id, client_secret: made.secret, resource: "https://management.azure.com/" });
    const token = await (await fetch(`${portal.url}/adfs/oauth2/token`, { method: "POST", headers: proxy, body: form })).json();
    const headers = { ...proxy, authorization: `Bearer ${token.access_token}` };
    const machine = `/subscriptions/${made.installation.subscription_id}/resourceGroups/default/providers/Microsoft.Compute/virtualMachines/sim-250`;
    const compare = (name, path, part) =>
      againstStatic({
        name,
        url: `${portal.url}${machine}${path}`,
        headers,
        folder: packages,
        least: 0.3,
        check: (answer) => {
          if (!answer.includes(part)) throw new Error(`${name}: ${answer.slice(0, 500)}`);
        },
      });
    return [
      ...(await compare("GET extension", `/extensions/${sampleName(3)}?api-version=2024-11-01`, '"provisioningState":"Succeeded"')),
      ...(await compare("GET vm?$expand=instanceView", "?$expand=instanceView&api-version=2024-11-01", `"type":"Annex.Extensions.${sampleName(9)}"`)),
    ];
  } finally {
    fleet.end();
    rmSync(packages, { recursive: true });
  }
}

// What every part begins with: a portal with lab machines, an owner, and a program that may do everything and has signed in.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "../client.mjs";
import { Portal, eventually } from "../portal.mjs";
import { azOf } from "./az.mjs";
import { LabMachine } from "./lab.mjs";

/**
 * Starts it all. What a part gets:
 *
 * - `portal`, `owner` (a signed-in `Client`), `eventually`, `programs` (folders), `out`;
 * - `lab`: machines by name (`LabMachine`), all of them ready;
 * - `place`: `{ url, ca, tenant, subscription }` of the API;
 * - `principal`: what `az` signed in as; `az`: see az.mjs; `newAz(env)`: another person's, not signed in;
 * - `program(name, role, place)`: another service principal.
 */
export async function settle({ programs, out, ...options }) {
  const portal = await Portal.start(options);
  try {
    const owner = await Client.owner(portal, eventually);
    const ca = join(portal.folder, "annex-ca.pem");
    writeFileSync(ca, await (await fetch(`${portal.url}/ca.pem`)).text());
    const newAz = (env) => azOf(programs.azure, portal.folder, ca, env);
    const program = (...words) => newProgram(owner, ...words);
    const principal = await program("automation", "Owner");
    const place = { url: portal.tlsUrl, ca, tenant: principal.tenant, subscription: principal.subscription };
    const setting = { portal, owner, eventually, programs, out, place, principal, newAz, program, az: newAz() };
    setting.az.program = { APP_ID: principal.appId, APP_SECRET: principal.secret, TENANT_ID: principal.tenant };
    setting.lab = await readyLab(setting, options.lab ?? 0);
    if (options.signIn !== false) await signIn(setting.az, place, principal);
    setting.end = () => portal.remove();
    return setting;
  } catch (error) {
    await portal.remove().catch(() => {});
    throw error;
  }
}

/** The lines that the Access page prints. */
export async function signIn(az, place, program) {
  await meet(az, place);
  return logIn(az, place, program);
}

/** Tells `az` where Annex is. */
export async function meet(az, { url }) {
  await az`cloud register -n annex --endpoint-resource-manager ${url} --endpoint-active-directory ${`${url}/adfs`}`;
  await az`cloud set -n annex`;
}

/** Its answer: the subscriptions that the program sees. */
export const logIn = (az, { tenant }, { appId, secret }) => az`login --service-principal -u ${appId} -p ${secret} --tenant ${tenant}`;

/** Registers a machine by PUT, as a program that speaks the API itself would; `osProfile` says whether it has an agent. */
export function putMachine(az, { subscription }, group, name, osProfile, tags = {}) {
  const url = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}?api-version=2024-11-01`;
  return az`rest --method put --url ${url} --body ${JSON.stringify({ location: "annex", tags, properties: { osProfile } })}`;
}

/** An `osProfile` of a machine without an agent. */
export const WITHOUT_AGENT = { linuxConfiguration: { provisionVMAgent: false } };

/** A service principal with a role (its label, or null) at a place: `subscription`, `group NAME` or `machine GROUP/NAME`. */
async function newProgram(owner, name, role, at = "subscription") {
  const [place, where = ""] = at.split(" ");
  const form = { name, days: 1, ...(role ? { role, place, place_name: where } : {}) };
  const { principal, secret, installation } = await owner.post("/api/access/principals/create", form);
  const { tenant_id: tenant, subscription_id: subscription } = installation;
  return { appId: principal.app_id, objectId: principal.id, secret, tenant, subscription };
}

async function readyLab({ portal, owner }, count) {
  const found = await eventually(
    `${count} lab machines are ready`,
    async () => {
      const ready = Object.entries(await owner.machines()).filter(([, { ready }]) => ready);
      return ready.length === count && ready;
    },
    60,
  ).catch((error) => {
    throw new Error(`${error.message}\n${portal.output.split("\n").slice(-20).join("\n")}`);
  });
  return Object.fromEntries(found.map(([name, { id }]) => [name, new LabMachine(portal, id)]));
}

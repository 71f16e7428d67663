// What "Show as" prints for az and REST, run as it stands: it does what the button beside it would do.

import assert from "node:assert/strict";

export const portal = { lab: 2 };

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&#39;": "'", "&amp;": "&" };

/** The text of an open panel, from the page as the server writes it. */
async function shown(owner, path) {
  const answer = await fetch(`${owner.url}${path}`, { headers: { accept: "text/html", cookie: owner.cookie } });
  const panel = (await answer.text()).split('role="tabpanel"')[1];
  assert.ok(panel, `${path} shows no text`);
  const text = panel.slice(panel.indexOf(">") + 1).split("<")[0];
  return text.replace(/&(?:lt|gt|quot|#x27|#39|amp);/g, (entity) => ENTITIES[entity]);
}

const lines = (machine) => (machine.exists("/root/shown") ? machine.read("/root/shown").trim().split("\n").length : 0);
const page = (machine) => `/vms/${machine.id}/extensions/CustomScript`;
const assignments = async (owner) => (await owner.get("/api/access")).assignments.filter(({ role, principal_name: name }) => role === "Reader" && name === "automation");

export default [
  [
    "an extension runs again, by az and by REST",
    async ({ az, owner, lab, eventually }) => {
      for (const [name, as] of [["lab-1", "az"], ["lab-2", "rest"]]) {
        const machine = lab[name];
        await owner.runScript(machine.id, "date +%s%N >>/root/shown");
        const settled = async () => (await owner.get(`/api/extensions/get?vm=${machine.id}&name=CustomScript`)).summary.extension.provisioning_state === "Succeeded";
        await eventually("it ran", async () => lines(machine) === 1 && settled());
        await az.shell(await shown(owner, `${page(machine)}?show-as=run-again&as=${as}`));
        await eventually(`it ran again, by ${as}`, async () => lines(machine) === 2 && settled());
      }
    },
  ],
  [
    "an extension is removed, by az and by REST",
    async ({ az, owner, lab, eventually }) => {
      for (const [name, as] of [["lab-1", "az"], ["lab-2", "rest"]]) {
        await az.shell(await shown(owner, `${page(lab[name])}?confirm=remove&show-as=remove&as=${as}`));
        await eventually(`it is gone, by ${as}`, async () => (await az`vm extension list -g lab --vm-name ${name}`).length === 0);
      }
    },
  ],
  [
    "a role is given by az and taken by REST, and the other way round",
    async ({ az, owner }) => {
      for (const [give, take] of [["az", "rest"], ["rest", "az"]]) {
        await az.shell(await shown(owner, `/access?show-as=assign&as=${give}`));
        const [given] = await assignments(owner);
        assert.ok(given, `given by ${give}`);
        await az.shell(await shown(owner, `/access?show-as=unassign-${given.id}&as=${take}`));
        assert.equal((await assignments(owner)).length, 0, `taken by ${take}`);
      }
    },
  ],
];

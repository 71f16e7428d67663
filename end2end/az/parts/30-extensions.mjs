// `az vm extension` on a lab machine: what it says is what happened there and what the portal shows.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { WITHOUT_AGENT, putMachine } from "../setting.mjs";

export const portal = { lab: 2 };

const SECRET = "correct-horse-protected";
/** The extension as the portal's own pages have it. */
const inPortal = (owner, machine, name = "CustomScript") => owner.get(`/api/extensions/get?vm=${machine.id}&name=${name}`);
const runs = async (owner, machine) => (await inPortal(owner, machine)).runs.length;

export default [
  [
    "set runs a script on the machine, and the portal shows the run with its lines",
    async ({ az, lab, owner }) => {
      const settings = JSON.stringify({ commandToExecute: "echo made by az; uname -n >/root/by-az" });
      const made = await az`vm extension set -g lab --vm-name lab-1 --publisher Annex.Extensions --name CustomScript --settings ${settings}`;
      assert.equal(made.provisioningState, "Succeeded");
      assert.equal(made.typeHandlerVersion, "1.1");
      assert.equal(made.typePropertiesType, "CustomScript");
      assert.deepEqual(made.settings, JSON.parse(settings));
      assert.equal(lab["lab-1"].read("/root/by-az"), "lab-1\n");
      const { runs: [run] } = await inPortal(owner, lab["lab-1"]);
      assert.equal(run.target.state, "Succeeded");
      assert.deepEqual(await owner.lines(run.operation.id, lab["lab-1"].id), ["made by az"]);
    },
  ],
  [
    "settings from a file and protected ones run, and the protected ones are shown nowhere",
    async ({ az, lab, portal, owner, eventually }) => {
      const file = join(portal.folder, "settings.json");
      writeFileSync(file, JSON.stringify({ timestamp: 1 }));
      const hidden = join(portal.folder, "protected.json");
      writeFileSync(hidden, JSON.stringify({ commandToExecute: `test ${SECRET} && date +%s%N >>/root/forced` }));
      await az`vm extension set -g lab --vm-name lab-1 --publisher Annex.Extensions --name CustomScript --version 1.1 --settings @${file} --protected-settings ${hidden}`;
      assert.equal(lab["lab-1"].read("/root/forced").trim().split("\n").length, 1);
      const shown = await Promise.all([
        az.text`vm extension show -g lab --vm-name lab-1 -n CustomScript --instance-view`,
        az.text`vm extension list -g lab --vm-name lab-1`,
        az.text`vm show -g lab -n lab-1`,
      ]);
      assert.deepEqual(JSON.parse(shown[0]).settings, { timestamp: 1 });
      for (const text of shown) assert.ok(!text.includes(SECRET));
      assert.ok(!JSON.stringify(await inPortal(owner, lab["lab-1"])).includes(SECRET));
      await eventually("the log is written", () => portal.output.length > 0);
      assert.ok(!portal.output.includes(SECRET));
    },
  ],
  [
    "the same again runs nothing, with --force-update it runs again",
    async ({ az, lab, portal, owner }) => {
      const machine = lab["lab-1"];
      const file = join(portal.folder, "settings.json");
      const hidden = join(portal.folder, "protected.json");
      const before = await runs(owner, machine);
      const same = await az`vm extension set -g lab --vm-name lab-1 --publisher Annex.Extensions --name CustomScript --version 1.1 --settings @${file} --protected-settings @${hidden}`;
      assert.equal(same.provisioningState, "Succeeded");
      assert.equal(machine.read("/root/forced").trim().split("\n").length, 1, "nothing ran");
      const forced = await az`vm extension set -g lab --vm-name lab-1 --publisher Annex.Extensions --name CustomScript --version 1.1 --settings @${file} --protected-settings @${hidden} --force-update`;
      assert.match(forced.forceUpdateTag, /^[0-9a-f-]{36}$/);
      assert.equal(machine.read("/root/forced").trim().split("\n").length, 2, "it ran again");
      assert.ok((await runs(owner, machine)) > before);
    },
  ],
  [
    "--no-wait returns before the script ends, and wait --created after it",
    async ({ az, lab, owner }) => {
      const settings = JSON.stringify({ commandToExecute: "sleep 8; echo waited >/root/waited" });
      await az`vm extension set -g lab --vm-name lab-1 --publisher Annex.Extensions --name CustomScript --version 1.1 --settings ${settings} --no-wait`;
      assert.equal(lab["lab-1"].exists("/root/waited"), false);
      assert.match((await inPortal(owner, lab["lab-1"])).runs[0].target.state, /Queued|Delivered|Running|Installing|PickedUp|Enabling/);
      await az`vm extension wait -g lab --vm-name lab-1 -n CustomScript --created --interval 1 --timeout 60`;
      assert.equal(lab["lab-1"].read("/root/waited"), "waited\n");
    },
  ],
  [
    "a failing script fails the command with the service's own code, and the extension stays as failed",
    async ({ az, lab, owner }) => {
      const settings = JSON.stringify({ commandToExecute: "echo no such disk >&2; exit 7" });
      const { code, text } = await az.refused`vm extension set -g lab --vm-name lab-1 --publisher Annex.Extensions --name CustomScript --version 1.1 --settings ${settings}`;
      assert.equal(code, 1);
      assert.match(text, /\(VMExtensionProvisioningError\)/);
      assert.match(text, /no such disk|exit(ed)? (with )?(code|status) 7/i);
      const [shown, view] = await Promise.all([
        az`vm extension show -g lab --vm-name lab-1 -n CustomScript`,
        az`vm extension show -g lab --vm-name lab-1 -n CustomScript --instance-view`,
      ]);
      assert.equal(shown.provisioningState, "Failed");
      const [status] = view.instanceView.statuses;
      assert.match(status.code, /^ProvisioningState\/failed\/\d+$/);
      assert.deepEqual([status.level, status.displayStatus], ["Error", "Provisioning failed"]);
      const stderr = view.instanceView.substatuses.find(({ code }) => code.startsWith("ComponentStatus/StdErr/"));
      assert.match(stderr.message, /no such disk/);
      assert.equal((await inPortal(owner, lab["lab-1"])).runs[0].target.state, "Failed");
    },
  ],
  [
    "a client that names Microsoft's publisher gets what stands in for it",
    async ({ az, lab }) => {
      const settings = JSON.stringify({ commandToExecute: "echo stood in >/root/stand-in" });
      const made = await az`vm extension set -g lab --vm-name lab-2 --publisher Microsoft.Azure.Extensions --name CustomScript --version 2.1 --settings ${settings}`;
      assert.deepEqual([made.publisher, made.typePropertiesType, made.typeHandlerVersion], ["Microsoft.Azure.Extensions", "CustomScript", "2.1"]);
      assert.equal(lab["lab-2"].read("/root/stand-in"), "stood in\n");
      const view = await az`vm get-instance-view -g lab -n lab-2`;
      const [extension] = view.instanceView.extensions;
      assert.deepEqual([extension.name, extension.type], ["CustomScript", "Microsoft.Azure.Extensions.CustomScript"]);
    },
  ],
  [
    "an unknown publisher, an unknown version, an unknown machine and a machine without an agent are refused with the way out",
    async ({ az, place }) => {
      await putMachine(az, place, "lab", "bare", WITHOUT_AGENT);
      const settings = JSON.stringify({ commandToExecute: "true" });
      const [publisher, version, machine, bare] = await Promise.all([
        az.refused`vm extension set -g lab --vm-name lab-1 --publisher Nobody.Knows --name Thing --version 1.0 --settings ${settings}`,
        az.refused`vm extension set -g lab --vm-name lab-1 --publisher Annex.Extensions --name CustomScript --version 7.3 --settings ${settings}`,
        az.refused`vm extension set -g lab --vm-name nobody --publisher Annex.Extensions --name CustomScript --settings ${settings}`,
        az.refused`vm extension set -g lab --vm-name bare --publisher Annex.Extensions --name CustomScript --version 1.1 --settings ${settings}`,
      ]);
      assert.match(publisher.text, /\(ArtifactNotFound\).*Nobody\.Knows/);
      assert.match(version.text, /\(ArtifactVersionNotFound\).*7\.3/);
      assert.deepEqual([machine.code, /\(ResourceNotFound\)/.test(machine.text)], [3, true], machine.text);
      assert.match(bare.text, /\(OperationNotAllowed\).*agent/i);
      const { text } = await az.refused`vm extension set -g lab --vm-name lab-1 --publisher Nobody.Knows --name Thing --settings ${settings}`;
      assert.match(text, /Failed to find the latest version for the extension "Thing"/);
    },
  ],
  [
    "list shows what is there; delete takes it away, and once more is no error",
    async ({ az, lab, owner }) => {
      const table = await az.text`vm extension list -g lab --vm-name lab-1 -o table`;
      assert.match(table, /^CustomScript +Failed +Annex\.Extensions +1\.1 +True$/m);
      await az`vm extension delete -g lab --vm-name lab-1 -n CustomScript`;
      const [gone, left] = await Promise.all([
        az.refused`vm extension show -g lab --vm-name lab-1 -n CustomScript`,
        az`vm extension list -g lab --vm-name lab-1`,
      ]);
      assert.equal(gone.code, 3);
      assert.deepEqual(left, []);
      assert.deepEqual((await owner.get(`/api/vms/get?id=${lab["lab-1"].id}`)).extensions, []);
      await az`vm extension delete -g lab --vm-name lab-1 -n CustomScript`;
    },
  ],
  [
    "what a person installs in the portal is there for az at once",
    async ({ az, lab, owner, eventually }) => {
      await owner.runScript(lab["lab-1"].id, "echo by hand >/root/by-hand");
      const shown = await az`vm extension show -g lab --vm-name lab-1 -n CustomScript`;
      assert.deepEqual([shown.publisher, shown.settings], ["Annex.Extensions", { commandToExecute: "echo by hand >/root/by-hand" }]);
      await eventually("the script has run", () => lab["lab-1"].exists("/root/by-hand"));
    },
  ],
];

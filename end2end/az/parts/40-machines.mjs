// `az vm`: what there is, its power, its tags, and its end.

import assert from "node:assert/strict";
import { WITHOUT_AGENT, putMachine } from "../setting.mjs";

export const portal = { lab: 2 };

const inPortal = (owner, machine) => owner.get(`/api/vms/get?id=${machine.id}`);
const power = (machine) => machine.powerState;

export default [
  [
    "machines are listed in the subscription and in their group, with their power",
    async ({ az, place, lab }) => {
      const [all, inGroup, detailed, table] = await Promise.all([
        az`vm list`,
        az`vm list -g LAB`,
        az`vm list -g lab -d`,
        az.text`vm list -d -o table`,
      ]);
      for (const list of [all, inGroup, detailed]) assert.deepEqual(list.map(({ name }) => name).sort(), ["lab-1", "lab-2"]);
      assert.deepEqual(detailed.map(power), ["VM running", "VM running"]);
      assert.match(table, /^lab-1 +lab +VM running +annex/m);
      const [first] = all.filter(({ name }) => name === "lab-1");
      assert.equal(first.id, `/subscriptions/${place.subscription}/resourceGroups/lab/providers/Microsoft.Compute/virtualMachines/lab-1`);
      assert.equal(first.vmId, lab["lab-1"].id);
    },
  ],
  [
    "show, show -d and get-instance-view agree with each other and with the portal",
    async ({ az, lab, owner }) => {
      const [shown, detailed, view] = await Promise.all([
        az`vm show -g lab -n lab-1`,
        az`vm show -g lab -n lab-1 -d`,
        az`vm get-instance-view -g lab -n lab-1`,
      ]);
      assert.deepEqual([shown.name, shown.provisioningState, shown.location], ["lab-1", "Succeeded", "annex"]);
      assert.equal(shown.storageProfile.osDisk.osType, "Linux");
      assert.equal(power(detailed), "VM running");
      const { vmAgent, statuses } = view.instanceView;
      assert.deepEqual(statuses.map(({ code }) => code), ["ProvisioningState/succeeded", "PowerState/running"]);
      assert.equal(vmAgent.statuses[0].displayStatus, "Ready");
      const { vm } = await inPortal(owner, lab["lab-1"]);
      assert.equal(vm.id, shown.vmId);
      assert.ok(JSON.stringify(vm).includes(vmAgent.vmAgentVersion), "the agent's version");
      const missing = await az.refused`vm show -g lab -n nobody`;
      assert.deepEqual([missing.code, /\(ResourceNotFound\).*nobody/.test(missing.text)], [3, true], missing.text);
    },
  ],
  [
    "stop ends everything in the machine, start brings it back, restart makes it another run of the same",
    async ({ az, lab }) => {
      const machine = lab["lab-1"];
      const before = machine.pid;
      await az`vm stop -g lab -n lab-1`;
      assert.equal(machine.pid, null);
      assert.equal(power(await az`vm show -g lab -n lab-1 -d`), "VM stopped");
      const { text } = await az.refused`vm extension set -g lab --vm-name lab-1 --publisher Annex.Extensions --name CustomScript --version 1.1 --settings ${'{"commandToExecute":"true"}'}`;
      assert.match(text, /\(OperationNotAllowed\)/);
      await az`vm start -g lab -n lab-1`;
      const started = machine.pid;
      assert.ok(started !== null && started !== before);
      await az`vm restart -g lab -n lab-1`;
      assert.ok(machine.pid !== null && machine.pid !== started);
      assert.equal(power(await az`vm show -g lab -n lab-1 -d`), "VM running");
    },
  ],
  [
    "update sets tags and keeps the rest; the portal and the list of resources show them",
    async ({ az, lab, owner }) => {
      const updated = await az`vm update -g lab -n lab-1 --set tags.role=web tags.tier=${"gold and silver"}`;
      assert.deepEqual(updated.tags, { role: "web", tier: "gold and silver" });
      const { vm } = await inPortal(owner, lab["lab-1"]);
      assert.deepEqual(vm.tags, { role: "web", tier: "gold and silver" });
      const [one, tagged] = await Promise.all([az`vm update -g lab -n lab-1 --remove tags.tier`, az`resource list --tag role=web`]);
      assert.deepEqual(one.tags, { role: "web" });
      assert.deepEqual(tagged.map(({ name, type }) => [name, type]), [["lab-1", "Microsoft.Compute/virtualMachines"]]);
      assert.equal(power(await az`vm show -g lab -n lab-1 -d`), "VM running");
    },
  ],
  [
    "deallocate and wait, then the machine is gone with delete",
    async ({ az, lab, owner }) => {
      await az`vm deallocate -g lab -n lab-2`;
      assert.equal(lab["lab-2"].pid, null);
      await az`vm delete -g lab -n lab-2 --yes`;
      const [gone, rest] = await Promise.all([az.refused`vm show -g lab -n lab-2`, az`vm list`]);
      assert.equal(gone.code, 3);
      assert.deepEqual(rest.map(({ name }) => name), ["lab-1"]);
      assert.deepEqual(Object.keys(await owner.machines()), ["lab-1"]);
      await az`vm delete -g lab -n lab-2 --yes`;
    },
  ],
  [
    "a machine can be registered by PUT; what has no power here is refused, with what may be done instead",
    async ({ az, place, owner }) => {
      const made = await putMachine(az, place, "lab", "metal-1", { computerName: "metal-1", ...WITHOUT_AGENT }, { rack: "7" });
      assert.deepEqual([made.name, made.tags.rack], ["metal-1", "7"]);
      assert.ok("metal-1" in (await owner.machines()));
      const [start, stop] = await Promise.all([az.refused`vm start -g lab -n metal-1`, az.refused`vm stop -g lab -n metal-1`]);
      for (const { code, text } of [start, stop]) {
        assert.equal(code, 1);
        assert.match(text, /\((OperationNotAllowed|Conflict)\)/);
        assert.match(text, /metal-1/);
      }
    },
  ],
];

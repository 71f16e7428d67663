// Resource groups, and what a program may do where.

import assert from "node:assert/strict";
import { WITHOUT_AGENT, logIn, meet, putMachine } from "../setting.mjs";

export const portal = { lab: 2 };

const other = {}; // a second program with its own `az`

export default [
  [
    "a group is made, shown, listed, tagged and exists",
    async ({ az }) => {
      const made = await az`group create -n Web_1 -l annex --tags team=shop`;
      assert.deepEqual([made.name, made.location, made.tags, made.properties.provisioningState], ["Web_1", "annex", { team: "shop" }, "Succeeded"]);
      const updated = await az`group update -n web_1 --set tags.stage=test`;
      assert.deepEqual([updated.name, updated.tags], ["Web_1", { team: "shop", stage: "test" }]);
      const [there, nowhere, list, tagged, shown] = await Promise.all([
        az`group exists -n web_1`,
        az`group exists -n nowhere`,
        az`group list`,
        az`group list --tag team=shop`,
        az`group show -n WEB_1`,
      ]);
      assert.deepEqual([there, nowhere], [true, false]);
      assert.deepEqual(list.map(({ name }) => name).sort(), ["Web_1", "lab"]);
      assert.deepEqual(tagged.map(({ name }) => name), ["Web_1"]);
      assert.equal(shown.id.split("/").slice(3).join("/"), "resourceGroups/Web_1");
    },
  ],
  [
    "a program without a role sees nothing; as Reader of a machine it sees that machine and changes nothing",
    async ({ az, newAz, place, program }) => {
      other.az = newAz();
      other.program = await program("visitor", null);
      const { appId, secret, objectId } = other.program;
      await meet(other.az, place);
      await other.az.refused`login --service-principal -u ${appId} -p ${secret} --tenant ${place.tenant}`;
      const machine = `/subscriptions/${place.subscription}/resourceGroups/lab/providers/Microsoft.Compute/virtualMachines/lab-1`;
      const made = await az`role assignment create --role Reader --assignee-object-id ${objectId} --assignee-principal-type ServicePrincipal --scope ${machine}`;
      assert.deepEqual([made.principalId, made.scope.toLowerCase()], [objectId, machine.toLowerCase()]);
      await logIn(other.az, place, other.program);
      assert.deepEqual((await other.az`vm list`).map(({ name }) => name), ["lab-1"]);
      assert.equal((await other.az`vm show -g lab -n lab-1`).name, "lab-1");
      const [stop, neighbour] = await Promise.all([other.az.refused`vm stop -g lab -n lab-1`, other.az.refused`vm show -g lab -n lab-2`]);
      assert.match(stop.text, /\(AuthorizationFailed\)/);
      assert.match(neighbour.text, /\((AuthorizationFailed|ResourceNotFound)\)/);
    },
  ],
  [
    "a role at the group lets it work there",
    async ({ az, place, lab }) => {
      const group = `/subscriptions/${place.subscription}/resourceGroups/lab`;
      await az`role assignment create --role ${"Virtual Machine Contributor"} --assignee-object-id ${other.program.objectId} --assignee-principal-type ServicePrincipal --scope ${group}`;
      // once more is the same assignment, not another one
      await az`role assignment create --role ${"Virtual Machine Contributor"} --assignee-object-id ${other.program.objectId} --assignee-principal-type ServicePrincipal --scope ${group}`;
      await other.az`vm run-command invoke -g lab -n lab-2 --command-id RunShellScript --scripts ${"touch /root/by-visitor"}`;
      assert.ok(lab["lab-2"].exists("/root/by-visitor"));
      assert.match((await other.az.refused`group create -n mine -l annex`).text, /\(AuthorizationFailed\)/);
    },
  ],
  [
    "assignments are listed by scope, by program and all, with the names of role and program",
    async ({ az, place }) => {
      const group = `/subscriptions/${place.subscription}/resourceGroups/lab`;
      const [here, all, byProgram] = await Promise.all([
        az`role assignment list --scope ${group}`,
        az`role assignment list --all`,
        az`role assignment list --all --assignee ${other.program.appId}`,
      ]);
      const summary = (list) => list.filter(({ principalId }) => principalId === other.program.objectId).map(({ roleDefinitionName }) => roleDefinitionName).sort();
      assert.deepEqual(summary(here), ["Virtual Machine Contributor"]);
      assert.deepEqual(summary(all), ["Reader", "Virtual Machine Contributor"]);
      assert.deepEqual(summary(byProgram), summary(all));
      assert.equal(byProgram.length, 2);
      assert.ok(here.every(({ principalName }) => principalName), JSON.stringify(here));
    },
  ],
  [
    "deleting them takes the rights away at once",
    async ({ az, place }) => {
      const group = `/subscriptions/${place.subscription}/resourceGroups/lab`;
      await az`role assignment delete --role ${"Virtual Machine Contributor"} --assignee-object-id ${other.program.objectId} --scope ${group}`;
      const { text } = await other.az.refused`vm run-command invoke -g lab -n lab-2 --command-id RunShellScript --scripts id`;
      assert.match(text, /\(AuthorizationFailed\)|\(ResourceNotFound\)/);
      const [reader] = await az`role assignment list --all --assignee ${other.program.appId}`;
      await az`role assignment delete --ids ${reader.id}`;
      assert.deepEqual(await az`role assignment list --all --assignee ${other.program.appId}`, []);
    },
  ],
  [
    "a group is deleted with what is in it, and deleting it again is told as not found",
    async ({ az, place, owner }) => {
      await putMachine(az, place, "Web_1", "metal-2", WITHOUT_AGENT);
      assert.deepEqual((await az`resource list -g web_1`).map(({ name }) => name), ["metal-2"]);
      await az`group delete -n web_1 --yes`;
      assert.equal(await az`group exists -n Web_1`, false);
      assert.ok(!("metal-2" in (await owner.machines())));
      assert.equal((await az.refused`group delete -n web_1 --yes`).code, 3);
    },
  ],
];

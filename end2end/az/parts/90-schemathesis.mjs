// Requests that the OpenAPI document permits, and some that it does not: every answer is one that it describes.

import assert from "node:assert/strict";
import { join } from "node:path";
import { schemathesis } from "../schemathesis.mjs";
import { putMachine } from "../setting.mjs";

export const portal = { lab: 1 };

/** Takes roles away at the subscription. Ids are learned from lists, so it soon takes that of the program that asks. */
const RIGHTS = ["DELETE /subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}"];
const MACHINE = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}";
/** Take away what the others need. */
const GROUND = [`DELETE ${MACHINE}`, `DELETE ${MACHINE.split("/providers")[0]}`];

const flags = (flag, names) => names.flatMap((name) => [flag, name]);
const token = async (az) => (await az`account get-access-token`).accessToken;

/** A machine that says it has an agent; none ever reports, so nothing that is asked of it is done. */
async function registered(az, place) {
  const { properties } = await putMachine(az, place, "fuzz", "fuzz-1", { allowExtensionOperations: true, linuxConfiguration: { provisionVMAgent: true } });
  return properties;
}

/** How many requests a run made. */
const cases = (said) => Number(said.match(/(\d+) generated/)?.[1] ?? 0);

export default [
  [
    "a group of its own has a machine whose extensions wait for an agent",
    async ({ az, place, program, owner }) => {
      await az`group create -n fuzz -l annex`;
      const { vmId } = await registered(az, place);
      place.principal = (await program("fuzz", null)).objectId;
      place.operation = await owner.runScript(vmId, "true");
    },
  ],
  [
    "no request is a server error or gets an answer that the document does not describe",
    async ({ az, place, programs, out, portal }) => {
      const said = await schemathesis(programs, place, await token(az), join(out, "schemathesis"), flags("--exclude-name", [...RIGHTS, ...GROUND]));
      assert.ok(cases(said) > 500, said);
      assert.ok(!said.includes("Authentication failed"), said);
      assert.ok(!/ panicked at /.test(portal.output));
    },
  ],
  [
    "nor when machines and their group go away; those of others stay",
    async ({ az, place, programs, out }) => {
      const said = await schemathesis(programs, place, await token(az), join(out, "schemathesis-ground"), flags("--include-name", GROUND));
      assert.ok(cases(said) > 10, said);
      assert.equal(await az`group exists -n fuzz`, false);
      assert.deepEqual((await az`vm list -d`).map(({ name, powerState }) => [name, powerState]), [["lab-1", "VM running"]]);
    },
  ],
  [
    "nor when the program takes its own role away",
    async ({ az, place, programs, out }) => {
      const said = await schemathesis(programs, place, await token(az), join(out, "schemathesis-rights"), flags("--include-name", RIGHTS));
      assert.ok(cases(said) > 5, said);
    },
  ],
];

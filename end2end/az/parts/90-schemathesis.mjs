// Requests that the OpenAPI document permits, and some that it does not: every answer is one that it describes.

import assert from "node:assert/strict";
import { join } from "node:path";
import { schemathesis } from "../schemathesis.mjs";
import { WITHOUT_AGENT, putMachine } from "../setting.mjs";

export const portal = { lab: 1 };

/** The operations that take the group, or a machine that the others need, away; as schemathesis names them. */
async function endings(place) {
  const { paths } = await (await fetch(`${place.plain}/openapi.json`)).json();
  return Object.keys(paths)
    .filter((path) => paths[path].delete && /\/(resourceGroups\/\{[^}/]+\}|virtualMachines\/\{[^}/]+\})$/i.test(path))
    .map((path) => `DELETE ${path}`);
}

/** How many requests a run made. */
const cases = (said) => Number(said.match(/(\d+) generated/)?.[1] ?? 0);

export default [
  [
    "a group of its own has a machine whose extensions wait for an agent, and one that has none",
    async ({ az, place, portal }) => {
      place.plain = portal.url;
      await az`group create -n fuzz -l annex`;
      await putMachine(az, place, "fuzz", "fuzz-1", { allowExtensionOperations: true, linuxConfiguration: { provisionVMAgent: true } });
      await putMachine(az, place, "fuzz", "fuzz-2", { allowExtensionOperations: false, ...WITHOUT_AGENT });
    },
  ],
  [
    "no request is a server error or gets an answer that the document does not describe",
    async ({ az, place, programs, out, portal }) => {
      const { accessToken } = await az`account get-access-token`;
      const without = (await endings(place)).flatMap((name) => ["--exclude-name", name]);
      assert.equal(without.length, 4, "the two operations that take the others' ground away are found");
      const said = await schemathesis(programs, place, accessToken, join(out, "schemathesis"), without);
      assert.ok(cases(said) > 500, said);
      assert.ok(!/ panicked at /.test(portal.output));
    },
  ],
  [
    "nor when machines and their group go away",
    async ({ az, place, programs, out }) => {
      const { accessToken } = await az`account get-access-token`;
      const only = (await endings(place)).flatMap((name) => ["--include-name", name]);
      const said = await schemathesis(programs, place, accessToken, join(out, "schemathesis-endings"), only);
      assert.ok(cases(said) > 10, said);
      assert.equal(await az`group exists -n fuzz`, false);
      assert.deepEqual((await az`vm list -d`).map(({ name, powerState }) => [name, powerState]), [["lab-1", "VM running"]]);
    },
  ],
];

// The Azure SDK for Python, as a program of somebody's own would use it (sdk.py).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../../build/steps.mjs";

export const portal = { lab: 1, signIn: false };

export default [
  [
    "creates, polls, fails, patches, deletes, runs commands and turns pages",
    async ({ programs, place, principal, lab }) => {
      const env = { ...process.env, AZURE_CLIENT_SECRET: principal.secret, REQUESTS_CA_BUNDLE: place.ca, PYTHONDONTWRITEBYTECODE: "1" };
      const args = [join(root, "end2end/az/sdk.py"), place.url, place.tenant, place.subscription, principal.appId];
      const { stdout } = await promisify(execFile)(join(programs.sdk, "python"), args, { env, timeout: 180_000 });
      assert.equal(stdout.match(/^seen: /gm).length, 8, stdout);
      assert.equal(lab["lab-1"].read("/root/by-sdk"), "from the sdk\n");
      assert.equal(lab["lab-1"].read("/root/patched"), "patched\n");
    },
  ],
];

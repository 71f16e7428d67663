// Signing in: the three ways of a program, and everything that is not one of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { signIn } from "../setting.mjs";

export const portal = { lab: 1, signIn: false };

const tenantStyle = async (az, { url, tenant }, { appId, secret }) => {
  await az`cloud register -n annex --endpoint-resource-manager ${url} --endpoint-active-directory ${url}`;
  await az`cloud set -n annex`;
  await az`config set core.instance_discovery=false`;
  return az`login --service-principal -u ${appId} -p ${secret} --tenant ${tenant}`;
};

export default [
  [
    "`annex ca` prints the authority that the port's certificate is from, the same that a browser downloads",
    async ({ portal, place }) => {
      const printed = execFileSync(portal.binary, ["ca", "--data", portal.data], { encoding: "utf8" });
      assert.match(printed, /-----BEGIN CERTIFICATE-----/);
      assert.equal(printed.trim(), readFileSync(place.ca, "utf8").trim());
    },
  ],
  [
    "the lines of the Access page sign a service principal in; it sees the one subscription",
    async ({ az, place, principal }) => {
      const accounts = await signIn(az, place, principal);
      assert.equal(accounts.length, 1);
      const [account] = await az`account list`;
      assert.equal(account.id, place.subscription);
      assert.equal(account.tenantId, place.tenant);
      assert.equal(account.state, "Enabled");
      assert.deepEqual(account.user, { name: principal.appId, type: "servicePrincipal" });
      const token = await az`account get-access-token`;
      assert.deepEqual([token.tenant, token.subscription], [place.tenant, place.subscription]);
      const claims = JSON.parse(Buffer.from(token.accessToken.split(".")[1], "base64url"));
      assert.equal(claims.appid, principal.appId);
      assert.equal(claims.oid, principal.objectId);
      assert.ok((await az`vm list`).some(({ name }) => name === "lab-1"));
    },
  ],
  [
    "the v2.0 paths of the tenant do the same without instance discovery",
    async ({ newAz, place, principal }) => {
      const az = newAz();
      const [account] = await tenantStyle(az, place, principal);
      assert.equal(account.id, place.subscription);
      assert.ok((await az`vm list -g lab`).some(({ name }) => name === "lab-1"));
    },
  ],
  [
    "a wrong secret, an unknown program and another tenant are refused, and nothing says which of them exists",
    async ({ newAz, place, principal, portal }) => {
      const az = newAz();
      const nobody = "00000000-0000-4000-8000-000000000000";
      await az`cloud register -n annex --endpoint-resource-manager ${place.url} --endpoint-active-directory ${`${place.url}/adfs`}`;
      await az`cloud set -n annex`;
      const wrong = await az.refused`login --service-principal -u ${principal.appId} -p not-the-secret --tenant ${place.tenant}`;
      const unknown = await az.refused`login --service-principal -u ${nobody} -p not-the-secret --tenant ${place.tenant}`;
      for (const { text } of [wrong, unknown]) assert.match(text, /secret/i);
      const general = (text) => text.replaceAll(principal.appId, "APP").replaceAll(nobody, "APP").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID").replace(/\d\d:\d\d:\d\d\S*/g, "");
      assert.equal(general(wrong.text), general(unknown.text));
      const other = newAz();
      await other`cloud register -n annex --endpoint-resource-manager ${place.url} --endpoint-active-directory ${place.url}`;
      await other`cloud set -n annex`;
      await other`config set core.instance_discovery=false`;
      await other.refused`login --service-principal -u ${principal.appId} -p ${principal.secret} --tenant ${nobody}`;
      assert.ok(!portal.output.includes(principal.secret), "the secret is in no log");
    },
  ],
  [
    "a program that is disabled is refused within a second, with the token that it has",
    async ({ newAz, place, owner, program }) => {
      const az = newAz();
      const shortLived = await program("short-lived", "Reader");
      await signIn(az, place, shortLived);
      assert.ok((await az`vm list`).length > 0);
      await owner.post("/api/service-principals/update", { id: shortLived.objectId, enabled: "false" });
      const { text } = await az.refused`vm list`;
      assert.match(text, /disabled|InvalidAuthenticationToken|AuthenticationFailed/i);
    },
  ],
];

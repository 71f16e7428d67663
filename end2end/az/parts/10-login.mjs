// Signing in: the three ways of a program, and everything that is not one of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { Machine } from "../../machine.mjs";
import { meet, signIn } from "../setting.mjs";

export const portal = { lab: 1, signIn: false };

const tenantStyle = async (az, { url, tenant }, { appId, secret }) => {
  await az`cloud register -n annex --endpoint-resource-manager ${url} --endpoint-active-directory ${url}`;
  await az`cloud set -n annex`;
  await az`config set core.instance_discovery=false`;
  return az`login --service-principal -u ${appId} -p ${secret} --tenant ${tenant}`;
};

/**
 * What `annex-agent relay` is on a machine at 169.254.169.254: asks the server with the machine's credential for whoever asks
 * here. The address of the real one exists on machines of their own only.
 */
async function metadataOf(machine, portal) {
  const { credential } = JSON.parse(readFileSync(join(machine.folder, "state/credential.json"), "utf8"));
  const server = createServer(async (request, response) => {
    const answer = await fetch(`${portal.url}${request.url}`, { headers: { authorization: `Bearer ${credential}`, metadata: request.headers.metadata } });
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

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
    "a machine signs in as itself, with the rights that were given to it",
    async ({ az, newAz, place, portal, owner }) => {
      const machine = new Machine(portal, "worker");
      const { token } = await owner.post("/api/enrolment/offer", { name: "worker", minutes: 60 });
      await machine.enrol(token);
      const metadata = await metadataOf(machine, portal);
      try {
        // the client's own name for where instance metadata is
        const itself = newAz({ AZURE_POD_IDENTITY_AUTHORITY_HOST: metadata.url });
        await itself`cloud register -n annex --endpoint-resource-manager ${place.url}`;
        await itself`cloud set -n annex`;
        assert.match((await itself.refused`login --identity`).text, /AuthorizationFailed|No access was configured/);
        const worker = (await az`vm list`).find(({ name }) => name === "worker");
        await az`role assignment create --role Reader --assignee-object-id ${worker.vmId} --assignee-principal-type ServicePrincipal --scope ${worker.id}`;
        const [account] = await itself`login --identity`;
        assert.deepEqual([account.id, account.tenantId, account.user.name], [place.subscription, place.tenant, "systemAssignedIdentity"]);
        assert.deepEqual((await itself`vm list`).map(({ name }) => name), ["worker"]);
      } finally {
        metadata.close();
      }
    },
  ],
  [
    "a wrong secret and an unknown program are refused in the same words",
    async ({ newAz, place, principal, portal }) => {
      const az = newAz();
      const nobody = "00000000-0000-4000-8000-000000000000";
      await meet(az, place);
      const wrong = await az.refused`login --service-principal -u ${principal.appId} -p not-the-secret --tenant ${place.tenant}`;
      const unknown = await az.refused`login --service-principal -u ${nobody} -p not-the-secret --tenant ${place.tenant}`;
      for (const { text } of [wrong, unknown]) assert.match(text, /secret/i);
      const general = (text) => text.replaceAll(principal.appId, "APP").replaceAll(nobody, "APP").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID").replace(/\d\d:\d\d:\d\d\S*/g, "");
      assert.equal(general(wrong.text), general(unknown.text));
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
      await owner.post("/api/access/principals/enable", { id: shortLived.objectId, enabled: "false" });
      const { text } = await az.refused`vm list`;
      assert.match(text, /disabled|InvalidAuthenticationToken|AuthenticationFailed/i);
    },
  ],
];

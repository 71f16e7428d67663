// What is published, as `az vm extension image` shows it, against what the portal says of it.

import assert from "node:assert/strict";

export const portal = { lab: 0 };

export default [
  [
    "the subscription has one location, where everything is",
    async ({ az }) => {
      const locations = await az`account list-locations`;
      assert.deepEqual(locations.map(({ name }) => name), ["annex"]);
    },
  ],
  [
    "all images, as a table and by name, are those of the marketplace and the names that they stand in for",
    async ({ az, owner }) => {
      const [table, all, versions] = await Promise.all([
        az.text`vm extension image list -o table`,
        az`vm extension image list`,
        az`vm extension image list-versions -l annex -p Annex.Extensions -n CustomScript`,
      ]);
      assert.match(table, /^CustomScript +Annex\.Extensions +1\.1\.0$/m);
      const { versions: published } = await owner.get("/api/images/get?publisher=Annex.Extensions&extension_type=CustomScript");
      const listed = all.filter(({ publisher, name }) => publisher === "Annex.Extensions" && name === "CustomScript");
      assert.deepEqual(listed.map(({ version }) => version).sort(), published.map(({ version }) => version).sort());
      assert.deepEqual(versions.map(({ name }) => name).sort(), published.map(({ version }) => version).sort());
      const names = new Set(all.map(({ publisher, name }) => `${publisher}.${name}`));
      for (const name of ["Microsoft.Azure.Extensions.CustomScript", "Microsoft.OSTCExtensions.VMAccessForLinux", "Annex.Extensions.ApplicationHealth"]) {
        assert.ok(names.has(name), `${name} is listed`);
      }
    },
  ],
  [
    "the newest of one name, the names of a publisher, one version, versions that begin with something",
    async ({ az }) => {
      const [latest, names, shown, some] = await Promise.all([
        az`vm extension image list -p Annex.Extensions -n CustomScript --latest`,
        az`vm extension image list-names -l annex -p Annex.Extensions`,
        az`vm extension image show -l annex -p annex.extensions -n customscript --version 1.1.0`,
        az`vm extension image list-versions -l annex -p Annex.Extensions -n CustomScript --filter ${"startswith(name, '1.0')"} --top 1 --orderby ${"name desc"}`,
      ]);
      assert.deepEqual(latest, [{ name: "CustomScript", publisher: "Annex.Extensions", version: "1.1.0" }]);
      assert.ok(["ApplicationHealth", "CustomScript", "RunCommand", "VMAccess"].every((name) => names.some((image) => image.name === name)));
      assert.equal(shown.name, "1.1.0");
      assert.equal(shown.operatingSystem, "Linux");
      assert.equal(shown.computeRole, "IaaS");
      assert.equal(shown.supportsMultipleExtensions, false);
      assert.match(shown.id, /\/Publishers\/Annex\.Extensions\/ArtifactTypes\/VMExtension\/Types\/CustomScript\/Versions\/1\.1\.0$/);
      assert.deepEqual(some.map(({ name }) => name), ["1.0.0"]);
    },
  ],
  [
    "what is not published is not found, with the name of what is missing",
    async ({ az }) => {
      const [publisher, type, version] = await Promise.all([
        az.refused`vm extension image list-names -l annex -p Nobody.Knows`,
        az.refused`vm extension image list-versions -l annex -p Annex.Extensions -n Nothing`,
        az.refused`vm extension image show -l annex -p Annex.Extensions -n CustomScript --version 9.9.9`,
      ]);
      for (const [said, name] of [[publisher, /Nobody\.Knows/], [type, /Nothing/], [version, /9\.9\.9/]]) {
        assert.equal(said.code, 3, said.text);
        assert.match(said.text, name);
      }
    },
  ],
];

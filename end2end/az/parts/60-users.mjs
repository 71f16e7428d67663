// `az vm user`: accounts on the machine itself.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { readFileSync } from "node:fs";

export const portal = { lab: 1 };

const PASSWORD = "Tr0ub4dor-and-three";

export default [
  [
    "update with a key makes a user who may become root, with that key",
    async ({ az, lab, portal }) => {
      const file = join(portal.folder, "id");
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "ana@work", "-f", file]);
      const made = await az`vm user update -g lab -n lab-1 -u ana --ssh-key-value ${`${file}.pub`}`;
      assert.deepEqual([made.name, made.publisher, made.provisioningState], ["enablevmaccess", "Microsoft.OSTCExtensions", "Succeeded"]);
      const machine = lab["lab-1"];
      const [, , uid, gid, , home, shell] = machine.user("ana");
      assert.ok(Number(uid) >= 1000 && Number(gid) >= 1000);
      assert.match(shell, /sh$/);
      assert.equal(machine.read(`${home}/.ssh/authorized_keys`).trim(), readFileSync(`${file}.pub`, "utf8").trim());
      assert.equal(machine.mode(`${home}/.ssh/authorized_keys`), "0600");
    },
  ],
  [
    "update with a password changes it; it is in no log, no file of the agent, no answer and no page",
    async ({ az, lab, portal, owner }) => {
      const machine = lab["lab-1"];
      const before = machine.user("ana", "/etc/shadow")[1];
      await az`vm user update -g lab -n lab-1 -u ana -p ${PASSWORD}`;
      const after = machine.user("ana", "/etc/shadow")[1];
      assert.notEqual(after, before);
      assert.match(after, /^\$[0-9a-z]+\$/);
      const shown = await az.text`vm extension show -g lab --vm-name lab-1 -n enablevmaccess --instance-view`;
      const page = JSON.stringify(await owner.get(`/api/extensions/get?vm=${machine.id}&name=enablevmaccess`));
      for (const text of [shown, page, portal.output]) assert.ok(!text.includes(PASSWORD));
      // 1: looked everywhere and found it nowhere; the database in whatever files it has
      const looked = spawnSync("sh", ["-c", 'grep -rla -e "$1" -- "$2" "$3"/annex.db*', "sh", PASSWORD, machine.folder, portal.data], { encoding: "utf8" });
      assert.equal(looked.stdout, "");
    },
  ],
  [
    "reset-ssh succeeds or says that there is no SSH server on the machine",
    async ({ az, lab }) => {
      if (lab["lab-1"].exists("/usr/sbin/sshd")) {
        await az`vm user reset-ssh -g lab -n lab-1`;
      } else {
        await az`vm user reset-ssh -g lab -n lab-1`;
        const view = await az`vm extension show -g lab --vm-name lab-1 -n enablevmaccess --instance-view`;
        assert.match(JSON.stringify(view.instanceView), /no SSH server|nothing to reset/i);
      }
    },
  ],
  [
    "delete takes the user away; root and others of the system stay",
    async ({ az, lab }) => {
      const machine = lab["lab-1"];
      await az`vm user delete -g lab -n lab-1 -u ana`;
      assert.equal(machine.user("ana"), null);
      const { text } = await az.refused`vm user delete -g lab -n lab-1 -u root`;
      assert.match(text, /root/);
      assert.equal(machine.user("root")[2], "0");
    },
  ],
];

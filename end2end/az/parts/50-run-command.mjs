// `az vm run-command`: scripts once, and scripts as named resources.

import assert from "node:assert/strict";

export const portal = { lab: 1 };

/** What an action's answer holds, by its parts. */
const printed = ({ value: [{ message }] }) => {
  const [, stdout, stderr] = message.match(/\[stdout\]\n([\s\S]*)\n\[stderr\]\n?([\s\S]*)/) ?? [];
  return { stdout: stdout?.trim(), stderr: stderr?.trim(), message };
};

export default [
  [
    "invoke runs lines as root and prints both outputs",
    async ({ az, lab }) => {
      const answer = await az`vm run-command invoke -g lab -n lab-1 --command-id RunShellScript --scripts ${"id; df -h >/root/df"} ${"echo trouble >&2"}`;
      const { stdout, stderr, message } = printed(answer);
      assert.match(stdout, /^uid=0\(root\)/);
      assert.equal(stderr, "trouble");
      assert.match(message, /^Enable succeeded/);
      assert.equal(answer.value[0].code, "ProvisioningState/succeeded");
      assert.match(lab["lab-1"].read("/root/df"), /Filesystem/);
    },
  ],
  [
    "parameters are arguments in their order, and named ones variables, too; none of them is a word of a shell",
    async ({ az }) => {
      const hostile = "a b; $(touch /root/no) 'q' \"d\"";
      const answer = await az`vm run-command invoke -g lab -n lab-1 --command-id RunShellScript --scripts ${'echo "1=$1"; echo "2=$2"; echo "city=$city"; ls /root/no'} --parameters ${hostile} city=Bern`;
      const { stdout, stderr } = printed(answer);
      assert.deepEqual(stdout.split("\n"), [`1=${hostile}`, "2=Bern", "city=Bern"]);
      assert.match(stderr, /No such file/);
    },
  ],
  [
    "the portal shows the run, with its lines",
    async ({ owner, lab }) => {
      const asked = new URLSearchParams({ "filter[text]": "", "filter[open_only]": "false", "filter[failed_only]": "false", "page[number]": 1, "page[size]": 20 });
      const { items } = await owner.get(`/api/operations?${asked}`);
      assert.ok(items.length >= 2);
      const lines = await owner.lines(items[0].operation.id, lab["lab-1"].id);
      assert.ok(lines.includes("city=Bern"), lines.join("\n"));
    },
  ],
  [
    "what is offered is listed; what is for Windows or unknown is refused",
    async ({ az }) => {
      const [offered, shown, windows, unknown] = await Promise.all([
        az`vm run-command list -l annex`,
        az`vm run-command show -l annex --command-id ifconfig`,
        az.refused`vm run-command invoke -g lab -n lab-1 --command-id RunPowerShellScript --scripts Get-Date`,
        az.refused`vm run-command invoke -g lab -n lab-1 --command-id MakeCoffee`,
      ]);
      assert.deepEqual(offered.map(({ id }) => id).sort(), ["RunShellScript", "ifconfig"]);
      assert.ok(shown.script.length > 0);
      assert.match(windows.text, /Linux/);
      assert.match(unknown.text, /MakeCoffee/);
    },
  ],
  [
    "a managed run command is made, listed, shown with its output and taken away",
    async ({ az, lab }) => {
      const secret = "protected-value-1";
      const made = await az`vm run-command create -g lab --vm-name lab-1 --run-command-name greet -l annex --script ${'echo "hello $who"; echo "$word" >/root/word; id -un'} --parameters who=Ana --protected-parameters word=${secret} --timeout-in-seconds 60`;
      assert.deepEqual([made.name, made.provisioningState, made.timeoutInSeconds], ["greet", "Succeeded", 60]);
      assert.equal(lab["lab-1"].read("/root/word"), `${secret}\n`);
      const [list, text, plain] = await Promise.all([
        az`vm run-command list -g lab --vm-name lab-1`,
        az.text`vm run-command show -g lab --vm-name lab-1 --run-command-name greet --instance-view`,
        az`vm run-command show -g lab --vm-name lab-1 --run-command-name greet`,
      ]);
      assert.deepEqual(list.map(({ name }) => name), ["greet"]);
      assert.ok(!text.includes(secret));
      const view = JSON.parse(text).instanceView;
      assert.deepEqual([view.executionState, view.exitCode], ["Succeeded", 0]);
      assert.equal(view.output.trim(), "hello Ana\nroot");
      assert.equal(plain.instanceView ?? null, null);
      assert.deepEqual(plain.parameters, [{ name: "who", value: "Ana" }]);
    },
  ],
  [
    "update runs it anew; another user runs it; a failing script and one that takes too long say so",
    async ({ az }) => {
      await az`vm run-command update -g lab --vm-name lab-1 --run-command-name greet --script ${'echo "good bye $who"'}`;
      const view = async (name) => (await az`vm run-command show -g lab --vm-name lab-1 --run-command-name ${name} --instance-view`).instanceView;
      assert.equal((await view("greet")).output.trim(), "good bye Ana");
      await az`vm run-command create -g lab --vm-name lab-1 --run-command-name slow -l annex --script ${"id -un; sleep 60"} --run-as-user nobody --timeout-in-seconds 2`;
      await az`vm run-command create -g lab --vm-name lab-1 --run-command-name fails -l annex --script ${"echo out; echo err >&2; exit 9"}`;
      const [slow, fails] = await Promise.all([view("slow"), view("fails")]);
      assert.equal(slow.executionState, "TimedOut");
      assert.equal(slow.output.trim(), "nobody");
      assert.deepEqual([fails.executionState, fails.exitCode, fails.output.trim(), fails.error.trim()], ["Failed", 9, "out", "err"]);
    },
  ],
  [
    "delete takes them away, and the machine has none left",
    async ({ az, lab, owner }) => {
      for (const name of ["greet", "slow", "fails"]) await az`vm run-command delete -g lab --vm-name lab-1 --run-command-name ${name} --yes`;
      assert.deepEqual(await az`vm run-command list -g lab --vm-name lab-1`, []);
      const gone = await az.refused`vm run-command show -g lab --vm-name lab-1 --run-command-name greet`;
      assert.equal(gone.code, 3);
      const { extensions } = await owner.get(`/api/vms/get?id=${lab["lab-1"].id}`);
      assert.deepEqual(extensions.filter(({ extension }) => ["greet", "slow", "fails"].includes(extension.name)), []);
    },
  ],
];

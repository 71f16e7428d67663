// Many packages to measure with: Application Health under other names.

import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, root } from "../build/steps.mjs";
import { staticTarget } from "../build/toolchain.mjs";

/** A new folder with the packages Annex.Extensions.Sample000, Sample001, … */
export async function samplePackages(count) {
  const packages = mkdtempSync(join(tmpdir(), "annex-packages-"));
  const source = join(root, "extensions/application-health/package/1.0.0");
  const image = JSON.parse(readFileSync(join(source, "ExtensionImage.json"), "utf8"));
  const { target } = await staticTarget();
  const packer = join(root, "target", target, "agent/pack-extension");
  copyFileSync("/bin/true", join(packages, "application-health")); // any program will do: nothing is installed
  const folder = join(packages, "folder");
  mkdirSync(folder);
  cpSync(source, folder, { recursive: true });
  for (let number = 0; number < count; number += 1) {
    const name = sampleName(number);
    const entry = { ...image, type: name, title: `Sample ${number}`, standsInFor: [] };
    writeFileSync(join(folder, "ExtensionImage.json"), JSON.stringify(entry));
    const zip = join(packages, `Annex.Extensions.${name}-1.0.0.zip`);
    if (capture(packer, [folder, join(packages, "application-health"), zip]) === null) throw new Error(`${zip} could not be packed`);
  }
  rmSync(folder, { recursive: true });
  rmSync(join(packages, "application-health"));
  return packages;
}

/** The type of one of them. */
export const sampleName = (number) => `Sample${String(number).padStart(3, "0")}`;

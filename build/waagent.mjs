// The Azure Linux Agent as Debian packages it, for tests against the real thing: Debian 12's own version, Debian 13's, and
// the newest in Debian. They are only unpacked inside of test machines, never installed on this host.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Stop, run, sha256Of, tools } from "./steps.mjs";

const PACKAGES = {
  "2.7.3.0-4.1": "728b84bf2f676461d25d2c495ea8db3fac2ff0fe29a21f17a23fce20e9c33e42",
  "2.12.0.2-3": "d61fee9f3e865e572ad02718394d8700ef7e50331f00a1250593b2db6056f2ca",
  "2.16.0.2-2": "5f3562092f6f806138760bf274a8b3e5ed842c28af9042d685fdcec62e78c87e",
};
const MIRROR = "http://deb.debian.org/debian/pool/main/w/waagent";
const folder = join(tools, "waagent");

/** Fetches what is missing, by apt's own downloader (it knows this host's proxies) and checks every byte. Returns the folder. */
export async function waagentPackages() {
  mkdirSync(folder, { recursive: true });
  for (const [version, sha256] of Object.entries(PACKAGES)) {
    const name = `waagent_${version}_all.deb`;
    const file = join(folder, name);
    if (existsSync(file) && sha256Of(readFileSync(file)) === sha256) continue;
    const part = `${file}.part`;
    rmSync(part, { force: true });
    try {
      await run("/usr/lib/apt/apt-helper", ["-qq", "download-file", `${MIRROR}/${name}`, part, `SHA256:${sha256}`]);
    } catch (error) {
      throw new Stop(`${name} could not be fetched from Debian. When Debian has a newer one, name it in build/waagent.mjs and in server/tests/it/real_agents/mod.rs. (${error.message})`);
    }
    renameSync(part, file);
  }
  return folder;
}

// A lab machine as its owner would look at it from inside.

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Files are read through the root of the machine's first process, which only exists while the machine runs. */
export class LabMachine {
  constructor(portal, id) {
    this.id = id;
    this.folder = join(portal.data, "lab", id);
  }

  /** The first process on the host, or null when the machine is off. */
  get pid() {
    try {
      const { pid } = JSON.parse(readFileSync(join(this.folder, "machine.json"), "utf8"));
      return existsSync(`/proc/${pid}`) ? pid : null;
    } catch {
      return null;
    }
  }

  path(file) {
    const { pid } = this;
    if (pid === null) throw new Error(`the machine is off: ${file} cannot be read`);
    return join(`/proc/${pid}/root`, file);
  }

  exists(file) {
    return existsSync(this.path(file));
  }

  read(file) {
    return readFileSync(this.path(file), "utf8");
  }

  /** Permission bits, as `0600`. */
  mode(file) {
    return (statSync(this.path(file)).mode & 0o7777).toString(8).padStart(4, "0");
  }

  /** The fields of a user's line in /etc/passwd or /etc/shadow, or null. */
  user(name, file = "/etc/passwd") {
    const line = this.read(file).split("\n").find((line) => line.startsWith(`${name}:`));
    return line?.split(":") ?? null;
  }
}

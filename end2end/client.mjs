// A signed-in program: the portal's own addresses without a browser, for what is measured many times.

import { customScript } from "./person.mjs";

/** How a record of `/api/operations/output` holds a line. */
const lineOf = (record) => record.entry.Line?.text;

export class Client {
  /** Opens the printed link, sets the owner's password and keeps the session. */
  static async owner(portal, eventually) {
    const client = new Client();
    client.url = portal.url;
    const link = new URL(await eventually("the link is printed", () => portal.signInLink));
    const form = { token: link.searchParams.get("token"), name: "ana", password: "correct horse battery staple 7" };
    const answer = await client.send("POST", "/welcome", form);
    client.cookie = (answer.headers.getSetCookie() ?? []).map((cookie) => cookie.split(";")[0]).join("; ");
    if (answer.headers.get("location") !== "/" || !client.cookie) throw new Error(`the owner could not sign in: ${answer.status}`);
    return client;
  }

  send(method, path, form) {
    const headers = { accept: "application/json", origin: this.url, ...(this.cookie ? { cookie: this.cookie } : {}) };
    const body = form ? new URLSearchParams(form) : undefined;
    return fetch(`${this.url}${path}`, { method, headers, body, redirect: "manual" });
  }

  /** The answer of a server function; throws with the fault's text. */
  async call(method, path, form) {
    const answer = await this.send(method, path, form);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }

  get = (path) => this.call("GET", path);
  post = (path, form) => this.call("POST", path, form);

  /** One page of at most 200 machines, by name. */
  async machines(page = 1) {
    const asked = new URLSearchParams({ "filter[text]": "", "filter[failed_only]": "false", "filter[sort]": "", "page[number]": page, "page[size]": 200 });
    const { items } = await this.get(`/api/vms?${asked}`);
    return Object.fromEntries(items.map(({ id, name, health }) => [name, { id, ready: health === "Ready" || health.Ready !== undefined }]));
  }

  /** The id of the only machine, once its agent answers. */
  readyMachine(eventually) {
    return eventually("the machine is ready", async () => Object.values(await this.machines()).find(({ ready }) => ready)?.id);
  }

  /** Installs Custom Script with this command, or changes its settings. Returns the operation's id. */
  runScript(vm, command) {
    const targets = Array.isArray(vm) ? vm : [vm];
    const all = Object.fromEntries(targets.map((id, index) => [`form[targets][${index}]`, id]));
    return this.post("/api/extensions/put", { ...customScript(targets[0], command), ...all });
  }

  /** The lines that a run has printed so far. */
  async lines(operation, vm) {
    const output = await this.get(`/api/operations/output?id=${operation}&vm=${vm}&from=0`);
    return output.records.map(lineOf).filter((text) => text !== undefined);
  }
}

/** Value below which this share of the numbers lies. */
export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

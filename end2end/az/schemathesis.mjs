// A schema-driven run against the served OpenAPI document: no server error, no answer that the document does not describe.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const EXAMPLES = 15; // made-up requests of an operation, beside its examples and the edges of each parameter
const LONGEST_MS = 240_000;
/** What answers are held to. What is to be refused or accepted is for the tests of the routes. */
const CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance", "ignored_auth"];

/** Every request stays in a group of its own, so nothing that matters to others is changed by it. */
const fixed = ({ subscription }) => ({ "path.subscriptionId": subscription, "path.resourceGroupName": "fuzz" });

/** Values that lead to something real, each with how often it is taken; the rest is made up. */
const KNOWN = {
  "path.vmName": [0.9, "fuzz-1", "fuzz-2"],
  "path.vmExtensionName": [0.8, "CustomScript", "other"],
  "path.runCommandName": [0.8, "CustomScript", "other"],
  "path.location": [0.9, "annex"],
  "path.publisherName": [0.9, "Annex.Extensions", "Microsoft.Azure.Extensions"],
  "path.type": [0.9, "CustomScript"],
  "path.version": [0.9, "1.1.0"],
  "query.api-version": [0.95, "2024-11-01", "2026-04-01"],
  "body.properties.publisher": [0.9, "Annex.Extensions", "Microsoft.Azure.Extensions"],
  "body.properties.type": [0.9, "CustomScript"],
  "body.properties.typeHandlerVersion": [0.9, "1.1", "2.1"],
};

function config(place) {
  const entries = Object.entries(KNOWN);
  const dictionary = (index) => `known-${index}`;
  return [
    // in the environment, not among the arguments, where every process could read it
    'headers = { Authorization = "Bearer ${ANNEX_TOKEN}" }',
    "continue-on-failure = true",
    "request-timeout = 30.0",
    "[generation]",
    "deterministic = true",
    'database = "none"',
    `max-examples = ${EXAMPLES}`,
    "[parameters]",
    ...Object.entries(fixed(place)).map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`),
    ...entries.map(([name, [probability]], index) => `${JSON.stringify(name)} = { dictionary = "${dictionary(index)}", probability = ${probability} }`),
    ...entries.flatMap(([, [, ...values]], index) => [`[dictionaries.${dictionary(index)}]`, `values = ${JSON.stringify(values)}`]),
    "",
  ].join("\n");
}

/**
 * Runs it with a program's token on the operations that `filters` choose (schemathesis' own flags). Returns what it says;
 * throws with the findings when there are any or when it takes too long.
 */
export async function schemathesis(programs, place, token, folder, filters = []) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "schemathesis.toml");
  writeFileSync(file, config(place));
  const options = ["--url", place.url, "--tls-verify", place.ca, "--checks", CHECKS.join(","), "--no-color", "--report", "ndjson", "--report-dir", folder];
  const env = { ...process.env, ANNEX_TOKEN: token, PYTHONDONTWRITEBYTECODE: "1" };
  const args = ["--config-file", file, "run", `${place.url}/openapi.json`, ...options, ...filters];
  const child = spawn(join(programs.schemathesis, "schemathesis"), args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], timeout: LONGEST_MS });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", (code, signal) => resolve(code ?? signal)));
  writeFileSync(join(folder, "schemathesis.txt"), said);
  if (code !== 0) throw new Error(`schemathesis ended with ${code}\n${said.split("\n").slice(-200).join("\n")}`);
  return said;
}

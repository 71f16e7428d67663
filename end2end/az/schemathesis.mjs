// A schema-driven run against the served OpenAPI document: no server error, no answer that the document does not describe.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const EXAMPLES = 15; // made-up requests of an operation, beside its examples and the edges of each parameter
const LONGEST_MS = 240_000;
/** What answers are held to. What is to be refused or accepted is for the tests of the routes. */
const CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance", "ignored_auth"];

/** Every request is about one machine in a group of its own, so nothing that matters to others is changed by it. */
const fixed = ({ subscription }) => ({ "path.subscriptionId": subscription, "path.resourceGroupName": "fuzz", "path.vmName": "fuzz-1" });

/** Values that lead to something real, each with how often it is taken; the rest is made up. */
const known = ({ subscription, principal, operation }) => ({
  "path.vmExtensionName": [0.8, "CustomScript", "other"],
  "path.runCommandName": [0.8, "greet", "other"],
  "path.location": [0.9, "annex"],
  "path.publisherName": [0.9, "Annex.Extensions", "Microsoft.Azure.Extensions"],
  "path.type": [0.9, "CustomScript"],
  "path.version": [0.9, "1.1.0", "2.1.13"],
  "path.commandId": [0.8, "RunShellScript", "ifconfig"],
  "path.operationId": [0.8, operation],
  "path.resourceProviderNamespace": [0.8, "Microsoft.Compute"],
  "path.roleAssignmentName": [0.8, "6f0e1c52-1f4e-4a53-9d2c-3a6f0c9b7d11"],
  "query.api-version": [0.95, "2024-11-01", "2026-04-01"],
  "body.location": [0.9, "annex"],
  "body.commandId": [0.9, "RunShellScript"],
  "body.properties.publisher": [0.95, "Annex.Extensions"],
  "body.properties.type": [0.95, "CustomScript"],
  "body.properties.typeHandlerVersion": [0.9, "1.1"],
  "body.properties.settings.commandToExecute": [0.9, "true"],
  "body.properties.roleDefinitionId": [0.9, `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`],
  "body.properties.principalId": [0.9, principal],
  "body.properties.principalType": [0.9, "ServicePrincipal"],
});

function config(place) {
  const entries = Object.entries(known(place));
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
 * throws with the findings when there are any or when it takes too long. `place` is the setting's, with the object id of
 * another program (`principal`) and the id of an operation.
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

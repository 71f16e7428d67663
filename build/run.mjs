// `make run`, `make build`, `make packages`.

import { entry, steps } from "./steps.mjs";
import { ALL_STEPS, PACKAGE_STEPS, buildEverything, buildPackages } from "./everything.mjs";
import { serve, serveArguments, serverBinary } from "./server.mjs";

await entry(async () => {
  const [command, ...extra] = process.argv.slice(2);
  if (command === "packages") return buildPackages(steps(PACKAGE_STEPS));
  if (command === "build") return buildEverything(steps(ALL_STEPS));
  const step = steps(ALL_STEPS + 1);
  await buildEverything(step);
  const { ended } = await step("Portal", () => serve(serverBinary(true), serveArguments(true, extra)));
  process.exitCode = await ended;
});

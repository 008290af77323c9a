// `npm run e2e:istio`: generated resources and images before Istio's own code. Skipped, with a line, where Go is not.
import { buildReferee, goProblem, hasReferee } from "../e2e/istio/referee.mjs";
import { run, setUp } from "./setup.mjs";

const problem = hasReferee() ? undefined : goProblem();
if (problem !== undefined) {
  console.log(`skipped: ${problem}, and Istio's code is written in it`);
  process.exit(0);
}
setUp();
if (!hasReferee()) {
  console.log("building Istio's validation and its image fetcher; the first time this takes minutes");
  if (!buildReferee()) process.exit(1);
}
process.exitCode = run("npx", ["--no-install", "vitest", "run", "--project", "e2e", "e2e/istio"]) ? 0 : 1;

// `npm run test:parity`: each parity case on the embedded host and on a real Envoy, a line per case, and the count.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

import { root, setUp } from "./setup.mjs";

const report = `${root}build/test-report/parity.json`;

setUp();
rmSync(report, { force: true });
const vitest = spawnSync(
  "npx",
  [
    ...["--no-install", "vitest", "run", "--project", "e2e", "e2e/parity.test.ts"],
    ...["--reporter=json", `--outputFile=${root}build/test-report/parity-tests.json`],
  ],
  { cwd: root, encoding: "utf8" },
);
if (vitest.error) throw vitest.error;
let results = [];
try {
  results = JSON.parse(readFileSync(report, "utf8"));
} catch (error) {
  console.error(`the cases left no report: ${error.message}\n${vitest.stdout}${vitest.stderr}`);
}
for (const { name, stands, outcome, explained, problems } of results) {
  console.log(`${outcome.padEnd(9)} ${name} (${stands})${outcome === "explained" ? `: ${explained}` : ""}`);
  for (const problem of problems) console.log(`          ${problem}`);
}
const count = (outcome) => results.filter((each) => each.outcome === outcome).length;
const different = count("different");
console.log(
  `${results.length} cases, ${count("equal")} equal, ${count("explained")} explained${different > 0 ? `, ${different} different` : ""}`,
);
process.exitCode = vitest.status === 0 && results.length > 0 && different === 0 ? 0 : 1;

// `npm test`: sets up, then lint, types, reference and both test suites; the last line counts them all.
import { mkdirSync, readFileSync, rmSync } from "node:fs";

import { buildExample, examples } from "./examples.mjs";
import { root, run, setUp } from "./setup.mjs";

const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

/** One check that either passes or not. */
function check(name, ...command) {
  console.log(`\n== ${name}`);
  const passed = run("npx", ["--no-install", ...command]);
  counts[passed ? "passed" : "failed"]++;
  if (!passed) failures.push(name);
}

/** A suite of vitest, counted test by test. */
function suite(name) {
  console.log(`\n== tests: ${name}`);
  const report = `${root}build/test-report/${name}.json`;
  rmSync(report, { force: true });
  const passed = run("npx", [
    ...["--no-install", "vitest", "run", "--project", name],
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  ]);
  let failed = 0;
  try {
    const result = JSON.parse(readFileSync(report, "utf8"));
    counts.passed += result.numPassedTests;
    counts.skipped += result.numPendingTests + result.numTodoTests;
    failed = result.numFailedTests;
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`);
  }
  // A file that cannot even be loaded fails without a failed test.
  counts.failed += passed ? failed : Math.max(failed, 1);
  if (!passed) failures.push(`tests: ${name}`);
}

const started = Date.now();
setUp();
const unbuilt = examples().filter((name) => !buildExample(name));
counts[unbuilt.length ? "failed" : "passed"]++;
if (unbuilt.length) failures.push(`examples: ${unbuilt.join(", ")}`);
mkdirSync(`${root}build/test-report`, { recursive: true });
check("lint", "eslint", ".");
check("format", "prettier", "--check", ".");
check("types of the tools", "tsc", "--noEmit", "-p", "tsconfig.json");
check("types of the guest library", "tsc", "--noEmit", "-p", "assembly/tsconfig.json");
check("reference", "typedoc");
check("reference of the test API", "typedoc", "--options", "typedoc.testing.json");
suite("unit");
suite("e2e");

console.log(`\n${Math.round((Date.now() - started) / 1000)} s`);
if (failures.length) console.log(`failed: ${failures.join(", ")}`);
const skipped = counts.skipped ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed ? 1 : 0;

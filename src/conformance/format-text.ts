// Reports of test vectors for people.
import { printable } from "./diff.ts";
import { toByteString } from "../host/byte-string.ts";
import type { Failure, TestReport, TestResult } from "./report.ts";

/** How words are coloured; the default is not at all. */
export interface Paint {
  good(text: string): string;
  error(text: string): string;
  quiet(text: string): string;
}

const PLAIN: Paint = { good: (text) => text, error: (text) => text, quiet: (text) => text };
/** More lines of the log of a phase than this are not shown. */
const MAX_LOG_LINES = 20;

/** The phase as a report names it; `request_body[1]` is the second invocation. */
export function phaseName({ phase, invocation }: Failure): string {
  return invocation === 0 ? phase : `${phase}[${invocation}]`;
}

/** All suites and the summary. */
export function formatReport(report: TestReport, paint: Paint = PLAIN): string {
  let text = "";
  for (const { file, tests } of report.suites) {
    text += `${file}\n`;
    for (const test of tests) text += formatTest(test, file, paint);
  }
  return text + formatSummary(report, paint);
}

/** A line for a test, and what failed of it. */
export function formatTest(test: TestResult, file: string, paint: Paint = PLAIN): string {
  const name = printable(toByteString(test.name)) || "(no name)";
  if (test.passed) return `  ${paint.good("ok")}    ${name}\n`;
  let text = `  ${paint.error("FAIL")}  ${name}\n`;
  for (const [index, failure] of test.failures.entries()) {
    // What a phase logged is shown once, below the last of its failures.
    const next = test.failures[index + 1];
    const last = next === undefined || phaseName(next) !== phaseName(failure);
    text += formatFailure(failure, file, { paint, log: last && failure.field !== "log" });
  }
  for (const note of test.notes) text += `    ${paint.quiet(`note: ${note}`)}\n`;
  return text;
}

/** `3 tests: 2 passed, 1 failed`. */
export function formatSummary({ passed, failed }: TestReport, paint: Paint = PLAIN): string {
  const total = passed + failed;
  const bad = failed === 0 ? "0 failed" : paint.error(`${failed} failed`);
  return `${total} ${total === 1 ? "test" : "tests"}: ${paint.good(`${passed} passed`)}, ${bad}\n`;
}

/** What failed, where, how it differs, and what was logged if so wanted; indented. */
export function formatFailure(
  failure: Failure,
  file: string,
  { paint = PLAIN, log: showLog = false }: { paint?: Paint; log?: boolean } = {},
): string {
  const { field, place, diff, log } = failure;
  const [first = "", ...more] = failure.message.split("\n");
  const where = paint.quiet(`(${field === "" ? "" : `${field}, `}${file}:${place.line}:${place.column})`);
  const lines = [`    ${phaseName(failure)}: ${first} ${where}`, ...more.map((line) => `      ${line}`)];
  for (const line of diff) {
    const painted = line.startsWith("-") ? paint.error(line) : line.startsWith("+") ? paint.good(line) : line;
    lines.push(`      ${painted}`);
  }
  if (showLog && log.length > 0) {
    lines.push("      logged:");
    const shown = log.slice(-MAX_LOG_LINES);
    if (log.length > shown.length) lines.push(`        (${log.length - shown.length} earlier lines)`);
    for (const line of shown) lines.push(`        ${printable(toByteString(line))}`);
  }
  return `${lines.join("\n")}\n`;
}

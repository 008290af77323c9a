// Reports of test vectors as JUnit XML, which CI systems read.
import { formatFailure } from "./format-text.ts";
import type { Failure, SuiteReport, TestReport, TestResult } from "./report.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  // Attributes would turn these into blanks.
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};
/** What may not stand in XML 1.0, not even as a reference: control characters, surrogates, U+FFFE, U+FFFF. */
// eslint-disable-next-line no-control-regex -- these are the characters to be replaced
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu;

/** The whole file. Failed checks are `failure`, tests that ended early are `error`. */
export function formatJUnit(report: TestReport): string {
  const tests = report.suites.flatMap((suite) => suite.tests);
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
  lines.push(`<testsuites${attributes({ name: "proxy-wasm-as test", ...totals(tests) })}>`);
  for (const suite of report.suites) lines.push(...formatSuite(suite));
  lines.push("</testsuites>");
  return `${lines.join("\n")}\n`;
}

function formatSuite({ file, tests }: SuiteReport): string[] {
  return [
    `  <testsuite${attributes({ name: file, ...totals(tests) })}>`,
    ...tests.flatMap((test) => formatCase(test, file)),
    "  </testsuite>",
  ];
}

function formatCase(test: TestResult, file: string): string[] {
  const { name, place, failures, log } = test;
  const opening = attributes({ name, classname: file, file, line: place.line, time: seconds([test]) });
  const children = failures.map((failure) => {
    const tag = failure.kind === "error" ? "error" : "failure";
    const summary = attributes({ message: failure.message, type: typeOf(failure) });
    return `      <${tag}${summary}>${escape(formatFailure(failure, file))}</${tag}>`;
  });
  if (log.length > 0) children.push(`      <system-out>${escape(`${log.join("\n")}\n`)}</system-out>`);
  if (children.length === 0) return [`    <testcase${opening}/>`];
  return [`    <testcase${opening}>`, ...children, "    </testcase>"];
}

function typeOf({ phase, field }: Failure): string {
  return field === "" ? phase : `${phase}.${field}`;
}

/** A test that ended early counts as an error, whatever else failed of it. */
function totals(tests: readonly TestResult[]): Record<string, string | number> {
  const isError = (test: TestResult): boolean => test.failures.some(({ kind }) => kind === "error");
  return {
    tests: tests.length,
    failures: tests.filter((test) => !test.passed && !isError(test)).length,
    errors: tests.filter(isError).length,
    time: seconds(tests),
  };
}

function seconds(tests: readonly TestResult[]): string {
  return (tests.reduce((sum, test) => sum + test.milliseconds, 0) / 1000).toFixed(3);
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escape(String(value), true)}"`)
    .join("");
}

function escape(text: string, attribute = false): string {
  return text
    .replace(FORBIDDEN, "\ufffd")
    .replace(attribute ? /[&<>"'\t\n\r]/g : /[&<>\r]/g, (character) => ESCAPES[character]!);
}

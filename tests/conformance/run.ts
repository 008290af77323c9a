// Runs test vectors that are written in a test.
import { fileURLToPath } from "node:url";

import { parseSuite, runSuite } from "../../src/conformance/index.ts";
import type { Failure, RunSuiteOptions, TestResult } from "../../src/conformance/index.ts";

/** Folder of the data files. */
export const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

/** Runs all tests of a suite in text format against a module. */
export async function runText(
  wasm: Uint8Array,
  text: string,
  options: Partial<RunSuiteOptions> = {},
): Promise<readonly TestResult[]> {
  const suite = parseSuite(Buffer.from(text), "textpb", "tests.textpb");
  return (await runSuite({ suite, file: "tests.textpb", folder: fixtures, wasm, ...options })).tests;
}

/** Runs one test, given by its fields. */
export async function runOne(
  wasm: Uint8Array,
  fields: string,
  options: Partial<RunSuiteOptions> = {},
): Promise<TestResult> {
  return (await runText(wasm, `test { name: "t" ${fields} }`, options))[0]!;
}

/** A failure in a few words: `error request_headers: message`. */
export function brief({ kind, phase, invocation, field, message }: Failure): string {
  const where = `${phase}${invocation === 0 ? "" : `[${invocation}]`}${field === "" ? "" : `.${field}`}`;
  return `${kind} ${where}: ${message}`;
}

/** What failed, in a few words each. */
export async function failures(
  wasm: Uint8Array,
  fields: string,
  options: Partial<RunSuiteOptions> = {},
): Promise<string[]> {
  return (await runOne(wasm, fields, options)).failures.map(brief);
}

/** Messages of all lines that were logged. */
export async function logged(
  wasm: Uint8Array,
  fields: string,
  options: Partial<RunSuiteOptions> = {},
): Promise<string[]> {
  const { log, failures: all } = await runOne(wasm, fields, options);
  const errors = all.filter(({ kind }) => kind === "error").map(brief);
  return [...log.map((line) => line.replace(/^\w+: /, "")), ...errors];
}

// What a run of test vectors found out, as data.
import type { Place } from "./suite.ts";

/** The parts of a test, in the order in which they run. `load` is everything before the root context exists. */
export type Phase =
  | "load"
  | "plugin_init"
  | "stream_init"
  | "request_headers"
  | "request_body"
  | "response_headers"
  | "response_body"
  | "stream_destroy"
  | "plugin_destroy";

/** One reason for which a test failed. */
export interface Failure {
  /** `check`: an expectation was not met, and the test went on. `error`: the test ended here. */
  readonly kind: "check" | "error";
  readonly phase: Phase;
  /** Which invocation of a body phase, from 0; 0 for all other phases. */
  readonly invocation: number;
  /** Field of the expectation, such as `has_header` or `immediate.http_status`; empty for errors. */
  readonly field: string;
  readonly message: string;
  /** What was expected and what was there, as text; null where there is no such pair. */
  readonly expected: string | null;
  readonly actual: string | null;
  /** Lines that begin with `-` (expected), `+` (was there) or a blank (both). */
  readonly diff: readonly string[];
  /** Lines that the phase had logged. */
  readonly log: readonly string[];
  /** Where the expectation stands, or the test. */
  readonly place: Place;
}

/** How one test went. */
export interface TestResult {
  readonly name: string;
  readonly place: Place;
  readonly passed: boolean;
  readonly failures: readonly Failure[];
  /** Every line logged during the test, as `level: message`. */
  readonly log: readonly string[];
  /** What the reference host would have printed to stderr, such as calls that it does not offer. */
  readonly notes: readonly string[];
  readonly milliseconds: number;
}

/** How the tests of one file went. */
export interface SuiteReport {
  /** The file as it was named. */
  readonly file: string;
  readonly tests: readonly TestResult[];
}

/** How all files went. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly suites: readonly SuiteReport[];
}

/** Adds up suites. */
export function summarize(suites: readonly SuiteReport[]): TestReport {
  const tests = suites.flatMap((suite) => suite.tests);
  const passed = tests.filter((test) => test.passed).length;
  return { passed, failed: tests.length - passed, suites };
}

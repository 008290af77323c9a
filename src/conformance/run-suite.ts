// Runs the tests of a suite against a module.
import { HostError } from "../host/errors.ts";
import { LOG_LEVEL_NAMES } from "./schema.ts";
import { SuiteFiles } from "./suite-files.ts";
import { checkReferenceImports } from "./reference-host.ts";
import { compileModule } from "../host/guest-module.ts";
import { runTest } from "./run-test.ts";
import type { GuestModule } from "../host/guest-module.ts";
import type { ReferenceHostOptions } from "./reference-host.ts";
import type { SuiteLogLevel, Test, TestSuite } from "./suite.ts";
import type { SuiteReport, TestResult } from "./report.ts";

/** What a suite runs with. */
export interface RunSuiteOptions {
  readonly suite: TestSuite;
  /** The name of the suite's file, for reports. */
  readonly file: string;
  /** The folder to which the files named in the suite are relative. */
  readonly folder: string;
  /** Bytes of the module. */
  readonly wasm: Uint8Array;
  /** Bytes of the plugin configuration; default: none. */
  readonly configuration?: Uint8Array;
  /** Overrides the suite's own log level. */
  readonly logLevel?: SuiteLogLevel;
  /** Only tests with matching names are run. */
  readonly filter?: RegExp;
  /** Takes what the reference runner prints at log level TRACE; default: nobody. */
  readonly trace?: (line: string) => void;
  /** Told as soon as a test has run. */
  readonly onResult?: (result: TestResult) => void;
}

/** The clock stands here unless the suite says otherwise: a millisecond after 1970. */
const DEFAULT_NANOSECONDS = 1_000_000n;

/**
 * Runs the tests one after the other. A module that cannot be loaded fails all of them.
 *
 * @returns what happened; a failed test is no exception.
 */
export async function runSuite(options: RunSuiteOptions): Promise<SuiteReport> {
  const { suite, file, filter } = options;
  const tests = suite.test.filter(({ name }) => filter === undefined || search(filter, name));
  const module = await load(options.wasm);
  const files = new SuiteFiles(options.folder);
  const seconds = suite.env?.timeSecs ?? 0n;
  const logLevel = levelNumber(options.logLevel ?? suite.env?.logLevel);
  const results: TestResult[] = [];
  for (const test of tests) {
    let result: TestResult;
    if (module instanceof HostError) result = notLoaded(test, module);
    else {
      const host: ReferenceHostOptions = {
        module,
        configuration: Buffer.from(options.configuration ?? []),
        logLevel,
        nanoseconds: seconds === 0n ? DEFAULT_NANOSECONDS : seconds * 1_000_000_000n,
        trace: logLevel === 0 ? (options.trace ?? null) : null,
      };
      result = runTest(test, host, files);
    }
    results.push(result);
    options.onResult?.(result);
  }
  return { file, tests: results };
}

/** A global or sticky expression would remember where it was. */
function search(filter: RegExp, name: string): boolean {
  return name.search(filter) >= 0;
}

async function load(wasm: Uint8Array): Promise<GuestModule | HostError> {
  try {
    const module = await compileModule(wasm);
    checkReferenceImports(module);
    return module;
  } catch (error) {
    if (error instanceof HostError) return error;
    throw error;
  }
}

/** 0 for TRACE; absent and UNDEFINED mean INFO. */
function levelNumber(level: SuiteLogLevel = "UNDEFINED"): number {
  const number = LOG_LEVEL_NAMES.indexOf(level);
  return (number === 0 ? LOG_LEVEL_NAMES.indexOf("INFO") : number) - 1;
}

function notLoaded({ name, place }: Test, error: HostError): TestResult {
  const failure = {
    kind: "error",
    phase: "load",
    invocation: 0,
    field: "",
    message: `the module cannot be loaded: ${error.message}`,
    expected: null,
    actual: null,
    diff: [],
    log: [],
    place,
  } as const;
  return { name, place, passed: false, failures: [failure], log: [], notes: [], milliseconds: 0 };
}

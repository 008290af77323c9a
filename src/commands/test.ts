// `proxy-wasm-as test`: runs declarative test vectors against a module.
import { InvalidArgumentError } from "commander";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";

import { CommandError } from "./command-error.ts";
import { EXIT_FAILED, EXIT_USAGE } from "./io.ts";
import {
  SuiteError,
  formatJUnit,
  formatSummary,
  formatTest,
  loadSuite,
  runSuite,
  summarize,
} from "../conformance/index.ts";
import { palette } from "./palette.ts";
import type { CommandIo } from "./io.ts";
import type { SuiteLogLevel, SuiteReport, TestReport, TestResult, TestSuite } from "../conformance/index.ts";

/** What to run, and with what. Paths are relative to `cwd`. */
export interface TestOptions {
  /** Files of test vectors, at least one: `.yaml` or `.yml`, or else protobuf text format. */
  readonly files: readonly string[];
  /** The module; default: what the file itself names in `env.wasm_path`. */
  readonly wasm?: string;
  /** A file with the plugin configuration; default: `env.config_path`, else an empty one. */
  readonly config?: string;
  /** Default: `env.log_level`, else INFO. */
  readonly logLevel?: SuiteLogLevel;
  /** A file to which log lines are appended; default: `env.log_path`, else none. */
  readonly logFile?: string;
  /** Only tests with matching names are run. */
  readonly filter?: RegExp;
  readonly cwd: string;
  /** Told before the tests of a file run. */
  readonly onSuite?: (file: string) => void;
  /** Told after each test, with what goes into the log file, and that file if there is one. */
  readonly onResult?: (result: TestResult, file: string, logFile: string | null) => void;
  /** Takes what is printed at log level TRACE. */
  readonly trace?: (line: string) => void;
}

interface Job {
  readonly file: string;
  readonly suite: TestSuite;
  readonly wasm: Buffer;
  readonly configuration: Buffer;
}

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"] as const;

/**
 * Runs all tests of all files. Everything is read before anything runs.
 *
 * @throws CommandError for files that are missing or wrong, and if there is nothing to run.
 */
export async function runTest(options: TestOptions): Promise<TestReport> {
  const jobs = options.files.map((file) => prepare(file, options));
  if (options.filter !== undefined) checkFilter(jobs, options.filter);
  const suites: SuiteReport[] = [];
  for (const { file, suite, wasm, configuration } of jobs) {
    options.onSuite?.(file);
    const logFile = options.logFile ?? suite.env?.logPath ?? "";
    suites.push(
      await runSuite({
        suite,
        file,
        folder: dirname(resolve(options.cwd, file)),
        wasm,
        configuration,
        ...(options.logLevel === undefined ? {} : { logLevel: options.logLevel }),
        ...(options.filter === undefined ? {} : { filter: options.filter }),
        ...(options.trace === undefined ? {} : { trace: options.trace }),
        onResult: (result) => options.onResult?.(result, file, logFile === "" ? null : logFile),
      }),
    );
  }
  return summarize(suites);
}

function prepare(file: string, options: TestOptions): Job {
  const suite = readSuite(file, options.cwd);
  if (suite.test.length === 0)
    throw usage(`${file} has no tests`, "A file of test vectors has one or more of: test { name: ... }");
  const wasm = options.wasm ?? suite.env?.wasmPath ?? "";
  if (wasm === "") throw usage(`no module to test ${file} with`, "Name it: --wasm build/filter.wasm");
  const config = options.config ?? suite.env?.configPath ?? "";
  return {
    file,
    suite,
    wasm: readInput(wasm, "the module", options.cwd, "Build it first, or name another one with --wasm."),
    configuration: config === "" ? Buffer.alloc(0) : readInput(config, "the configuration", options.cwd),
  };
}

function readSuite(file: string, cwd: string): TestSuite {
  try {
    return loadSuite(resolve(cwd, file), file);
  } catch (error) {
    if (error instanceof SuiteError)
      throw new CommandError(error.message, { exitCode: EXIT_USAGE, cause: error });
    throw error;
  }
}

function readInput(path: string, what: string, cwd: string, advice?: string): Buffer {
  try {
    return readFileSync(resolve(cwd, path));
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message;
    throw usage(`cannot read ${what} ${path}: ${reason}`, advice, error);
  }
}

function checkFilter(jobs: readonly Job[], filter: RegExp): void {
  const names = jobs.flatMap(({ suite }) => suite.test.map(({ name }) => name));
  if (!names.some((name) => name.search(filter) >= 0))
    throw usage(`no test matches --filter ${filter.source}`, `There are: ${names.slice(0, 20).join(", ")}`);
}

function usage(message: string, advice?: string, cause?: unknown): CommandError {
  return new CommandError(message, {
    exitCode: EXIT_USAGE,
    ...(advice === undefined ? {} : { advice }),
    ...(cause === undefined ? {} : { cause }),
  });
}

interface TestFlags {
  wasm?: string;
  config?: string;
  logLevel?: SuiteLogLevel;
  logFile?: string;
  filter?: RegExp;
  json?: true;
  junit?: string;
}

/** Adds the command to the program. */
export function addTestCommand(program: Command, io: CommandIo): void {
  program
    .command("test")
    .description(
      "Run declarative test vectors (protobuf text format or YAML) against a module, as the test runner of Service Extensions plugins does.",
    )
    .argument("<file...>", "files of test vectors: tests.textpb, tests.yaml")
    .option("--wasm <file>", "the module to test (default: env.wasm_path of the file)")
    .option("--config <file>", "a file with the plugin configuration (default: env.config_path of the file)")
    .option("--log-level <level>", "trace, debug, info, warn, error or critical (default: info)", parseLevel)
    .option("--log-file <file>", "append the log lines of each test to a file")
    .option("--filter <regex>", "run only tests with matching names", parseFilter)
    .option("--json", "print the report as JSON")
    .option("--junit <file>", "write the report as JUnit XML, too")
    .action(async (files: string[], flags: TestFlags) => {
      await execute(files, flags, io);
    });
}

async function execute(files: string[], { json, junit, ...flags }: TestFlags, io: CommandIo): Promise<void> {
  const paint = palette(io.colour);
  // With --json nothing but the report may come on stdout.
  const text = json === true ? io.stderr : io.stdout;
  const report = await runTest({
    ...flags,
    files,
    cwd: io.cwd,
    trace: (line) => text.write(`${line}\n`),
    onSuite: (file) => {
      if (json !== true) io.stdout.write(`${file}\n`);
    },
    onResult: (result, file, logFile) => {
      if (logFile !== null) writeLog(result, logFile, text, io);
      if (json !== true) io.stdout.write(formatTest(result, file, paint));
    },
  });
  io.stdout.write(json === true ? `${JSON.stringify(report, null, 2)}\n` : formatSummary(report, paint));
  if (junit !== undefined) writeOutput(resolve(io.cwd, junit), junit, formatJUnit(report));
  if (report.failed > 0) io.exitCode = EXIT_FAILED;
}

/** Log files get the lines of each test between two markers; the names of the terminal's own files mean this terminal. */
function writeLog(result: TestResult, logFile: string, text: CommandIo["stdout"], io: CommandIo): void {
  const lines = [`--- start of test ${result.name}`, ...result.log, `--- end of test ${result.name}`];
  const content = `${lines.join("\n")}\n`;
  if (logFile === "/dev/stdout") text.write(content);
  else if (logFile === "/dev/stderr") io.stderr.write(content);
  else {
    try {
      appendFileSync(resolve(io.cwd, logFile), content);
    } catch (error) {
      throw usage(`cannot write the log file ${logFile}: ${(error as Error).message}`, undefined, error);
    }
  }
}

function writeOutput(path: string, name: string, content: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (error) {
    throw usage(`cannot write ${name}: ${(error as Error).message}`, undefined, error);
  }
}

function parseLevel(value: string): SuiteLogLevel {
  const level = LEVELS.find((each) => each === value.toUpperCase());
  if (level === undefined) throw new InvalidArgumentError(`It is one of ${LEVELS.join(", ").toLowerCase()}.`);
  return level;
}

function parseFilter(value: string): RegExp {
  try {
    return new RegExp(value);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

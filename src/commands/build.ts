// `proxy-wasm-as build`: the project's module, checked as a proxy would check it.
import { resolve } from "node:path";
import { Option } from "commander";
import type { Command } from "commander";

import { build, BuildError, formatBuild, watch } from "../compile/index.ts";
import { CommandError } from "./command-error.ts";
import { EXIT_FAILED } from "./io.ts";
import { palette } from "./palette.ts";
import type { Build, BuildOptions } from "../compile/index.ts";
import type { CommandIo } from "./io.ts";

/** As the user gives it. */
interface BuildFlags {
  target?: string;
  debug?: true;
  watch?: true;
  json?: true;
}

/** Adds the command. */
export function addBuildCommand(program: Command, io: CommandIo): void {
  program
    .command("build")
    .summary("compile the filter, and check the module as a proxy would")
    .description(
      "Compiles the project with its own copy of AssemblyScript, as its asconfig.json says, and checks the module as " +
        "Envoy would: a module that Envoy would refuse, or die of, is not written. Prints its size, what it imports " +
        "and exports, and which callbacks were left out because nothing uses them.",
    )
    .argument("[dir]", "folder of the project", ".")
    .addOption(
      new Option("-d, --debug", "unoptimized, with function names and a source map (target debug)").conflicts(
        "target",
      ),
    )
    .option("--target <name>", "target of asconfig.json (default: release)")
    .option("-w, --watch", "build again whenever a file changes; errors do not end it")
    .option("--json", "print the result as JSON, one line for each build")
    .addHelpText(
      "after",
      `
Examples:
  proxy-wasm-as build
  proxy-wasm-as build --watch
  proxy-wasm-as build --debug
  proxy-wasm-as build path/to/filter --json`,
    )
    .action(async (dir: string, flags: BuildFlags) => {
      const options = {
        folder: resolve(io.cwd, dir),
        target: flags.debug === true ? "debug" : (flags.target ?? "release"),
        colour: io.colour && flags.json !== true,
        signal: io.interrupted,
      };
      const show = (result: Build): void => print(result, flags.json === true, io);
      if (flags.watch === true) await watchBuild(options, show, io);
      else if (!(await buildOnce(options, show)).ok) io.exitCode = EXIT_FAILED;
    });
}

/** @throws CommandError if the build cannot begin, or is interrupted. */
export async function buildOnce(options: BuildOptions, show: (result: Build) => void): Promise<Build> {
  try {
    const result = await build(options);
    show(result);
    return result;
  } catch (error) {
    if (options.signal.aborted) throw new CommandError("interrupted", { exitCode: 130, cause: error });
    throw explain(error);
  }
}

/** Builds until it is interrupted. */
export async function watchBuild(
  options: BuildOptions,
  show: (result: Build) => void,
  io: CommandIo,
): Promise<void> {
  const paint = palette(io.colour);
  await watch(options, {
    built: show,
    failed: (error) => {
      const { message } = error as Error;
      const advice = error instanceof BuildError ? `  ${error.advice}\n` : "";
      io.stderr.write(`${paint.error("error:")} ${message}\n${advice}`);
    },
  });
}

/** Prints a build: the compiler's text as it is, then the report. */
export function print(result: Build, json: boolean, io: CommandIo): void {
  if (json) {
    io.stdout.write(`${JSON.stringify(toJson(result))}\n`);
    return;
  }
  if (result.output !== "") io.stderr.write(`${result.output.trim()}\n\n`);
  (result.ok ? io.stdout : io.stderr).write(formatBuild(result, palette(io.colour)));
}

/** The result for programs: flat, and without what only people or `--watch` need. */
function toJson({ module, pruned, output, ...result }: Build): unknown {
  return {
    ok: result.ok,
    target: result.target,
    outFile: result.outFile,
    written: result.written,
    bytes: module?.bytes ?? null,
    gzipBytes: module?.gzipBytes ?? null,
    imports: module?.imports.map(({ module, name }) => `${module}.${name}`) ?? [],
    exports: module?.exports.map(({ name }) => name) ?? [],
    pruned: pruned?.removed ?? [],
    messages: result.messages,
    error: result.error,
    findings: result.findings,
    milliseconds: result.milliseconds,
    // A compiler that died has left text and no messages.
    ...(result.messages.length === 0 && output !== "" ? { output } : {}),
  };
}

function explain(error: unknown): unknown {
  if (!(error instanceof BuildError)) return error;
  return new CommandError(error.message, { advice: error.advice, cause: error });
}

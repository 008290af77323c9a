// The command line as a whole: its commands, how it helps, and how errors become text and exit codes.
import { Command, CommanderError } from "commander";

import { addBuildCommand } from "./build.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addInitCommand } from "./init.ts";
import { addInspectCommand } from "./inspect.ts";
import { addConfigCommand } from "./config.ts";
import { addEnvoyCommand } from "./envoy.ts";
import { addPullCommand } from "./pull.ts";
import { addPushCommand } from "./push.ts";
import { addServeCommand } from "./serve.ts";
import { addTestCommand } from "./test.ts";
import { CommandError } from "./command-error.ts";
import { EXIT_FAILED, EXIT_USAGE } from "./io.ts";
import { ownManifest } from "../manifest.ts";
import { palette } from "./palette.ts";
import type { CommandIo } from "./io.ts";

const HELP_WIDTH = 100;

/** All commands, not run yet. */
export function createProgram(io: CommandIo): Command {
  const paint = palette(io.colour);
  const program = new Command("proxy-wasm-as");
  program
    .description("Write Proxy-Wasm filters for Envoy, Istio and other proxies in AssemblyScript.")
    .version(ownManifest().version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    // Options before a command belong to the program, options after it to the command.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(usageError(text, paint.error)),
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => io.colour,
      getErrHasColors: () => io.colour,
    })
    .configureHelp({ styleTitle: paint.strong, styleCommandText: paint.strong })
    .addHelpText(
      "after",
      `
Exit codes: 0 all is well, 1 it failed, 2 it was called wrongly.

Examples:
  proxy-wasm-as init my-filter
  proxy-wasm-as help build`,
    );
  addInitCommand(program, io);
  addBuildCommand(program, io);
  addInspectCommand(program, io);
  addDoctorCommand(program, io);
  addEnvoyCommand(program, io);
  addConfigCommand(program, io);
  addPushCommand(program, io);
  addPullCommand(program, io);
  addServeCommand(program, io);
  addTestCommand(program, io);
  for (const command of program.commands) {
    command
      .helpOption("-h, --help", "print this help")
      .option("--verbose", "show the stack of an error (as the variable DEBUG does)");
  }
  return program;
}

/** Runs a command line, the name of the program left out, and returns its exit code. Never throws. */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const program = createProgram(io);
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return EXIT_USAGE;
    }
    await program.parseAsync([...args], { from: "user" });
    return io.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    const verbose =
      Boolean(io.env["DEBUG"]) || program.commands.some((each) => each.opts()["verbose"] === true);
    io.stderr.write(describe(error, verbose, palette(io.colour).error));
    return error instanceof CommandError ? error.exitCode : EXIT_FAILED;
  }
}

/** Commander's own errors, with the way out of them. */
function usageError(text: string, paint: (text: string) => string): string {
  const message = text.trim().replace(/^error: /, "");
  return `${paint("error:")} ${message}\n  Run it with --help to see what there is.\n`;
}

function describe(error: unknown, verbose: boolean, paint: (text: string) => string): string {
  const message = error instanceof Error ? error.message : String(error);
  const advice = error instanceof CommandError ? error.advice : undefined;
  let text = `${paint("error:")} ${message}\n`;
  if (advice !== undefined) text += `  ${advice}\n`;
  if (verbose) text += `${stacks(error)}\n`;
  else if (!(error instanceof CommandError))
    text += "  Run it again with --verbose to see where this comes from.\n";
  return text;
}

/** The stack of the error and of all its causes. */
function stacks(error: unknown): string {
  const lines: string[] = [];
  for (let each = error, depth = 0; each !== undefined && depth < 10; depth++) {
    lines.push(
      `${depth === 0 ? "" : "caused by "}${each instanceof Error ? (each.stack ?? each.message) : String(each)}`,
    );
    each = each instanceof Error ? each.cause : undefined;
  }
  return lines.join("\n");
}

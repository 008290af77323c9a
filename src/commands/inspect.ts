// `proxy-wasm-as inspect`: what is in a module, and what Envoy makes of it.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import type { Command } from "commander";

import { CommandError } from "./command-error.ts";
import { EXIT_FAILED, EXIT_USAGE } from "./io.ts";
import { formatInspection, inspect } from "../inspect/index.ts";
import { HostError } from "../host/index.ts";
import { palette } from "./palette.ts";
import type { CommandIo } from "./io.ts";
import type { Inspection } from "../inspect/index.ts";

/** Adds the command. */
export function addInspectCommand(program: Command, io: CommandIo): void {
  program
    .command("inspect")
    .summary("show what is in a module, and what Envoy makes of it")
    .description(
      "Shows what is in a Proxy-Wasm module, whatever SDK made it: ABI version, imports, exports, memory, where its " +
        "bytes are, and why Envoy 1.40 would refuse it or crash. The module is started once, in a host that lets it " +
        "do nothing but log. The exit code is 1 if Envoy would not load it.",
    )
    .argument("<file.wasm>", "the module")
    .option("--top <n>", "how many functions and segments of data to list", parseCount, 10)
    .option("--json", "print everything as JSON")
    .addHelpText(
      "after",
      `
Examples:
  proxy-wasm-as inspect build/filter.wasm
  proxy-wasm-as inspect build/filter.wasm --top 30
  proxy-wasm-as inspect build/filter.wasm --json`,
    )
    .action(async (file: string, flags: { top: number; json?: true }) => {
      const found = await inspectFile(resolve(io.cwd, file), file);
      if (flags.json === true) io.stdout.write(`${JSON.stringify({ file, ...found }, null, 2)}\n`);
      else io.stdout.write(formatInspection(file, found, { top: flags.top, paint: palette(io.colour) }));
      if (found.verdict !== "loads") io.exitCode = EXIT_FAILED;
    });
}

/**
 * Inspects a file.
 *
 * @param title the file as the user calls it
 * @throws CommandError if there is no such file, or it is no module.
 */
export async function inspectFile(path: string, title: string): Promise<Inspection> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
    throw new CommandError(`cannot read ${title}: ${reason}`, {
      advice: "Give the path of a module, such as the one that the build wrote to build/.",
      exitCode: EXIT_USAGE,
      cause: error,
    });
  }
  try {
    return await inspect(bytes);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new CommandError(`${title}: ${error.message}`, {
      ...(text(bytes)
        ? { advice: "This is the text format: turn it into a binary first, with wat2wasm for instance." }
        : {}),
      cause: error,
    });
  }
}

function text(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 200)).toString("latin1").trimStart().startsWith("(module");
}

function parseCount(value: string): number {
  const count = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  if (Number.isNaN(count)) throw new InvalidArgumentError("It must be a whole number from 0.");
  return count;
}

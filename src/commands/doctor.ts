// `proxy-wasm-as doctor`: finds what is wrong with the set-up.
import { resolve } from "node:path";
import type { Command } from "commander";

import { EXIT_FAILED } from "./io.ts";
import { examine } from "../doctor/index.ts";
import { palette } from "./palette.ts";
import type { Check } from "../doctor/index.ts";
import type { CommandIo } from "./io.ts";

/** Adds the command. */
export function addDoctorCommand(program: Command, io: CommandIo): void {
  program
    .command("doctor")
    .summary("find what is wrong with the set-up, and how to mend it")
    .description(
      "Looks at Node, the compiler and the library in node_modules, asconfig.json, the editor's configuration, Envoy " +
        "and pip. Each line says ok, warn or fail, and what to do. The exit code is 1 if one says fail.",
    )
    .argument("[dir]", "folder of the project", ".")
    .option("--json", "print the checks as JSON")
    .addHelpText(
      "after",
      `
Examples:
  proxy-wasm-as doctor
  proxy-wasm-as doctor path/to/filter --json`,
    )
    .action(async (dir: string, flags: { json?: true }) => {
      const checks = await examine(resolve(io.cwd, dir), { ...io.env });
      io.stdout.write(flags.json === true ? `${JSON.stringify({ checks }, null, 2)}\n` : format(checks, io));
      if (checks.some(({ status }) => status === "fail")) io.exitCode = EXIT_FAILED;
    });
}

function format(checks: readonly Check[], io: CommandIo): string {
  const paint = palette(io.colour);
  const colours = { ok: paint.good, warn: paint.warning, fail: paint.error };
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ name, status, message, fix }) => {
      const line = `${colours[status](status.padEnd(4))}  ${name.padEnd(width)}  ${message}\n`;
      return fix === undefined ? line : `${line}${" ".repeat(width + 8)}${paint.quiet(fix)}\n`;
    })
    .join("");
}

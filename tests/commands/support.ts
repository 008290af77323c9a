// Runs command lines in this process, with a world of their own.
import { tmpdir } from "node:os";

import { run } from "../../src/commands/program.ts";
import type { CommandIo } from "../../src/commands/io.ts";

/** A world for a command, and what it wrote. */
export interface TestIo extends CommandIo {
  out: string;
  err: string;
  interrupt(): void;
}

/** A world without a terminal, in the system's temporary folder unless told otherwise. */
export function testIo(given: Partial<Pick<CommandIo, "env" | "cwd" | "isTTY" | "colour">> = {}): TestIo {
  const controller = new AbortController();
  const io: TestIo = {
    out: "",
    err: "",
    stdout: { write: (text) => void (io.out += text) },
    stderr: { write: (text) => void (io.err += text) },
    env: {},
    cwd: tmpdir(),
    isTTY: false,
    colour: false,
    interrupted: controller.signal,
    exitCode: 0,
    interrupt: () => controller.abort(),
    ...given,
  };
  return io;
}

/** Runs a command line to its end. */
export async function command(
  args: readonly string[],
  given: Parameters<typeof testIo>[0] = {},
): Promise<{ code: number; out: string; err: string }> {
  const io = testIo(given);
  const code = await run(args, io);
  return { code, out: io.out, err: io.err };
}

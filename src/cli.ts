#!/usr/bin/env node
// The command proxy-wasm-as: connects the commands to the process. The only file that touches it.
import { run } from "./commands/program.ts";
import { wantsColour } from "./commands/io.ts";

/** A terminal signals the whole process group, and npm passes the signal on: these two are one. */
const SAME_SIGNAL_MILLISECONDS = 500;

const interrupt = new AbortController();
let interruptedAt = 0;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Whoever asks again does not want to wait for a clean end.
    if (interrupt.signal.aborted && Date.now() - interruptedAt > SAME_SIGNAL_MILLISECONDS)
      process.exit(signal === "SIGINT" ? 130 : 143);
    interruptedAt = Date.now();
    interrupt.abort();
  });
}
// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const isTTY = process.stdout.isTTY === true;
process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  isTTY,
  ...(isTTY && process.stdin.isTTY ? { terminal: { input: process.stdin, output: process.stdout } } : {}),
  colour: wantsColour(process.env, isTTY),
  interrupted: interrupt.signal,
  exitCode: 0,
});

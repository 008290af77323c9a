// What a command has of the world: cli.ts takes it from the process, a test from memory.
import type { Readable, Writable } from "node:stream";

/** Where text goes. */
export interface Output {
  write(text: string): void;
}

/** A terminal with somebody at it. */
export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

/** The world around a command. */
export interface CommandIo {
  /** Results. */
  readonly stdout: Output;
  /** Errors, and what is not a result. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths of the user start here. */
  readonly cwd: string;
  /** Somebody watches: progress may be shown, questions asked. */
  readonly isTTY: boolean;
  /** Where questions are asked; absent where nobody would answer. */
  readonly terminal?: Terminal;
  /** Colours may be used. */
  readonly colour: boolean;
  /** Aborted by Ctrl-C: what runs for long ends cleanly then. */
  readonly interrupted: AbortSignal;
  /** 0 at the start. A command that did its work but has bad news (a failed test) sets {@link EXIT_FAILED}. */
  exitCode: number;
}

/** Exit code of a command that could not do what it was asked, or whose result is bad. */
export const EXIT_FAILED = 1;
/** Exit code of a command that was called wrongly. */
export const EXIT_USAGE = 2;

/** Whether to use colours: never with NO_COLOR, always with FORCE_COLOR, else on a terminal. An empty variable is not set. */
export function wantsColour(env: CommandIo["env"], isTTY: boolean): boolean {
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"]) return env["FORCE_COLOR"] !== "0";
  return isTTY && env["TERM"] !== "dumb";
}

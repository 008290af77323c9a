// The error of a command: what happened and where, what to do about it, and the exit code.
import { EXIT_FAILED } from "./io.ts";

/** What a command gives up with. It is shown without a stack unless the user asks for one. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** What to do about it; shown on a line of its own. */
  readonly advice: string | undefined;
  readonly exitCode: number;

  constructor(message: string, details: { advice?: string; exitCode?: number; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.advice = details.advice;
    this.exitCode = details.exitCode ?? EXIT_FAILED;
  }
}

// Starts a module as a proxy does when it loads one, to see whether that goes well.
import { createContext, runInContext } from "node:vm";

import { BaseContext, compileModule, HostError, Vm } from "../host/index.ts";

/** A start that takes longer is an endless one. */
const TIMEOUT_MILLISECONDS = 5000;

/** Why the start fails, or was not tried to its end. */
export interface FailedStart {
  readonly code: "start-section-hostcall" | "initialize-failed" | "start-not-tried";
  readonly message: string;
}

/** Answers a module that has no context yet: what it logs is not wanted. */
class NoContext extends BaseContext {
  readonly id = 0;

  override log(): number {
    return 0;
  }
}

/**
 * Runs the start section and the start function, and nothing else. What would kill a proxy does not kill this process,
 * and what would not end is ended.
 *
 * @returns null if the start goes well.
 * @throws HostError if the module is refused before.
 */
export async function tryStart(
  bytes: Uint8Array,
  timeout = TIMEOUT_MILLISECONDS,
): Promise<FailedStart | null> {
  const module = await compileModule(bytes);
  const start = (): void => {
    const options = {
      environment: new Map<string, string>(),
      capabilities: null,
      wallNanoseconds: () => 0n,
      monotonicNanoseconds: () => 0n,
      random: (size: number) => new Uint8Array(size),
      report: () => {},
    };
    Vm.start(module, options, new NoContext());
  };
  try {
    // The one way in Node to end a loop of WebAssembly in this thread.
    runInContext("start()", createContext({ start }), { timeout });
    return null;
  } catch (error) {
    if (error instanceof HostError && error.code === "start-section-hostcall")
      return { code: error.code, message: error.message };
    if (error instanceof HostError && error.code === "unsupported") {
      return {
        code: "start-not-tried",
        message: `whether the module starts was not found out: ${error.message}`,
      };
    }
    const message =
      (error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
        ? `the module's start function has not ended after ${timeout / 1000} seconds`
        : (error as Error).message;
    return { code: "initialize-failed", message };
  }
}

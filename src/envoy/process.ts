// A child process that is never left behind: its output, its end, and stopping it.
import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";

import type { ProcessExit } from "./error.ts";

export interface ProcessOutput {
  stdout: (chunk: Buffer) => void;
  stderr: (chunk: Buffer) => void;
}

/** A running program. */
export class ManagedProcess {
  readonly #child: ChildProcess;
  /** Settles when the process is gone and its output is complete. Rejects if it could not be started at all. */
  readonly exit: Promise<ProcessExit>;

  constructor(path: string, args: readonly string[], env: NodeJS.ProcessEnv, output: ProcessOutput) {
    const child = spawn(path, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    child.stdout?.on("data", output.stdout);
    child.stderr?.on("data", output.stderr);
    children.add(child);
    guard();
    this.exit = new Promise((resolve, reject) => {
      child.once("error", (error) => {
        // Also raised when a signal can't be sent: then the process is still there.
        if (child.pid !== undefined) return;
        children.delete(child);
        reject(error);
      });
      child.once("close", (code, signal) => {
        children.delete(child);
        resolve({ code, signal });
      });
    });
    // Whoever waits sees the rejection; if nobody does, it is no reason to end the whole process.
    this.exit.catch(() => {});
  }

  /** Undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** False as soon as the process is gone. */
  get alive(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** SIGTERM, and SIGKILL after `graceMs`. Resolves when the process is gone; may be called any number of times. */
  async stop(graceMs: number): Promise<ProcessExit> {
    if (this.alive) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), graceMs);
    try {
      return await this.exit;
    } finally {
      clearTimeout(timer);
    }
  }
}

const children = new Set<ChildProcess>();
const folders = new Set<string>();
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let guarded = false;

// Children outlive a parent that ends without stopping them, so whatever ends us ends them.
function guard(): void {
  if (guarded) return;
  guarded = true;
  process.on("exit", () => {
    killAll();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of SIGNALS) {
    const handler = (): void => {
      killAll();
      // With a handler of ours the signal does nothing by itself: without any other handler it must still end us.
      process.removeListener(signal, handler);
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    process.on(signal, handler);
  }
}

function killAll(): void {
  for (const child of children) child.kill("SIGKILL");
}

/** Sees to it that a folder does not outlive this process. The result takes that back, when the folder is gone. */
export function removeAtExit(folder: string): () => void {
  guard();
  folders.add(folder);
  return () => folders.delete(folder);
}

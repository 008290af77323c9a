// A process of this benchmark that runs beside it: asked by messages, answers one after the other.
import { type ChildProcess, fork } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { pinned } from "../pinning.ts";

const ANSWER_MS = 600_000;

/** A compiled file of this folder, running in a process bound to cores. */
export class Helper {
  readonly #child: ChildProcess;

  constructor(file: string, cores: readonly number[] | undefined) {
    const [execPath = "", ...execArgv] = pinned(cores, [process.execPath]);
    this.#child = fork(join(dirname(fileURLToPath(import.meta.url)), file), { execPath, execArgv });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next message, after the question has been sent if there is one. */
  ask<T>(question?: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
      const onMessage = (message: unknown): void => finish(undefined, message as T);
      const onExit = (): void => finish(new Error("it ended before it had answered"));
      const finish = (error?: Error, message?: T): void => {
        clearTimeout(timer);
        this.#child.off("message", onMessage).off("exit", onExit).off("error", finish);
        if (error === undefined) resolve(message as T);
        else
          reject(new Error(`A helper process of the benchmark failed: ${error.message}`, { cause: error }));
      };
      this.#child.on("message", onMessage).on("exit", onExit).on("error", finish);
      if (question !== undefined) this.#child.send(question);
    });
  }

  stop(): void {
    this.#child.kill();
  }
}

// Runs asc in a process of its own, in the project's folder: asc takes its paths from where it is started.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PruneReport } from "../transform/prune.ts";

/** What the process is asked. */
export interface AscRequest {
  /** Path of the compiler's library. */
  readonly asc: string;
  readonly args: readonly string[];
  readonly colour: boolean;
}

/** A message of the compiler. */
export interface AscMessage {
  readonly level: "error" | "warning" | "info";
  /** Such as `TS2304` or `AS100`. */
  readonly code: string;
  readonly message: string;
  /** Where, if it is about a place in the project: the file from its folder, line and column from 1. */
  readonly place: { readonly file: string; readonly line: number; readonly column: number } | null;
}

/** What the process answers. */
export interface AscResult {
  /** Why asc gave up, or null if it went well. */
  readonly error: string | null;
  /** What asc would have printed. */
  readonly output: string;
  readonly messages: readonly AscMessage[];
  /** Files it would have written, by path from the folder. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Files of the project that it read or looked for in vain, absolute; not those in node_modules. */
  readonly sources: readonly string[];
  /** What the preset's transform removed; null if it did not run. */
  readonly pruned: PruneReport | null;
}

/** The compiled form, also when this file runs as it is: a process is started with nothing that could compile it. */
const PROGRAM = fileURLToPath(new URL("../../dist/compile/asc-process.js", import.meta.url));

/**
 * Compiles without writing anything. A compiler that dies is an answer with an error, too.
 *
 * @param signal ends the process
 */
export function runAsc(folder: string, request: AscRequest, signal: AbortSignal): Promise<AscResult> {
  return new Promise((resolve, reject) => {
    const child = fork(PROGRAM, [], {
      cwd: folder,
      // Maps and bytes pass as they are.
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      execArgv: [],
      signal,
    });
    let printed = "";
    let result: AscResult | null = null;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (printed += text));
    child.once("message", (message) => (result = message as AscResult));
    child.once("error", reject);
    child.once("close", (code, killed) => {
      resolve(
        result ?? {
          error: `the compiler ended without a result (${killed ?? `exit code ${code}`})`,
          output: printed,
          messages: [],
          files: new Map(),
          sources: [],
          pruned: null,
        },
      );
    });
    child.send(request);
  });
}

// The error of this folder: what Envoy said, how it ended, and what to do about it.
import type { EnvoyLog, EnvoyLogEntry } from "./log.ts";

/** How a process ended: one of the two is null. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Envoy could not be started, refused its configuration, or did not do what it was asked. */
export class EnvoyError extends Error {
  override readonly name = "EnvoyError";
  /** How Envoy ended, if it did. */
  readonly exit: ProcessExit | undefined;
  /** All that Envoy wrote, if it was started. */
  readonly log: EnvoyLog | undefined;

  constructor(message: string, details: { exit?: ProcessExit; log?: EnvoyLog; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.exit = details.exit;
    this.log = details.log;
  }
}

/** Says how a process ended: "exit code 1", "signal SIGSEGV". */
export function describeExit(exit: ProcessExit): string {
  return exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}

/** The error for an Envoy that refused something, or ended. `what` starts the message; the log's part begins at `from`. */
export function startError(what: string, log: EnvoyLog, exit?: ProcessExit, from = 0): EnvoyError {
  const entries = log.since(from).filter(isRelevant).slice(-MAX_ENTRIES);
  const shown = entries.map((entry) => shorten(entry.text)).join("\n") || log.tail(10) || "(no output)";
  const advice = ADVICE.filter(([when]) => when(shown, exit)).map(([, text]) => text);
  return new EnvoyError([`${what}.`, shown, ...advice].join("\n"), { log, ...(exit && { exit }) });
}

/** The error for an Envoy that served and then ended by itself. */
export function unexpectedEnd(log: EnvoyLog, exit: ProcessExit): EnvoyError {
  return startError(`Envoy has ended (${describeExit(exit)})`, log, exit);
}

const MAX_ENTRIES = 20;
// Envoy quotes the whole configuration in some errors, inline modules included.
const MAX_ENTRY_LENGTH = 2000;

/** Errors, and what plugins said themselves: that is often the reason. The frames of a crash are no help to a user. */
function isRelevant(entry: EnvoyLogEntry): boolean {
  if (entry.component === "backtrace") return entry.message.includes("Caught");
  if (entry.component === "stderr") return !/^\s+\S+\(.*\) \[0x[0-9a-f]+\]$/.test(entry.text);
  return entry.level === "error" || entry.level === "critical" || entry.wasm !== undefined;
}

function shorten(text: string): string {
  if (text.length <= MAX_ENTRY_LENGTH) return text;
  return `${text.slice(0, MAX_ENTRY_LENGTH)}... (${text.length - MAX_ENTRY_LENGTH} more characters in the log)`;
}

type Condition = (text: string, exit: ProcessExit | undefined) => boolean;

const ADVICE: readonly (readonly [Condition, string])[] = [
  [
    (_, exit) => exit?.signal === "SIGSEGV",
    "A known cause: Envoy crashes while it loads a module whose start section calls a host function. Top-level code " +
      "must run in `_initialize` instead (asc: --exportStart _initialize).",
  ],
  [
    (_, exit) => exit?.signal === "SIGTRAP",
    "A known cause: Envoy dies while it loads a module that exports a function or global with a v128 type.",
  ],
  [
    (text) => text.includes("missing import"),
    "The module imports a function that Envoy does not offer: build it without that import. `env.abort` is " +
      "AssemblyScript's own and is replaced with --use abort=....",
  ],
  [
    (text) => text.includes("Failed to parse corrupted Wasm module"),
    "The file is no WebAssembly, or not all of it: build it again.",
  ],
  [
    (text) => text.includes("Missing or unknown Proxy-Wasm ABI version"),
    "The module must export a function `proxy_abi_version_0_2_1` (or `_0_2_0`, `_0_1_0`): it may have been built " +
      "without the SDK's entry file.",
  ],
  [
    (text) => text.includes("Failed to configure base Wasm plugin"),
    "The plugin's onVmStart or onConfigure returned false or trapped: with these values it does not want to start.",
  ],
  [
    (text) => text.includes("restricted_callback"),
    "During `_initialize` a module may only log: move the call into onVmStart or onConfigure.",
  ],
  [
    (text) =>
      /registered implementation for[^\n]*wasm/i.test(text) || text.includes("Failed to create Wasm VM"),
    "This Envoy may have been built without the V8 engine: take another one.",
  ],
  [
    (text) => text.includes("has unknown fields"),
    "The configuration has a field that this version of Envoy does not know: see the name in the message.",
  ],
  [
    (text) => text.includes("Address already in use"),
    "Another process has that port: use port 0 for a free one.",
  ],
  [
    (text) => /GLIBC(XX)?_[\d.]+/.test(text),
    "This Envoy was built for a newer C library than this system has: take an older Envoy or a newer system.",
  ],
];

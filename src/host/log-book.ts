// Everything that guests and host wrote to the log.

/** Names of the log levels, by number. */
export const LOG_LEVELS: readonly LogLevelName[] = ["trace", "debug", "info", "warn", "error", "critical"];

/** A log level. */
export type LogLevelName = "trace" | "debug" | "info" | "warn" | "error" | "critical";

/** One entry of the log. */
export interface LogEntry {
  /** How grave it is. */
  readonly level: LogLevelName;
  /** The message. Bytes that are not UTF-8 are shown as U+FFFD. */
  readonly text: string;
  /** Id of the context that wrote it (the effective one); 0 is the VM itself, as during `_initialize`, or the host. */
  readonly context: number;
  /** `guest` wrote it, or the `host` did: a trap, or a warning about what the guest did. */
  readonly source: "guest" | "host";
  /** Name of the plugin whose context wrote it; empty before there is one. */
  readonly plugin: string;
  /** Worker on which it was written. */
  readonly worker: number;
}

/** The log of a host, in order. */
export class LogBook {
  readonly entries: LogEntry[] = [];
  /** Entries below this level are not kept, and the guest is told the level. */
  level: number;
  readonly #listener: ((entry: LogEntry) => void) | null;

  constructor(level: number, listener: ((entry: LogEntry) => void) | null) {
    this.level = level;
    this.#listener = listener;
  }

  /** Adds an entry if its level is high enough. */
  add(
    level: number,
    text: string,
    source: LogEntry["source"],
    context: number,
    plugin: string,
    worker: number,
  ): void {
    if (level < this.level) return;
    const entry: LogEntry = { level: LOG_LEVELS[level] ?? "critical", text, context, source, plugin, worker };
    this.entries.push(entry);
    this.#listener?.(entry);
  }
}

// Envoy's log as parsed entries: whole messages, what Wasm plugins wrote, and waiting for a line to appear.
import { StringDecoder } from "node:string_decoder";

/** Levels as Envoy writes them. */
export type EnvoyLogLevel = "trace" | "debug" | "info" | "warning" | "error" | "critical" | "off";

/** One message of Envoy's log. */
export interface EnvoyLogEntry {
  /** As written, e.g. `2026-11-25 02:50:22.787`; empty for output that did not come from the logger. */
  readonly time: string;
  /** Id of the thread that wrote it; 0 if unknown. */
  readonly thread: number;
  readonly level: EnvoyLogLevel;
  /** The logger, e.g. `wasm`, `main`, `backtrace`; `stderr` for output that did not come from the logger. */
  readonly component: string;
  /** Without the head of the line; the lines of a longer message are joined by `\n`. */
  readonly message: string;
  /** As Envoy wrote it, all lines. */
  readonly text: string;
  /** Present if a plugin wrote the message (with `proxy_log`, or to its standard output or error). */
  readonly wasm?: WasmLog;
}

/** The plugin's part of a log entry. */
export interface WasmLog {
  /** `<plugin name> <root id> <vm id>` without the empty parts; no plugin name on root contexts. */
  readonly prefix: string;
  /** What the plugin wrote. Bytes that are no UTF-8 show as U+FFFD. */
  readonly text: string;
}

/** A line that a plugin wrote. */
export interface WasmLogLine extends WasmLog {
  readonly level: EnvoyLogLevel;
}

const HEAD =
  /^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+)\]\[(\d+)\]\[(trace|debug|info|warning|error|critical|off)\]\[([^\]]*)\] (?:\[[^\]]*:\d+\] )?/;
// "wasm log", the prefix if there is one, a colon. A prefix holds no colon unless a plugin's name does.
const WASM = /^wasm log(?: ([^:]*))?: ?([^]*)$/;

/** Collects Envoy's log while Envoy runs. */
export class EnvoyLog {
  readonly #entries: Mutable<EnvoyLogEntry>[] = [];
  readonly #waiters = new Set<() => void>();
  readonly #decoder = new StringDecoder("utf8");
  #partial = "";
  #ended: string | undefined;
  #dropped = 0;
  readonly #limit: number;

  /** Keeps no more than `limit` entries, the newest. */
  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  /** All entries so far, oldest first. The last one may still grow by a line. */
  get entries(): readonly EnvoyLogEntry[] {
    return this.#entries;
  }

  /** The entries from number `from` on, as far as they are kept; see {@link EnvoyLog.length}. */
  since(from: number): readonly EnvoyLogEntry[] {
    return this.#entries.slice(Math.max(0, from - this.#dropped));
  }

  /** All lines so far, as Envoy wrote them. */
  get lines(): string[] {
    return this.#entries.flatMap((entry) => entry.text.split("\n"));
  }

  /** The whole log, as Envoy wrote it. */
  get text(): string {
    return this.#entries.map((entry) => `${entry.text}\n`).join("");
  }

  /** What plugins wrote so far, oldest first. */
  get wasm(): WasmLogLine[] {
    return this.#entries.flatMap((entry) => (entry.wasm ? [{ level: entry.level, ...entry.wasm }] : []));
  }

  /** Number of entries so far: pass it to {@link EnvoyLog.waitFor} to look at later ones only. */
  get length(): number {
    return this.#dropped + this.#entries.length;
  }

  /**
   * The first entry, from number `from` on, that matches: a string is contained in the entry's text, a RegExp matches
   * it, a function says true. Looks at what is there already, then waits. Rejects after `timeoutMs`, or as soon as
   * Envoy is gone, with the last lines of the log in the message.
   */
  waitFor(
    pattern: string | RegExp | ((entry: EnvoyLogEntry) => boolean),
    timeoutMs = 5000,
    from = 0,
  ): Promise<EnvoyLogEntry> {
    const find = (): EnvoyLogEntry | undefined => this.since(from).find((entry) => matches(entry, pattern));
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const entry = find();
        if (entry !== undefined) finish(() => resolve(entry));
        else if (this.#ended !== undefined)
          finish(() => reject(this.#missed(pattern, from, this.#ended ?? "")));
      };
      const timer = setTimeout(() => {
        finish(() => reject(this.#missed(pattern, from, `not within ${timeoutMs} ms`)));
      }, timeoutMs);
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiters.delete(check);
        settle();
      };
      this.#waiters.add(check);
      check();
    });
  }

  /** The last `count` lines, for messages. */
  tail(count = 20): string {
    return this.lines.slice(-count).join("\n");
  }

  /** Adds output of Envoy's, in pieces of any size. */
  write(chunk: Uint8Array): void {
    const lines = (this.#partial + this.#decoder.write(Buffer.from(chunk))).split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) this.#addLine(line);
    this.#notify();
  }

  /** Says that nothing more will come, and why: what is waited for in vain is then rejected at once. */
  end(reason: string): void {
    const rest = this.#partial + this.#decoder.end();
    this.#partial = "";
    if (rest !== "") this.#addLine(rest);
    this.#ended = reason;
    this.#notify();
  }

  #notify(): void {
    for (const check of [...this.#waiters]) check();
  }

  #addLine(line: string): void {
    const last = this.#entries.at(-1);
    const head = HEAD.exec(line);
    // V8 does not use the logger for its last words.
    const continues = head === null && last !== undefined && !line.startsWith("# Fatal error in ");
    if (continues && last.component !== "stderr") {
      last.text += `\n${line}`;
      last.message += `\n${line}`;
      if (last.wasm) last.wasm = { prefix: last.wasm.prefix, text: `${last.wasm.text}\n${line}` };
      return;
    }
    this.#entries.push(head === null ? plainEntry(line) : parseEntry(line, head));
    // Rarely, and then many: a list is shortened in the time that all its entries take.
    if (this.#entries.length < 2 * this.#limit) return;
    this.#dropped += this.#entries.length - this.#limit;
    this.#entries.splice(0, this.#entries.length - this.#limit);
  }

  #missed(pattern: string | RegExp | ((entry: EnvoyLogEntry) => boolean), from: number, why: string): Error {
    const what = typeof pattern === "function" ? "an entry that fits" : String(pattern);
    const where = from > 0 ? ` after entry ${from}` : "";
    return new Error(
      `Envoy's log did not show ${what}${where}: ${why}. Its last lines:\n${this.tail() || "(none)"}`,
    );
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function parseEntry(line: string, head: RegExpExecArray): Mutable<EnvoyLogEntry> {
  const [all, time = "", thread, level, component = ""] = head;
  const message = line.slice(all.length);
  const wasm = component === "wasm" ? WASM.exec(message) : null;
  return {
    time,
    thread: Number(thread),
    level: level as EnvoyLogLevel,
    component,
    message,
    text: line,
    ...(wasm && { wasm: { prefix: (wasm[1] ?? "").trim(), text: wasm[2] ?? "" } }),
  };
}

function plainEntry(line: string): Mutable<EnvoyLogEntry> {
  return { time: "", thread: 0, level: "info", component: "stderr", message: line, text: line };
}

function matches(
  entry: EnvoyLogEntry,
  pattern: string | RegExp | ((entry: EnvoyLogEntry) => boolean),
): boolean {
  if (typeof pattern === "function") return pattern(entry);
  // `search`, unlike `test`, takes no notice of the state of a global RegExp.
  return typeof pattern === "string" ? entry.text.includes(pattern) : entry.text.search(pattern) >= 0;
}

// What serve prints: the filter's log with the stream of each line, one line per request, and what went wrong.
import { HostError, LOG_LEVELS, toText } from "../host/index.ts";
import { valueOf } from "./upstream.ts";
import type { FailurePolicy, LogEntry, Pair, Trap } from "../host/index.ts";
import type { UpstreamProblem } from "./upstream.ts";

/** Colours the report is written with. */
export interface Paint {
  strong(text: string): string;
  quiet(text: string): string;
  good(text: string): string;
  warning(text: string): string;
  error(text: string): string;
}

/** A stream as it is named in the report. */
export interface StreamLabel {
  readonly key: string | null;
  readonly text: string;
}

/** How a request ended. */
export interface AccessEntry {
  /** Status, or how the stream broke off. */
  readonly outcome: string;
  readonly details: string;
  /** Body bytes sent to the client. */
  readonly bytes: number;
  readonly milliseconds: number;
}

const ROOT_CONTEXT = 1;
const MAX_PATH = 80;

/** What a trap means for the requests that follow. */
const AFTER_TRAP: Readonly<Record<FailurePolicy, string>> = {
  FAIL_CLOSED: "every further request gets 503 until the filter is loaded anew",
  FAIL_OPEN: "further requests pass without the filter until it is loaded anew",
  FAIL_OPEN_LEGACY: "requests pass without the filter until it is loaded anew",
  FAIL_RELOAD: "the next request starts a new VM, at most one a second; until then requests get 503",
};

/** Writes lines. Until `release` they are kept back. */
export class Report {
  readonly #print: (line: string) => void;
  readonly #paint: Paint;
  readonly #policy: FailurePolicy;
  readonly #labels = new Map<string, StreamLabel>();
  #held: string[] | null = [];

  constructor(print: (line: string) => void, paint: Paint, policy: FailurePolicy) {
    this.#print = print;
    this.#paint = paint;
    this.#policy = policy;
  }

  /** Prints what was kept back, after the line given, and everything from now on. */
  release(first: string | null): void {
    const held = this.#held ?? [];
    this.#held = null;
    if (first !== null) this.line(first);
    for (const line of held) this.line(line);
  }

  /** A line of the server itself. */
  line(text: string): void {
    if (this.#held === null) this.#print(printable(text));
    else this.#held.push(text);
  }

  /** Something that should not be. */
  problem(text: string): void {
    this.line(`${this.#paint.error("error")} ${text}`);
  }

  /** Gives a stream its name: context id, method and path. The id is null if no filter sees the stream. */
  addStream(generation: number, contextId: number | null, headers: readonly Pair[]): StreamLabel {
    const method = valueOf(headers, ":method");
    const path = valueOf(headers, ":path") ?? "";
    const shown = path.length > MAX_PATH ? `${path.slice(0, MAX_PATH - 3)}...` : path;
    const what = method === undefined ? "(unreadable request)" : toText(`${method} ${shown}`);
    const key = contextId === null ? null : `${generation}/${contextId}`;
    const label = { key, text: `[${contextId ?? "-"} ${what}]` };
    if (key !== null) this.#labels.set(key, label);
    return label;
  }

  removeStream(label: StreamLabel | null): void {
    // After a reload another stream may have the same id.
    if (label?.key != null && this.#labels.get(label.key) === label) this.#labels.delete(label.key);
  }

  /** An entry of the host's log. */
  log(entry: LogEntry): void {
    let label = "[host]";
    if (entry.source === "guest") {
      label = this.#labels.get(`${entry.worker}/${entry.context}`)?.text ?? `[${entry.context}]`;
      if (entry.context === ROOT_CONTEXT) label = "[1 root]";
      else if (entry.context === 0) label = "[start]";
    }
    this.line(`${this.#paint.quiet(label)} ${this.#level(entry.level)} ${entry.text}`);
  }

  access(label: StreamLabel | null, { outcome, details, bytes, milliseconds }: AccessEntry): void {
    const paint = /^[23]/.test(outcome)
      ? this.#paint.good
      : /^4/.test(outcome)
        ? this.#paint.warning
        : this.#paint.error;
    const name = this.#paint.quiet(label?.text ?? "[-]");
    const why = details === "" ? "" : ` ${toText(details)}`;
    this.line(`${name} ${paint(outcome)}${why}, ${bytes} bytes, ${milliseconds.toFixed(1)} ms`);
  }

  /** A VM died. Its reason is in the log already. */
  trap(trap: Trap): void {
    this.problem(
      `the filter trapped in ${trap.callback}; its VM is dead (failure policy ${policyName(this.#policy)}): ${AFTER_TRAP[this.#policy]}`,
    );
  }

  /** What no proxy survives. */
  crash(error: unknown, streams: number): void {
    const consequence = `its ${streams === 1 ? "stream is" : `${streams} streams are`} aborted, the next request starts it anew`;
    if (error instanceof HostError)
      this.problem(
        `${this.#paint.error(`[${error.code}]`)} ${error.message}\n  The filter was stopped: ${consequence}.`,
      );
    else
      this.problem(
        `internal: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n  The filter was stopped: ${consequence}.`,
      );
  }

  /** It was stopped, and does not start again. */
  notStarted(error: unknown): void {
    this.problem(`the filter does not start: ${describe(error)}`);
  }

  reloaded(path: string, bytes: number): void {
    this.line(
      `${this.#paint.strong("reloaded")} ${path} (${bytes} bytes); streams under way finish on the old one`,
    );
  }

  notReloaded(path: string, error: unknown): void {
    this.problem(`${path} is not taken: ${describe(error)}\n  The filter that runs stays.`);
  }

  upstreamFailed(label: StreamLabel | null, problem: UpstreamProblem): void {
    this.line(
      `${this.#paint.quiet(label?.text ?? "[-]")} ${this.#paint.warning("upstream")} ${problem.reason}`,
    );
  }

  /** A header that could not be sent. */
  leftOut(name: string, label: StreamLabel | null): void {
    this.problem(
      `${label?.text ?? ""} the header ${JSON.stringify(toText(name))} has a name or value that no peer accepts; serve leaves it out`,
    );
  }

  #level(level: LogEntry["level"]): string {
    const number = LOG_LEVELS.indexOf(level);
    if (number >= 4) return this.#paint.error(level);
    return number === 3 ? this.#paint.warning(level) : level;
  }
}

/** As the option is written. */
function policyName(policy: FailurePolicy): string {
  return policy.replace("FAIL_", "").toLowerCase();
}

function describe(error: unknown): string {
  if (error instanceof HostError) return `[${error.code}] ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** Control characters of a client or a guest do nothing to the terminal; line ends and our own colours stay. */
function printable(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- these are the ones that are meant
    /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\[\d+m)/g,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

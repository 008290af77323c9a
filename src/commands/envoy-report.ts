// What `envoy` prints: for people, or as one JSON object per line.
import { LOG_LEVELS, type LogLevelName } from "../host/index.ts";
import type { Envoy, EnvoyLogEntry, EnvoyLogLevel, Swap } from "../envoy/index.ts";
import type { Output } from "./io.ts";
import type { Palette } from "./palette.ts";

/** An Envoy that serves. */
export interface Listening {
  readonly envoy: Envoy;
  readonly title: string;
  readonly bytes: number;
  readonly upstream: URL | undefined;
  readonly tcp: boolean;
}

/** Lines of the log come in pieces: a moment later they are whole. */
const QUIET_MILLISECONDS = 25;
/** Warnings of every Envoy that is run like this. */
const USUAL = /global_downstream_max_connections|^caught ENVOY_SIGTERM/;
const TAB = "\t";
const HTTP_FIELDS = ["method", "path", "status", "details", "milliseconds"] as const;
const TCP_FIELDS = ["received", "sent", "flags", "milliseconds"] as const;

/** Prints events in the order in which they come. */
export class EnvoyReport {
  readonly #out: Output;
  readonly #paint: Palette;
  readonly #json: boolean;
  readonly #level: number;
  #envoy: Envoy | undefined;
  #printed = 0;
  #timer: NodeJS.Timeout | undefined;
  #fields: readonly string[] = HTTP_FIELDS;
  #quiet = false;

  constructor(out: Output, paint: Palette, json: boolean, level: LogLevelName) {
    this.#out = out;
    this.#paint = paint;
    this.#json = json;
    this.#level = LOG_LEVELS.indexOf(level);
  }

  /** How Envoy writes its access log, so that {@link access} can read it. */
  accessLogFormat(tcp: boolean): string {
    this.#fields = tcp ? TCP_FIELDS : HTTP_FIELDS;
    const format = tcp
      ? ["%BYTES_RECEIVED%", "%BYTES_SENT%", "%RESPONSE_FLAGS%", "%DURATION%"]
      : ["%REQ(:METHOD)%", "%REQ(:PATH)%", "%RESPONSE_CODE%", "%RESPONSE_CODE_DETAILS%", "%DURATION%"];
    return format.join(TAB);
  }

  /** From now on the log of this Envoy is shown. */
  follow(envoy: Envoy): void {
    this.#envoy = envoy;
    this.flush();
  }

  /** Its log has become longer. */
  changed(): void {
    this.#timer ??= setTimeout(() => this.flush(), QUIET_MILLISECONDS);
  }

  /** Shows what the log has. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const log = this.#envoy?.log;
    if (log === undefined) return;
    for (const entry of log.since(this.#printed)) this.#entry(entry);
    this.#printed = log.length;
  }

  /** Whether what Envoy says of itself is left out: whoever gives it a module tells how that went. */
  quiet(quiet: boolean): void {
    this.flush();
    this.#quiet = quiet;
  }

  /** One line of the access log. */
  access(line: string): void {
    const values = line.split(TAB);
    const fields = Object.fromEntries(this.#fields.map((name, index) => [name, values[index] ?? ""]));
    // What the filter logged about it comes first.
    this.flush();
    if (this.#fields === TCP_FIELDS) {
      const { received, sent, flags, milliseconds } = fields;
      const text = `connection: ${received} bytes in, ${sent} bytes out${flags === "-" ? "" : `, ${flags}`}, ${milliseconds} ms`;
      return this.#event("connection", { ...numbers(fields) }, text);
    }
    const { method, path, status = "", details, milliseconds } = fields;
    const paint = status.startsWith("5") || status === "0" ? this.#paint.error : this.#paint.good;
    return this.#event(
      "request",
      { ...numbers(fields) },
      `${method} ${path} ${paint(status)} ${details} ${this.#paint.quiet(`${milliseconds} ms`)}`,
    );
  }

  /** Envoy serves. */
  listening({ envoy, title, bytes, upstream, tcp }: Listening): void {
    const url = `${tcp ? "tcp" : "http"}://127.0.0.1:${envoy.port}`;
    const target =
      upstream === undefined
        ? `no upstream, so ${tcp ? "bytes" : "requests"} are echoed`
        : `upstream ${upstream.href.replace(/\/$/, "")}`;
    const admin = `http://127.0.0.1:${envoy.adminPort}`;
    this.#event(
      "listening",
      {
        url,
        port: envoy.port,
        admin,
        envoy: envoy.version,
        file: title,
        bytes,
        upstream: upstream?.href ?? null,
      },
      `${this.#paint.strong(`listening on ${url}`)} (Envoy ${envoy.version}, ${title}, ${bytes} bytes; ${target}; admin ${admin})`,
    );
  }

  /** Envoy has been given another module. */
  swapped(swap: Swap, file: string, bytes: number): void {
    if (swap.outcome === "unchanged") return;
    if (swap.outcome === "active") {
      return this.#event("reloaded", { file, bytes }, this.#paint.good(`reloaded ${file} (${bytes} bytes)`));
    }
    const reason = swap.reason.message;
    const shown = reason.split("\n").join("\n  ");
    this.#event(
      "refused",
      { file, reason },
      `${this.#paint.error("not reloaded:")} ${shown}\n  The module before goes on.`,
    );
  }

  /** There was nothing to give to Envoy. */
  notReloaded(file: string, error: Error): void {
    this.#event(
      "refused",
      { file, reason: error.message },
      `${this.#paint.error("not reloaded:")} ${error.message}`,
    );
  }

  /** It is over, as was wished. */
  stopped(): void {
    this.flush();
    this.#event("stopped", {}, "stopped");
  }

  #entry(entry: EnvoyLogEntry): void {
    if (entry.wasm !== undefined) {
      const level = fromEnvoy(entry.level);
      if (LOG_LEVELS.indexOf(level) < this.#level) return;
      const { prefix, text } = entry.wasm;
      const shown = `${prefix === "" ? "" : `${this.#paint.quiet(`[${prefix}]`)} `}${this.#colour(level)} ${text}`;
      return this.#event("log", { level, plugin: prefix, text }, shown);
    }
    // What Envoy itself says is of interest when something is wrong.
    if (this.#quiet || USUAL.test(entry.message)) return;
    if (!["warning", "error", "critical"].includes(entry.level) && entry.component !== "stderr") return;
    const level = fromEnvoy(entry.level);
    this.#event(
      "envoy",
      { level, component: entry.component, text: entry.message },
      `${this.#paint.quiet("[envoy]")} ${this.#colour(level)} ${entry.message}`,
    );
  }

  #colour(level: LogLevelName): string {
    if (level === "warn") return this.#paint.warning(level);
    return level === "error" || level === "critical" ? this.#paint.error(level) : level;
  }

  #event(event: string, fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#out.write(this.#json ? `${JSON.stringify({ event, ...fields })}\n` : `${text}\n`);
  }
}

/** The fields that are numbers as numbers. */
function numbers(fields: Readonly<Record<string, string>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      /^(?:status|milliseconds|received|sent)$/.test(name) ? Number(value) : value,
    ]),
  );
}

function fromEnvoy(level: EnvoyLogLevel): LogLevelName {
  if (level === "warning") return "warn";
  return level === "off" ? "critical" : level;
}

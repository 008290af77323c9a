// What a parity case says: filters, stimulus, and what everybody is to see, on the embedded host and on Envoy alike.
import type { SurvivableMisuseCode, FatalMisuseCode } from "../../src/host/errors.ts";
import type { Script } from "./script.ts";

/** A guest: the scripted probe, or one of tests/guest/assembly, which is written with the library. */
export type Guest = "probe" | "headers" | "bodies" | "misuse" | "lifecycle" | "registrations" | "tcp";

/** One plugin. Fields are those of Envoy's PluginConfig, in camelCase. */
export interface Filter {
  /** Default: `probe`. */
  readonly guest?: Guest;
  /** Plugin configuration: a script, or text. */
  readonly config?: Script | string;
  /** VM configuration: a script for vm_start, or text. */
  readonly vmConfig?: Script | string;
  /** Default: unique, so that plugins of different cases have nothing in common. */
  readonly name?: string;
  readonly vmId?: string;
  readonly rootId?: string;
  readonly failurePolicy?: "FAIL_CLOSED" | "FAIL_OPEN" | "FAIL_RELOAD";
  readonly reloadBackoff?: number;
  readonly allowOnHeadersStopIteration?: boolean;
  readonly capabilities?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Headers in order; values are latin1, one char a byte. */
export type Headers = readonly (readonly [string, string])[];

/** What a server answers; `refused` and `reset` are failures, `never` no answer. */
export type Answer =
  | {
      readonly status?: number;
      readonly headers?: Headers;
      /** Given whole it has a content-length; a list is sent in those parts. */
      readonly body?: string | readonly string[];
      readonly trailers?: Headers;
    }
  | "refused"
  | "reset"
  | "never";

/** One HTTP request. */
export interface HttpStimulus {
  readonly http2?: boolean;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Headers;
  readonly body?: string | readonly string[];
  readonly trailers?: Headers;
  /** The client leaves while it waits for the answer. */
  readonly leaves?: boolean;
  /** Sent instead: no request that Envoy takes. */
  readonly malformed?: boolean;
}

/** One step of a TCP exchange. `end` half-closes. */
export type TcpStep =
  | { readonly client: string; readonly end?: boolean }
  | { readonly upstream: string; readonly end?: boolean }
  /** Milliseconds. */
  | { readonly wait: number }
  | { readonly close: true };

/** What one message looked like to whoever got it. */
export interface ExpectedMessage {
  readonly status?: number;
  /** Values by name: null is absent, a list all values in order. */
  readonly headers?: Readonly<Record<string, string | null | readonly string[]>>;
  readonly body?: string;
  readonly trailers?: Readonly<Record<string, string>>;
  /** Cut off before its end. */
  readonly cut?: boolean;
}

export interface Expectation {
  readonly client?: ExpectedMessage;
  /** Null: the upstream was not contacted. */
  readonly upstream?: ExpectedMessage | null;
  /** What the guest logged, all of it, without the end mark. */
  readonly logs?: readonly string[];
  /** Values of metrics. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Embedded: the code of the HostError. Envoy: it dies, and the signal is one of those. */
  readonly crash?: FatalMisuseCode;
  /** What both peers of a TCP exchange received. */
  readonly tcp?: { readonly client?: string; readonly upstream?: string; readonly closed?: boolean };
  /** The plugin is refused at start. */
  readonly refused?: boolean;
  /** Answers to the requests of `again`, in order. */
  readonly again?: readonly ExpectedMessage[];
}

export interface ParityCase {
  /** A sentence. */
  readonly name: string;
  /** What it stands for: `envoy-facts 4`, `field report 26`. */
  readonly stands: string;
  /** Script of the probe, sent as header `x-script`. */
  readonly script?: Script;
  /** Default: one probe without configuration. */
  readonly filters?: readonly Filter[];
  /** Default: one GET. */
  readonly http?: HttpStimulus;
  readonly tcp?: readonly TcpStep[];
  /** Default: 200 with the body `hello`. */
  readonly upstream?: Answer;
  /** Answers of the cluster `auth`; `auth` is always there, `empty` has no hosts, `dead` refuses connections. */
  readonly auth?: Answer;
  /** The upstream speaks HTTP/2. */
  readonly upstreamHttp2?: boolean;
  readonly bufferLimit?: number;
  readonly streamIdleTimeout?: number;
  /** Milliseconds that the embedded host lets pass for ticks and timeouts; Envoy takes its own time. */
  readonly advance?: number;
  /** Misuse that Envoy survives, answered as it does. */
  readonly tolerate?: readonly SurvivableMisuseCode[];
  /** A VM of its own, because the case kills it or needs it fresh. */
  readonly fresh?: boolean;
  /** The stream gets no delete callback: its VM is dead. */
  readonly endless?: boolean;
  /** Looks at what was logged at start instead of at a request. */
  readonly start?: boolean;
  /** Requests to send afterwards, each after so many milliseconds. */
  readonly again?: readonly { readonly after: number }[];
  /** What matters of it. The whole of what Envoy did is in recorded/; both hosts are compared with both. */
  readonly expect?: Expectation;
  /** Why the two hosts differ here. */
  readonly explained?: string;
}

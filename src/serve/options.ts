// What a dev server is started with.
import type { FailurePolicy, LogLevelName } from "../host/index.ts";
import type { Paint } from "./report.ts";

/** Everything is given: defaults are the business of the command. */
export interface ServeOptions {
  /** Path of the module. */
  readonly wasm: string;
  /** The module as the user calls it, for messages. */
  readonly title: string;
  readonly rootId: string;
  /** Plugin configuration: the value, or the path of a file that holds it. */
  readonly configuration: Uint8Array | { readonly file: string };
  /** Environment variables of the guest. */
  readonly environment: Readonly<Record<string, string>>;
  readonly failurePolicy: FailurePolicy;
  readonly allowOnHeadersStopIteration: boolean;
  readonly logLevel: LogLevelName;
  /** Where requests go: an `http:` or `https:` URL without a path. Null answers them with what was sent. */
  readonly upstream: URL | null;
  /** Speak cleartext HTTP/2 to the upstream. */
  readonly upstreamHttp2: boolean;
  /** Time for the upstream's whole answer once the request is complete, in milliseconds; 0 is for ever. */
  readonly timeout: number;
  /** Servers that callouts reach, by cluster name. */
  readonly clusters: Readonly<Record<string, URL>>;
  /** Address to listen on. */
  readonly host: string;
  /** Port to listen on; 0 for a free one. */
  readonly port: number;
  /** Load the module and the configuration's file anew when they change. */
  readonly watch: boolean;
  /** Told of each line of the report, which may contain line ends. */
  print(line: string): void;
  readonly paint: Paint;
}

// What a file of test vectors holds: the messages of the schema, as they are after reading.
import type { ByteString } from "../host/byte-string.ts";

/** A place in a file; both numbers count from 1, columns in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Every message knows where it stands. */
export interface Message {
  readonly place: Place;
}

/** A whole file. */
export interface TestSuite extends Message {
  readonly env?: Env;
  readonly test: readonly Test[];
}

/** Names of log levels as a file writes them. */
export type SuiteLogLevel = "UNDEFINED" | "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "CRITICAL";

/** What surrounds the tests; the command line overrides it. */
export interface Env extends Message {
  /** Set by upstream's own tools; not used here. */
  readonly testPath?: string;
  readonly wasmPath?: string;
  readonly configPath?: string;
  /** `UNDEFINED` is the same as absent: INFO. */
  readonly logLevel?: SuiteLogLevel;
  readonly logPath?: string;
  /** Seconds since 1970 at which the clock stands; absent or 0 is 1 ms after 1970. */
  readonly timeSecs?: bigint;
  /** For benchmarks, which are not run here. */
  readonly numAdditionalStreams?: bigint;
  /** For benchmarks, which are not run here. */
  readonly additionalStreamAdvanceRate?: bigint;
}

/** One test: one VM, one root context, one stream. */
export interface Test extends Message {
  /** Need not be unique. */
  readonly name: string;
  /** For benchmarks, which are not run here. */
  readonly benchmark: boolean;
  /** Cuts bodies into this many chunks. */
  readonly numChunks?: number;
  /** Cuts bodies into chunks of this many bytes. */
  readonly chunkSize?: bigint;
  readonly properties: readonly Property[];
  /** An absent phase is not called at all. */
  readonly requestHeaders?: Invocation;
  readonly requestBody: readonly Invocation[];
  readonly responseHeaders?: Invocation;
  readonly responseBody: readonly Invocation[];
  readonly pluginInit?: Expectation;
  readonly streamInit?: Expectation;
  readonly streamDestroy?: Expectation;
}

/** One call of a phase: what goes in, and what must come out. */
export interface Invocation extends Message {
  readonly input?: Input;
  readonly result?: Expectation;
}

/** What goes into a phase: `file` if not empty, else `content` if not empty, else `header`. */
export interface Input extends Message {
  readonly header: readonly Header[];
  readonly content: ByteString;
  /** Relative to the folder of the vectors. */
  readonly file: string;
}

/** A header; without a value it is empty. */
export interface Header extends Message {
  readonly key: string;
  readonly value: ByteString;
}

/** A property of the stream, by its path with dots. */
export interface Property extends Message {
  readonly path: string;
  readonly value: ByteString;
}

/** What must come out of a phase. */
export interface Expectation extends Message {
  readonly hasHeader: readonly Header[];
  readonly noHeader: readonly Header[];
  readonly headers: readonly StringMatcher[];
  readonly body: readonly StringMatcher[];
  readonly log: readonly StringMatcher[];
  readonly immediate?: Immediate;
}

/** The local response that must have been sent; what is absent is not checked. */
export interface Immediate extends Message {
  readonly httpStatus?: number;
  readonly grpcStatus?: number;
  readonly details?: string;
}

/** One of the three forms, at least one of which must be there. */
export interface StringMatcher extends Message {
  readonly invert: boolean;
  readonly exact?: ByteString;
  /** RE2, against the whole of an element. */
  readonly regex?: string;
  /** A file whose bytes an element must have; relative to the folder of the vectors. */
  readonly file?: string;
}

// The schema of test vectors: which message has which fields, of which type and presence.

/** Types of single values. */
export type ScalarType = "string" | "bytes" | "bool" | "int32" | "int64" | "uint32" | "uint64" | "LogLevel";

/** Names of messages. */
export type MessageType =
  | "TestSuite"
  | "Env"
  | "Test"
  | "Invocation"
  | "Input"
  | "Header"
  | "Property"
  | "Expectation"
  | "Immediate"
  | "StringMatcher";

/** One field of a message. */
export interface Field {
  readonly type: ScalarType | MessageType;
  /** `optional`: absent is something of its own. `plain`: absent is the type's zero. `repeated`: any number of values. */
  readonly presence: "optional" | "plain" | "repeated";
  /** Of the fields of one group only one may be given. */
  readonly oneof: string | null;
}

function optional(type: Field["type"], oneof: string | null = null): Field {
  return { type, presence: "optional", oneof };
}

function plain(type: ScalarType): Field {
  return { type, presence: "plain", oneof: null };
}

function repeated(type: Field["type"]): Field {
  return { type, presence: "repeated", oneof: null };
}

/** Values of the enum `LogLevel`, by number. */
export const LOG_LEVEL_NAMES = ["UNDEFINED", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"] as const;

/** Fields by message and name. */
export const SCHEMA: Readonly<Record<MessageType, Readonly<Record<string, Field>>>> = {
  TestSuite: { env: optional("Env"), test: repeated("Test") },
  Env: {
    test_path: optional("string"),
    wasm_path: optional("string"),
    config_path: optional("string"),
    log_level: optional("LogLevel"),
    log_path: optional("string"),
    time_secs: optional("uint64"),
    num_additional_streams: optional("uint64"),
    additional_stream_advance_rate: optional("uint64"),
  },
  Test: {
    name: plain("string"),
    benchmark: plain("bool"),
    num_chunks: optional("int32", "chunking"),
    chunk_size: optional("int64", "chunking"),
    properties: repeated("Property"),
    request_headers: optional("Invocation"),
    request_body: repeated("Invocation"),
    response_headers: optional("Invocation"),
    response_body: repeated("Invocation"),
    plugin_init: optional("Expectation"),
    stream_init: optional("Expectation"),
    stream_destroy: optional("Expectation"),
  },
  Invocation: { input: optional("Input"), result: optional("Expectation") },
  Input: { header: repeated("Header"), content: plain("bytes"), file: plain("string") },
  Header: { key: plain("string"), value: plain("bytes") },
  Property: { path: plain("string"), value: plain("bytes") },
  Expectation: {
    has_header: repeated("Header"),
    no_header: repeated("Header"),
    headers: repeated("StringMatcher"),
    body: repeated("StringMatcher"),
    log: repeated("StringMatcher"),
    immediate: optional("Immediate"),
  },
  Immediate: {
    http_status: optional("uint32"),
    grpc_status: optional("uint32"),
    details: optional("string"),
  },
  StringMatcher: {
    invert: plain("bool"),
    exact: optional("bytes", "matcher"),
    regex: optional("string", "matcher"),
    file: optional("string", "matcher"),
  },
};

/** Whether the type is a message. */
export function isMessageType(type: Field["type"]): type is MessageType {
  return Object.hasOwn(SCHEMA, type);
}

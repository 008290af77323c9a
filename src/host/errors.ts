// The one error class of the embedded host, and the union of its codes.

/** The module is refused before it runs, as Envoy refuses its configuration. */
export type ModuleErrorCode =
  /** Not a WebAssembly module, or one that V8 rejects. */
  | "invalid-module"
  /** No `proxy_abi_version_0_1_0`, `_0_2_0` or `_0_2_1` export, or a version this host does not run. */
  | "abi-version"
  /** An import that Envoy does not offer. */
  | "missing-import"
  /** An import that Envoy offers with another type. */
  | "import-type"
  /** An export that the host looks up has another type than the ABI gives it. */
  | "export-type"
  /** Neither `malloc` nor `proxy_on_memory_allocate` is exported. */
  | "missing-allocator"
  /** An exported function or global has `v128` in its type: V8 aborts the proxy (C7). */
  | "vector-export"
  /** A host function was called from the start section: the proxy dies at load (C1). */
  | "start-section-hostcall"
  /** The module asks for more than 16,384 pages (1 GiB) of memory. */
  | "memory-limit";

/** The module loaded but did not start; Envoy refuses the configuration under every failure policy. */
export type StartErrorCode =
  /** `_initialize`, `main` or `_start` trapped, or called a host function that is not allowed there. */
  | "initialize-failed"
  /** `proxy_on_vm_start` returned 0 or trapped. */
  | "vm-start-refused"
  /** `proxy_on_configure` returned 0 or trapped. */
  | "configure-refused";

/** Misuse that kills the proxy. It always fails the test. */
export type FatalMisuseCode =
  /** `proxy_send_local_response` in on_log, on_done or on_delete (C2, C3). */
  | "local-response-after-end"
  /** `proxy_close_stream` in on_log or on_done (C4). */
  | "close-stream-after-end"
  /** `proxy_continue_stream(1)` while no response is paused (C5). */
  | "resume-response-not-paused"
  /** `proxy_continue_stream(0)` for a held request that the proxy itself has answered, as after a timeout. */
  | "resume-after-answer"
  /** `proxy_close_stream` and `proxy_send_local_response`, or `proxy_close_stream` again, in one callback. */
  | "stream-ended-twice"
  /** `proxy_continue_stream(1)` and then `proxy_close_stream` in one callback. */
  | "close-after-resume"
  /** A body that was held without buffering, or held data of a TCP upstream, is used outside of its own callback. */
  | "body-outside-callback"
  /** Headers that were held are written in on_log, on_done or on_delete. */
  | "header-write-after-end"
  /** A gRPC callout whose service bytes parse as a protobuf that names no target (C6). */
  | "grpc-service";

/** Misuse that Envoy survives, with a result nobody wants. It fails the test unless `tolerate` names it. */
export type SurvivableMisuseCode =
  /** The request would be sent twice to the upstream (C8). */
  | "request-sent-twice"
  /** The response headers would be sent twice to the client (C9). */
  | "response-sent-twice"
  /** CR, LF or NUL in a response header: response splitting (C10). */
  | "response-header-injection"
  /** A header list that does not parse, or is over a limit, silently means an empty one (C11). */
  | "header-pairs"
  /** The whole of the stats buffer was asked for, whose announced size is bogus (C12). */
  | "stats-buffer"
  /** A response status that no client accepts: 1xx, below 100, above 599, or 204 or 304 with a body. */
  | "response-status"
  /** Headers or trailers were written after they had left. */
  | "late-header-write"
  /** Headers of a held request were written in a callback of the response. */
  | "request-header-in-response"
  /** A stream was resumed or answered from a callback that has no stream, so nothing happens and the stream hangs. */
  | "no-stream";

/** The host was used wrongly, or cannot do what was asked. */
export type UsageErrorCode =
  /** The guest or the test asked for something that this host does not emulate. */
  | "unsupported"
  /** Every walk is paused and nothing is left that could resume one. */
  | "stalled"
  /** A step was taken that the state of the stream does not allow. */
  | "wrong-phase"
  /** An option has a value that cannot be used. */
  | "bad-option"
  /** A handler given by the test (upstream or callout) threw. */
  | "handler-failed"
  /** The host was disposed of. */
  | "disposed";

/** Every code that a {@link HostError} can carry. */
export type HostErrorCode =
  ModuleErrorCode | StartErrorCode | FatalMisuseCode | SurvivableMisuseCode | UsageErrorCode;

/** What went wrong in the embedded host: what happened, where, what Envoy would have done, and what to do about it. */
export class HostError extends Error {
  override readonly name = "HostError";
  /** Which of the documented failures this is. */
  readonly code: HostErrorCode;

  constructor(code: HostErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

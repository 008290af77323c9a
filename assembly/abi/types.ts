// The numbers of the Proxy-Wasm ABI v0.2.1 under their names in the specification, and what Envoy adds to them.

/** What a host function answers (spec: `proxy_status_t`). Nothing here is ever thrown: calls return it. */
export enum Status {
  /** Done. */
  Ok = 0,
  /** There is no such header, property, context, queue or cluster, or nothing to read in this phase. */
  NotFound = 1,
  /** An argument is wrong, or the call is not allowed in this phase. */
  BadArgument = 2,
  /** The value has no byte form, for example a whole group of properties. */
  SerializationFailure = 3,
  /** A serialized argument could not be read. */
  ParseFailure = 4,
  /** An expression could not be evaluated. */
  BadExpression = 5,
  /** A pointer lay outside the module's memory, or the host gave data that it did not allocate here. */
  InvalidMemoryAccess = 6,
  /** The queue has no item. */
  Empty = 7,
  /** The shared value has changed since it was read. */
  CasMismatch = 8,
  /** The result has another type than asked for. */
  ResultMismatch = 9,
  /** The host could not do it, or the call is not among the allowed capabilities. */
  InternalFailure = 10,
  /** The connection is gone. */
  BrokenConnection = 11,
  /** The host lacks this function. */
  Unimplemented = 12,
}

/** Severity of a log line (spec: `proxy_log_level_t`). */
export enum LogLevel {
  /** For following a single step; Envoy shows it only where its log level is set so. */
  Trace = 0,
  /** For finding faults; Envoy shows it only where its log level is set so. */
  Debug = 1,
  /** What is worth knowing in normal operation. */
  Info = 2,
  /** Something is wrong, but the filter goes on. */
  Warn = 3,
  /** Something failed. */
  Error = 4,
  /** The module cannot go on. */
  Critical = 5,
}

/** The buffers a host offers (spec: `proxy_buffer_type_t`). */
export enum BufferType {
  /** A request's body, in its body and trailers callbacks. */
  HttpRequestBody = 0,
  /** A response's body, in its body and trailers callbacks. */
  HttpResponseBody = 1,
  /** What a TCP client has sent, in `onDownstreamData`. */
  DownstreamData = 2,
  /** What a TCP upstream has sent, in `onUpstreamData`. */
  UpstreamData = 3,
  /** The body that an HTTP callout was answered with, while that answer is handled. */
  HttpCallResponseBody = 4,
  /** A gRPC message that has come, while it is handled. */
  GrpcReceiveBuffer = 5,
  /** The configuration of the VM; readable in every callback in Envoy. */
  VmConfiguration = 6,
  /** The configuration of the plugin; the host has it only in `onConfigure`. */
  PluginConfiguration = 7,
  /** Arguments of a foreign call, a stats update or a DNS answer. */
  CallData = 8,
}

/** The header maps a host offers (spec: `proxy_map_type_t`). */
export enum MapType {
  /** A request's headers. */
  HttpRequestHeaders = 0,
  /** A request's trailers. */
  HttpRequestTrailers = 1,
  /** A response's headers. */
  HttpResponseHeaders = 2,
  /** A response's trailers. */
  HttpResponseTrailers = 3,
  /** What a gRPC callout was answered with before its messages. */
  GrpcReceiveInitialMetadata = 4,
  /** What a gRPC callout was answered with after its messages. */
  GrpcReceiveTrailingMetadata = 5,
  /** The headers that an HTTP callout was answered with. */
  HttpCallResponseHeaders = 6,
  /** The trailers that an HTTP callout was answered with. */
  HttpCallResponseTrailers = 7,
}

/** Which side closed a TCP connection (spec: `proxy_peer_type_t`). */
export enum PeerType {
  /** The host does not tell. */
  Unknown = 0,
  /** The proxy itself. */
  Local = 1,
  /** The other end. */
  Remote = 2,
}

/** The directions that can be continued or closed (spec: `proxy_stream_type_t`). */
export enum StreamType {
  /** The request of an HTTP stream. */
  HttpRequest = 0,
  /** The response of an HTTP stream. */
  HttpResponse = 1,
  /** The client's side of a TCP connection. */
  Downstream = 2,
  /** The upstream's side of a TCP connection. */
  Upstream = 3,
}

/** Kinds of metric (spec: `proxy_metric_type_t`). */
export enum MetricType {
  /** Only goes up. */
  Counter = 0,
  /** Goes up and down. */
  Gauge = 1,
  /** A distribution of recorded values; it cannot be read back. */
  Histogram = 2,
}

/** Status codes of gRPC. */
export enum GrpcStatus {
  /** Leave it to the host, which derives it from the HTTP status. */
  Unset = -1,
  /** Done. */
  Ok = 0,
  /** The caller gave the call up. */
  Canceled = 1,
  /** Failed for a reason that no other code fits. */
  Unknown = 2,
  /** The arguments are wrong, whatever the state of the server. */
  InvalidArgument = 3,
  /** Time ran out before it was done. */
  DeadlineExceeded = 4,
  /** What was asked for does not exist. */
  NotFound = 5,
  /** What should be created exists. */
  AlreadyExists = 6,
  /** The caller is known, and may not do this. */
  PermissionDenied = 7,
  /** A quota or a resource is used up. */
  ResourceExhausted = 8,
  /** The server is not in the state that this needs. */
  FailedPrecondition = 9,
  /** It was given up, often because of a conflict with another call. */
  Aborted = 10,
  /** It went past the end of a valid range. */
  OutOfRange = 11,
  /** The server does not offer this. */
  Unimplemented = 12,
  /** The server broke one of its own rules. */
  Internal = 13,
  /** The server cannot be used now; trying again may help. */
  Unavailable = 14,
  /** Data is lost or damaged for good. */
  DataLoss = 15,
  /** The caller is not known. */
  Unauthenticated = 16,
}

/** What a headers callback answers. Members after `StopIteration` are Envoy's own. */
export enum FilterHeadersStatus {
  /** Pass the headers on. */
  Continue = 0,
  /**
   * Hold the headers. Envoy lets body callbacks run meanwhile only where the plugin is configured with
   * `allow_on_headers_stop_iteration: true`; by default it acts as {@link StopAllIterationAndWatermark}.
   */
  StopIteration = 1,
  /** Envoy does not support it and continues. */
  ContinueAndEndStream = 2,
  /** Hold everything; the host buffers the body, and answers 413 (request) or 500 (response) over its limit. */
  StopAllIterationAndBuffer = 3,
  /** Hold everything; over the buffer limit the host slows the sender down. */
  StopAllIterationAndWatermark = 4,
}

/** What a body callback answers. */
export enum FilterDataStatus {
  /** Pass on this part, and all that was held before. */
  Continue = 0,
  /** Hold; the next callback sees the whole body so far. Over the host's limit: 413 (request) or 500 (response). */
  StopIterationAndBuffer = 1,
  /** Hold with back-pressure; the next callback sees only the new part, the held part is forwarded with it. */
  StopIterationAndWatermark = 2,
  /** Drop this part, unless the filter kept a copy. */
  StopIterationNoBuffer = 3,
}

/** What a trailers callback answers. */
export enum FilterTrailersStatus {
  /** Pass the trailers on. */
  Continue = 0,
  /** Hold them until the stream is resumed. */
  StopIteration = 1,
}

/** What a TCP callback answers. */
export enum FilterStatus {
  /** Pass the data on. */
  Continue = 0,
  /** Hold it; the next callback sees all held data. */
  StopIteration = 1,
}

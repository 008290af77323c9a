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
  Trace = 0,
  Debug = 1,
  Info = 2,
  Warn = 3,
  Error = 4,
  Critical = 5,
}

/** The buffers a host offers (spec: `proxy_buffer_type_t`). */
export enum BufferType {
  HttpRequestBody = 0,
  HttpResponseBody = 1,
  DownstreamData = 2,
  UpstreamData = 3,
  HttpCallResponseBody = 4,
  GrpcReceiveBuffer = 5,
  VmConfiguration = 6,
  PluginConfiguration = 7,
  /** Arguments of a foreign call, a stats update or a DNS answer. */
  CallData = 8,
}

/** The header maps a host offers (spec: `proxy_map_type_t`). */
export enum MapType {
  HttpRequestHeaders = 0,
  HttpRequestTrailers = 1,
  HttpResponseHeaders = 2,
  HttpResponseTrailers = 3,
  GrpcReceiveInitialMetadata = 4,
  GrpcReceiveTrailingMetadata = 5,
  HttpCallResponseHeaders = 6,
  HttpCallResponseTrailers = 7,
}

/** Which side closed a TCP connection (spec: `proxy_peer_type_t`). */
export enum PeerType {
  Unknown = 0,
  /** The proxy itself. */
  Local = 1,
  /** The other end. */
  Remote = 2,
}

/** The directions that can be continued or closed (spec: `proxy_stream_type_t`). */
export enum StreamType {
  HttpRequest = 0,
  HttpResponse = 1,
  Downstream = 2,
  Upstream = 3,
}

/** Kinds of metric (spec: `proxy_metric_type_t`). */
export enum MetricType {
  Counter = 0,
  Gauge = 1,
  Histogram = 2,
}

/** Status codes of gRPC. */
export enum GrpcStatus {
  /** Leave it to the host, which derives it from the HTTP status. */
  Unset = -1,
  Ok = 0,
  Canceled = 1,
  Unknown = 2,
  InvalidArgument = 3,
  DeadlineExceeded = 4,
  NotFound = 5,
  AlreadyExists = 6,
  PermissionDenied = 7,
  ResourceExhausted = 8,
  FailedPrecondition = 9,
  Aborted = 10,
  OutOfRange = 11,
  Unimplemented = 12,
  Internal = 13,
  Unavailable = 14,
  DataLoss = 15,
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

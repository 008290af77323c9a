// Which export of a module stands behind which callback of the guest library, and so what makes it needed.
import type { Feature } from "./features.ts";
import { mayHoldHeaders } from "./mentions.ts";
import type { ContextName } from "./sdk.ts";

/** What makes a host's callback needed in a module. Any one of the reasons is enough. */
export interface CallbackRule {
  /** The name of the export. */
  readonly exportName: string;
  /** The class of the guest library that declares the callback. */
  readonly context: ContextName;
  /** Methods of it that a filter overrides to receive the callback; the first has the callback's own name. */
  readonly overrides: readonly string[];
  /** Names of the library that work through the callback although the filter overrides nothing of {@link context}. */
  readonly calls?: readonly string[];
  /** What in a source makes the library need the callback, whatever the filter's classes are. */
  readonly mention?: (text: string) => boolean;
  /** The library itself needs the callback as soon as a class derives from {@link context}. */
  readonly always?: true;
  /** The callback is needed just where the module makes use of this. */
  readonly feature?: Feature;
}

/**
 * The exports that a module can do without, in the order of the specification. Exports that are not listed are
 * kept: the ABI marker and `proxy_on_memory_allocate`.
 *
 * Headers held with StopIteration may go on in the body or trailers callback, which the code that resumes must learn.
 */
export const CALLBACK_RULES: readonly CallbackRule[] = [
  { exportName: "proxy_on_context_create", context: "BaseContext", overrides: [], feature: "EAGER_STREAMS" },
  { exportName: "proxy_on_done", context: "BaseContext", overrides: ["onDone"] },
  { exportName: "proxy_on_log", context: "BaseContext", overrides: ["onLog"] },
  {
    exportName: "proxy_on_delete",
    context: "BaseContext",
    overrides: ["onDelete"],
    feature: "STREAM_OBJECTS",
  },
  { exportName: "proxy_on_vm_start", context: "RootContext", overrides: ["onVmStart"] },
  // `RootContext.configuration` is fetched there.
  { exportName: "proxy_on_configure", context: "RootContext", overrides: ["onConfigure"], always: true },
  {
    exportName: "proxy_on_tick",
    context: "RootContext",
    overrides: ["onTick"],
    calls: ["setInterval", "setTimeout"],
    // The library looks there whether a request whose headers are held for its body hangs.
    mention: mayHoldHeaders,
  },
  { exportName: "proxy_on_queue_ready", context: "RootContext", overrides: ["onQueueReady"] },
  // A root that makes both kinds of streams learns only there that a stream is a TCP connection.
  {
    exportName: "proxy_on_new_connection",
    context: "TcpContext",
    overrides: ["onNewConnection"],
    always: true,
  },
  { exportName: "proxy_on_downstream_data", context: "TcpContext", overrides: ["onDownstreamData"] },
  {
    exportName: "proxy_on_downstream_connection_close",
    context: "TcpContext",
    overrides: ["onDownstreamConnectionClose"],
  },
  { exportName: "proxy_on_upstream_data", context: "TcpContext", overrides: ["onUpstreamData"] },
  {
    exportName: "proxy_on_upstream_connection_close",
    context: "TcpContext",
    overrides: ["onUpstreamConnectionClose"],
  },
  { exportName: "proxy_on_request_headers", context: "HttpContext", overrides: ["onRequestHeaders"] },
  {
    exportName: "proxy_on_request_body",
    context: "HttpContext",
    overrides: ["onRequestBody", "onRequestBodyComplete", "onRequestBodyTooLarge"],
    calls: ["bufferRequestBody", "resumeRequest"],
  },
  {
    exportName: "proxy_on_request_trailers",
    context: "HttpContext",
    overrides: ["onRequestTrailers", "onRequestBodyComplete", "onRequestBodyTooLarge"],
    calls: ["bufferRequestBody", "resumeRequest"],
  },
  { exportName: "proxy_on_response_headers", context: "HttpContext", overrides: ["onResponseHeaders"] },
  {
    exportName: "proxy_on_response_body",
    context: "HttpContext",
    overrides: ["onResponseBody", "onResponseBodyComplete", "onResponseBodyTooLarge"],
    calls: ["bufferResponseBody", "resumeResponse"],
  },
  {
    exportName: "proxy_on_response_trailers",
    context: "HttpContext",
    overrides: ["onResponseTrailers", "onResponseBodyComplete", "onResponseBodyTooLarge"],
    calls: ["bufferResponseBody", "resumeResponse"],
  },
  {
    exportName: "proxy_on_http_call_response",
    context: "BaseContext",
    overrides: ["onHttpCallResponse"],
    calls: ["httpCall"],
  },
  {
    exportName: "proxy_on_grpc_receive_initial_metadata",
    context: "BaseContext",
    overrides: ["onGrpcReceiveInitialMetadata"],
    calls: ["onInitialMetadata"],
  },
  {
    exportName: "proxy_on_grpc_receive",
    context: "BaseContext",
    overrides: ["onGrpcReceive"],
    calls: ["grpcCall", "grpcStream"],
  },
  {
    exportName: "proxy_on_grpc_receive_trailing_metadata",
    context: "BaseContext",
    overrides: ["onGrpcReceiveTrailingMetadata"],
    calls: ["onTrailingMetadata"],
  },
  {
    exportName: "proxy_on_grpc_close",
    context: "BaseContext",
    overrides: ["onGrpcClose"],
    calls: ["grpcCall", "grpcStream"],
  },
  { exportName: "envoy_on_stats_update", context: "RootContext", overrides: ["onStatsUpdate"] },
];

/** Methods of the contexts that a filter may override and that decide about no export. */
const OTHER_OVERRIDES: readonly { readonly context: ContextName; readonly name: string }[] = [
  { context: "RootContext", name: "createHttpContext" },
  { context: "RootContext", name: "createTcpContext" },
];

/** Every method that the library calls on a filter's classes, and the class that declares it. */
export const OVERRIDABLE: ReadonlyMap<string, ContextName> = new Map([
  ...OTHER_OVERRIDES.map(({ context, name }) => [name, context] as const),
  ...CALLBACK_RULES.flatMap(({ context, overrides }) => overrides.map((name) => [name, context] as const)),
]);

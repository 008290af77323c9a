// The public test API: run a filter's release build without a proxy, and see what Envoy would do.
export { compileModule } from "../host/guest-module.ts";
export { createHost, TestHost } from "./host.ts";
export { CalloutsView } from "./callouts-view.ts";
export { ClientResponse } from "./client-response.ts";
export { HeaderList, Message } from "./messages.ts";
export { HostError } from "../host/errors.ts";
export { PendingCallout } from "./callouts.ts";
export { PendingGrpc } from "./grpc.ts";
export { PluginView } from "./plugin-view.ts";
export { ReceivedRequest } from "./upstream.ts";
export { TestConnection } from "./tcp.ts";
export { TestStream } from "./stream.ts";
export { MetricsView, QueuesView, SharedDataView } from "./views.ts";
export type { GuestModule } from "../host/guest-module.ts";
export type {
  FatalMisuseCode,
  HostErrorCode,
  ModuleErrorCode,
  StartErrorCode,
  SurvivableMisuseCode,
  UsageErrorCode,
} from "../host/errors.ts";
export type { BodyInput, HeadersInput, HeaderValue } from "./messages.ts";
export type { CalloutBehaviour } from "./callouts.ts";
export type { CalloutFailure } from "../host/http-callout.ts";
export type { EnvironmentOptions, HostOptions, PluginOptions } from "./options.ts";
export type { FailurePolicy, PluginKind } from "../host/plugin.ts";
export type { Forwarded, Step } from "./step.ts";
export type { GrpcBehaviour, GrpcReply, GrpcRequest } from "./grpc.ts";
export type { LogEntry, LogLevelName } from "../host/log-book.ts";
export type { MemoryView } from "./plugin-view.ts";
export type { PropertyPath, PropertyTree } from "../host/property-tree.ts";
export type { PropertyValue } from "../host/property-values.ts";
export type { Stats } from "./stats.ts";
export type { ReloadStats } from "../host/worker.ts";
export type { RequestInput, StreamInput, Walk } from "./walk.ts";
export type { ResponseInput, Upstream, UpstreamOutcome } from "./upstream.ts";
export type { UpstreamFailure } from "../host/router.ts";
export { NOT_EMULATED } from "../host/not-emulated.ts";
export type { ConnectionInput, TcpStep } from "./tcp.ts";
export type { Trap } from "../host/trap.ts";

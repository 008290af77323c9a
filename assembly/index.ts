// The public names of the guest library.
export {
  BufferType,
  FilterDataStatus,
  FilterHeadersStatus,
  FilterStatus,
  FilterTrailersStatus,
  GrpcStatus,
  LogLevel,
  MapType,
  MetricType,
  PeerType,
  Status,
  StreamType,
} from "./abi/types";
export { Buffer } from "./buffer";
export { getCurrentTimeNanoseconds } from "./clock";
export { Configuration } from "./configuration";
export { BaseContext } from "./base-context";
export { StreamContext } from "./context";
export { GrpcCallHandler, GrpcCallRequest, GrpcCallResponse } from "./grpc-call";
export { GrpcRequest } from "./grpc-request";
export { GrpcStream, GrpcStreamHandler } from "./grpc-stream";
export { HeaderList } from "./header-list";
export { HeaderMap } from "./header-map";
export { HttpCallHandler, HttpCallRequest, HttpCallResponse } from "./http-call";
export { HttpContext } from "./http-context";
export { HttpStream } from "./http-stream";
export { isLogEnabled, log, logCritical, logDebug, logError, logInfo, logTrace, logWarn } from "./log";
export { getPropertyBytes, setPropertyBytes } from "./property";
export { registerHttpContext, registerRootContext, registerTcpContext } from "./registration";
export { RootContext } from "./root-context";
export { TcpContext } from "./tcp-context";
export { TimerHandler } from "./timer";

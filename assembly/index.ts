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
export { BaseContext, StreamContext } from "./context";
export { callForeignFunction, getForeignFunctionStatus } from "./foreign-function";
export { HeaderList } from "./header-list";
export { HeaderMap } from "./header-map";
export { HttpContext } from "./http-context";
export { HttpStream } from "./http-stream";
export { isLogEnabled, log, logCritical, logDebug, logError, logInfo, logTrace, logWarn } from "./log";
export { Counter, Gauge, Histogram, Metric } from "./metric";
export { MetricTags } from "./metric-tags";
export {
  getProperty,
  getPropertyBool,
  getPropertyBytes,
  getPropertyDuration,
  getPropertyF64,
  getPropertyI64,
  getPropertyList,
  getPropertyMap,
  getPropertyTime,
  getPropertyU64,
  hasProperty,
  setProperty,
  setPropertyBytes,
} from "./property";
export { registerHttpContext, registerRootContext, registerTcpContext } from "./registration";
export { RootContext } from "./root-context";
export { SharedData, SharedDataBytesUpdater, SharedDataUpdater, SharedValue } from "./shared-data";
export { SharedQueue } from "./shared-queue";
export { TcpContext } from "./tcp-context";
import * as properties from "./properties/index";
export { properties };

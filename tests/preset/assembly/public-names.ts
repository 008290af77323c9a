// Uses every public name of the guest library once. It is compiled, never run: asc checks only what is used.
import {
  BaseContext,
  Buffer,
  BufferType,
  callForeignFunction,
  Configuration,
  Counter,
  FilterDataStatus,
  FilterHeadersStatus,
  FilterStatus,
  FilterTrailersStatus,
  Gauge,
  getCurrentTimeNanoseconds,
  getForeignFunctionStatus,
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
  GrpcStatus,
  hasProperty,
  HeaderList,
  HeaderMap,
  Histogram,
  HttpContext,
  HttpStream,
  isLogEnabled,
  log,
  logCritical,
  logDebug,
  logError,
  logInfo,
  LogLevel,
  logTrace,
  logWarn,
  MapType,
  Metric,
  MetricTags,
  MetricType,
  PeerType,
  properties,
  registerHttpContext,
  registerRootContext,
  registerTcpContext,
  RootContext,
  setProperty,
  setPropertyBytes,
  SharedData,
  SharedDataBytesUpdater,
  SharedDataUpdater,
  SharedQueue,
  SharedValue,
  Status,
  StreamContext,
  StreamType,
  TcpContext,
} from "proxy-wasm-as";
import { StatsUpdate } from "proxy-wasm-as/envoy";
import {
  CelExpression,
  clearRouteCache,
  compress,
  declareProperty,
  LifeSpan,
  PropertyType,
  setEnvoyFilterState,
  setEnvoyFilterStateBytes,
  sign,
  SignatureResult,
  signWithKeyBytes,
  uncompress,
  verifySignature,
  verifySignatureWithKeyBytes,
} from "proxy-wasm-as/envoy";

function useBuffer(buffer: Buffer): u32 {
  const bytes: Uint8Array = buffer.bytes(1, 2);
  const statuses: Status[] = [
    buffer.replace(buffer.text()),
    buffer.replaceBytes(bytes),
    buffer.append("a"),
    buffer.appendBytes(bytes),
    buffer.prepend("a"),
    buffer.prependBytes(bytes),
  ];
  return buffer.length + statuses.length;
}

function useConfiguration(configuration: Configuration): string {
  return configuration.length.toString() + configuration.text() + configuration.bytes().toString();
}

function useHeaderList(list: HeaderList): string {
  if (list.add("a", "1") != Status.Ok) return "";
  if (list.addBytes("b", list.valueBytes(0)) != Status.Ok) return "";
  const value: string | null = list.get(list.name(0));
  if (value != null && list.has("a")) return value;
  const lengths: i32 = list.length + list.nameLength(0) + list.valueLength(0);
  return list.value(0) + lengths.toString() + list.getAll("a").join();
}

function useHeaderMap(map: HeaderMap): string {
  const bytes: Uint8Array | null = map.getBytes("a");
  if (bytes != null) {
    map.setBytes("a", bytes);
    map.addBytes("a", bytes);
  }
  const value: string | null = map.get("a");
  if (value != null && map.has("b") && map.set("b", value) == Status.Ok) map.add("b", value);
  map.remove("c");
  const list: HeaderList = map.entries();
  map.setAll(list);
  return useHeaderList(list) + map.getAll("a").join() + map.byteSize.toString();
}

function useContext(context: BaseContext): u32 {
  return context.contextId;
}

function useStreamContext(context: StreamContext): u32 {
  return useContext(context);
}

function useLog(): void {
  if (isLogEnabled(LogLevel.Debug)) log(LogLevel.Debug, "a");
  logTrace("a");
  logDebug("a");
  logInfo("a");
  logWarn("a");
  logError("a");
  logCritical("a");
}

function useRest(): u64 {
  const bytes: Uint8Array | null = getPropertyBytes(["a", "b"]);
  if (bytes != null) setPropertyBytes("a", bytes);
  const numbers: i32[] = [BufferType.HttpRequestBody, MapType.HttpRequestHeaders, StreamType.HttpRequest];
  return getCurrentTimeNanoseconds() + MetricType.Counter + numbers.length;
}

function useMetrics(): u64 {
  const tags: MetricTags = new MetricTags().clear().add("a", "1");
  const counter = new Counter("a");
  const metric: Metric = counter;
  counter.tagged(tags).increment();
  const gauge = new Gauge("a");
  gauge.tagged(tags).set(1);
  gauge.add(-1);
  new Histogram("a").tagged(tags).record(1);
  return counter.value + gauge.value + u64(metric == counter);
}

class Update extends SharedDataUpdater {
  override update(old: string | null): string | null {
    return old;
  }
}

class UpdateBytes extends SharedDataBytesUpdater {
  override update(old: Uint8Array | null): Uint8Array | null {
    return old;
  }
}

function useShared(): u32 {
  const value: SharedValue | null = SharedData.get("a");
  if (value != null) {
    SharedData.set("a", value.text(), value.cas);
    SharedData.setBytes("a", value.bytes(), SharedData.ABSENT + value.length);
  }
  SharedData.update("a", (old) => old);
  SharedData.updateWith("a", new Update());
  SharedData.updateBytes("a", (old) => old);
  SharedData.updateBytesWith("a", new UpdateBytes());
  SharedData.remove("a");
  let queue: SharedQueue | null = SharedQueue.register("a");
  if (queue == null) queue = SharedQueue.resolve("", "a");
  if (queue == null) queue = SharedQueue.of(1);
  if (queue.dequeue() == null && queue.dequeueBytes() == null) queue.enqueue("a");
  queue.enqueueBytes(new Uint8Array(1));
  return queue.id;
}

function useProperties(): f64 {
  const path = ["a", "b"];
  const text: string | null = getProperty(path);
  if (text != null && hasProperty("a\0b")) setProperty("a", text);
  const list: string[] | null = getPropertyList(path);
  const map: HeaderList | null = getPropertyMap(path);
  const count: i32 = (list == null ? 0 : list.length) + (map == null ? 0 : map.length);
  const integers: i64 = getPropertyI64(path) + getPropertyDuration(path) + properties.response.code();
  const times: u64 = getPropertyU64(path) + getPropertyTime(path) + u64(getPropertyBool(path));
  return getPropertyF64(path) + <f64>integers + <f64>times + <f64>count;
}

function useEnvoy(): Status {
  const answer: Uint8Array | null = callForeignFunction("a", new Uint8Array(0));
  const bytes = answer == null ? new Uint8Array(0) : answer;
  if (compress(bytes) == null || uncompress(bytes) == null) return getForeignFunctionStatus();
  const results: SignatureResult[] = [
    sign("sha256", "key", bytes),
    signWithKeyBytes("sha256", bytes, bytes),
    verifySignature("sha256", "key", bytes, bytes),
    verifySignatureWithKeyBytes("sha256", bytes, bytes, bytes),
  ];
  const first = results[0];
  if (!first.ok && first.signature.length == 0 && first.error == "no") return first.status;
  setEnvoyFilterState("a", "b", LifeSpan.Request);
  setEnvoyFilterStateBytes("a", bytes, LifeSpan.Connection);
  declareProperty("a", PropertyType.String, LifeSpan.FilterChain, true, bytes);
  const expression: CelExpression | null = CelExpression.create("1");
  if (expression == null) return clearRouteCache();
  if (expression.evaluate() == null || expression.evaluateBytes() == null) return Status.NotFound;
  if (expression.evaluateBool() && expression.evaluateI64() == 1 && expression.evaluateF64() == 1)
    return Status.Ok;
  return expression.delete();
}

function useStream(stream: HttpStream): void {
  useHeaderMap(stream.requestHeaders);
  useHeaderMap(stream.requestTrailers);
  useHeaderMap(stream.responseHeaders);
  useHeaderMap(stream.responseTrailers);
  useBuffer(stream.requestBody);
  useBuffer(stream.responseBody);
  if (stream.isLocalResponse || stream.resumeRequest() != Status.Ok) stream.resumeResponse();
  if (stream.closeRequest() != Status.Ok) stream.closeResponse();
  stream.sendLocalResponse(403, "no", HeaderList.from([["a", "1"]]), "details", GrpcStatus.PermissionDenied);
  stream.sendLocalResponseBytes(403, new Uint8Array(1), new HeaderList(), "details", GrpcStatus.Unset);
}

class Root extends RootContext {
  override onVmStart(vmConfigurationSize: u32): bool {
    return this.vmConfiguration.length == vmConfigurationSize;
  }
  override onConfigure(pluginConfigurationSize: u32): bool {
    logInfo(useConfiguration(this.configuration));
    return this.setTickPeriodMilliseconds(pluginConfigurationSize) == Status.Ok;
  }
  override onTick(): void {
    useLog();
  }
  override onQueueReady(queueId: u32): void {
    useRest();
    useMetrics();
    useShared();
    useProperties();
    useEnvoy();
  }
  override onStatsUpdate(): void {
    const stats = new StatsUpdate();
    while (stats.next()) {
      if (stats.type == MetricType.Counter) logInfo(stats.name + (stats.value - stats.delta).toString());
    }
  }
  override onLog(): void {
    useHeaderMap(this.requestHeaders);
    useHeaderMap(this.responseHeaders);
    useHeaderMap(this.responseTrailers);
  }
  override onDone(): bool {
    return this.done() == Status.Ok;
  }
  override createHttpContext(contextId: u32): HttpContext | null {
    return contextId > 1 ? new Http() : null;
  }
  override createTcpContext(contextId: u32): TcpContext | null {
    return contextId > 1 ? new Tcp() : null;
  }
}

class Http extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    useStreamContext(this);
    useStream(this);
    return this.bufferRequestBody(1024);
  }
  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    return FilterDataStatus.Continue;
  }
  override onRequestBodyComplete(bodySize: u32): FilterDataStatus {
    return FilterDataStatus.Continue;
  }
  override onRequestBodyTooLarge(bodySize: u32): void {
    useContext(this);
  }
  override onRequestTrailers(numTrailers: u32): FilterTrailersStatus {
    return FilterTrailersStatus.Continue;
  }
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    return this.bufferResponseBody(1024, true);
  }
  override onResponseBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    return FilterDataStatus.Continue;
  }
  override onResponseBodyComplete(bodySize: u32): FilterDataStatus {
    return FilterDataStatus.Continue;
  }
  override onResponseBodyTooLarge(bodySize: u32): void {
    useContext(this);
  }
  override onResponseTrailers(numTrailers: u32): FilterTrailersStatus {
    return FilterTrailersStatus.Continue;
  }
  override onLog(): void {
    useContext(this);
  }
  override onDelete(): void {
    useContext(this);
  }
}

class Tcp extends TcpContext {
  override onNewConnection(): FilterStatus {
    return FilterStatus.Continue;
  }
  override onDownstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    useBuffer(this.downstreamData);
    return this.resumeDownstream() == Status.Ok ? FilterStatus.Continue : FilterStatus.StopIteration;
  }
  override onUpstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    useBuffer(this.upstreamData);
    if (this.resumeUpstream() == Status.Unimplemented) return FilterStatus.StopIteration;
    return FilterStatus.Continue;
  }
  override onDownstreamConnectionClose(peer: PeerType): void {
    if (peer == PeerType.Remote) this.closeUpstream();
  }
  override onUpstreamConnectionClose(peer: PeerType): void {
    this.closeDownstream();
  }
}

registerRootContext<Root>();
registerHttpContext<Http>("http");
registerTcpContext<Tcp>("tcp");

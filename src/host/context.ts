// What every Envoy context offers its guest: log, time, configuration, shared state, callouts of its root.
import { BaseContext } from "./base-context.ts";
import { BufferType, Status } from "./statuses.ts";
import { getProperty, setProperty } from "./attributes.ts";
import { callForeignFunction } from "./foreign-functions.ts";
import { toText } from "./byte-string.ts";
import type { Answer, GrpcCallArguments, GuestPairs, HttpCallArguments } from "./hostcalls.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { ByteString } from "./byte-string.ts";
import type { HttpStream } from "./http-stream.ts";
import type { HeaderMap } from "./header-map.ts";
import type { Pair } from "./pairs.ts";
import type { Plugin } from "./plugin.ts";
import type { StreamInfo } from "./stream-info.ts";

const EMPTY = Buffer.alloc(0);

/** A root or stream context of one plugin. */
export abstract class Context extends BaseContext {
  readonly id: number;
  readonly plugin: Plugin;
  /** `proxy_on_context_create` has been due; the other callbacks need it. */
  created = false;

  constructor(plugin: Plugin) {
    super();
    this.plugin = plugin;
    this.id = plugin.envoyVm.vm.nextContextId();
  }

  /** Tells the guest that the context exists. */
  abstract create(): void;

  /** The stream whose properties and filter state the guest sees now, or null. */
  abstract get streamInfo(): StreamInfo | null;

  /** The same if it is an HTTP stream. */
  get httpStream(): HttpStream | null {
    return null;
  }

  /** The buffer of that type, or null while there is none. */
  protected abstract buffer(type: number): ByteBuffer | null;

  /** Which of the maps 0 to 3 the guest can read now. */
  protected abstract readableMap(type: number): HeaderMap | null;

  /** A map 0 to 3 as properties read it. */
  visibleMap(type: number): HeaderMap | null {
    return this.readableMap(type);
  }

  /** Calls a callback of the guest, if it has it and lives. Absent callbacks answer `absent`. */
  protected call(name: string, absent: number, a = 0, b = 0, c = 0, d = 0): number {
    const { vm } = this.plugin.envoyVm;
    const callback = vm.callback(name);
    if (callback === undefined || vm.trap !== null) return absent;
    return vm.invoke(name, callback, this, this.id, a, b, c, d);
  }

  override log(level: number, message: ByteString): number {
    const { services, config, worker } = this.plugin;
    if (level >= services.log.level)
      services.log.add(level, toText(message), "guest", this.id, toText(config.name), worker);
    return Status.Ok;
  }

  override getLogLevel(): number {
    return this.plugin.services.log.level;
  }

  override getCurrentTimeNanoseconds(): bigint {
    return this.plugin.services.clock.wallNanoseconds;
  }

  override getStatus(): { code: number; message: ByteString } {
    return this.plugin.root.status;
  }

  override setTickPeriod(milliseconds: number): number {
    this.plugin.root.arm(milliseconds);
    return Status.Ok;
  }

  override setEffectiveContext(id: number): number {
    const { vm } = this.plugin.envoyVm;
    const context = id === 0 ? vm.current : vm.contexts.get(id);
    if (context === undefined) return Status.BadArgument;
    vm.context = context;
    return Status.Ok;
  }

  override done(): number {
    return this.plugin.root.finishPending();
  }

  override getBufferBytes(type: number, start: number, length: number): Answer<Uint8Array> {
    const fixed = this.#fixedBuffer(type);
    if (typeof fixed === "number") return fixed;
    if (fixed !== null)
      return fixed.subarray(Math.min(start, fixed.length), Math.min(start + length, fixed.length));
    return this.buffer(type)?.slice(start, length) ?? EMPTY;
  }

  override getBufferStatus(type: number): Answer<{ length: number; flags: number }> {
    const fixed = this.#fixedBuffer(type);
    if (typeof fixed === "number") return fixed;
    return { length: fixed?.length ?? this.buffer(type)?.length ?? 0, flags: 0 };
  }

  override setBufferBytes(type: number, start: number, length: number, value: Uint8Array): number {
    if (type === BufferType.PluginConfiguration) return Status.NotFound;
    if (type < BufferType.HttpRequestBody || type > BufferType.UpstreamData) return Status.BadArgument;
    return this.buffer(type)?.write(start, length, value) ?? Status.BadArgument;
  }

  /** Read-only buffers: bytes, a status, or null for the editable ones. */
  #fixedBuffer(type: number): Buffer | number | null {
    const { root, config } = this.plugin;
    switch (type) {
      case BufferType.HttpRequestBody:
      case BufferType.HttpResponseBody:
      case BufferType.DownstreamData:
      case BufferType.UpstreamData:
        return null;
      case BufferType.HttpCallResponseBody:
        return root.calloutResponse?.body ?? Status.NotFound;
      case BufferType.GrpcReceiveBuffer:
        return root.grpcMessage ?? EMPTY;
      case BufferType.VmConfiguration:
        return config.vmConfiguration;
      case BufferType.PluginConfiguration:
        return root.configuring ? config.configuration : Status.NotFound;
      case BufferType.CallData:
        return root.callData ?? EMPTY;
      default:
        return Status.BadArgument;
    }
  }

  override getHeaderMapValue(type: number, name: ByteString): Answer<ByteString> {
    const map = this.#map(type);
    return map === null ? this.missingMap(type) : (map.get(name) ?? Status.NotFound);
  }

  override getHeaderMapPairs(type: number): Answer<readonly Pair[]> {
    if (type < 0 || type > 7) return Status.BadArgument;
    return this.#map(type)?.entries ?? [];
  }

  override getHeaderMapSize(type: number): Answer<{ bytes: number }> {
    const map = type > 3 ? null : this.#map(type);
    return map === null ? Status.BadArgument : { bytes: map.bytes };
  }

  override addHeaderMapValue(_type: number, _name: ByteString, _value: ByteString): number {
    return Status.BadArgument;
  }

  override replaceHeaderMapValue(_type: number, _name: ByteString, _value: ByteString): number {
    return Status.BadArgument;
  }

  override removeHeaderMapValue(_type: number, _name: ByteString): number {
    return Status.BadArgument;
  }

  override setHeaderMapPairs(_type: number, _pairs: GuestPairs): number {
    return Status.BadArgument;
  }

  /** The answer for a value of a map that is not there. */
  protected missingMap(_type: number): number {
    return Status.BadArgument;
  }

  #map(type: number): HeaderMap | null {
    if (type >= 0 && type <= 3) return this.readableMap(type);
    return this.plugin.root.calloutMap(type);
  }

  override getProperty(path: ByteString): Answer<ByteString | Uint8Array> {
    return getProperty(this, path);
  }

  override setProperty(path: ByteString, value: Uint8Array): number {
    return this.streamInfo === null ? Status.NotFound : setProperty(this.streamInfo, path, value);
  }

  override httpCall(call: HttpCallArguments): Answer<{ token: number }> {
    return this.plugin.root.dispatchHttpCall(call);
  }

  override grpcCall(call: GrpcCallArguments): Answer<{ token: number }> {
    return this.plugin.root.grpc.open(call, "grpcCall");
  }

  override grpcStream(call: GrpcCallArguments): Answer<{ token: number }> {
    return this.plugin.root.grpc.open(call, "grpcStream");
  }

  override grpcSend(token: number, message: Uint8Array, endStream: boolean): number {
    return this.plugin.root.grpc.send(token, message, endStream);
  }

  override grpcCancel(token: number): number {
    return this.plugin.root.grpc.cancel(token);
  }

  override grpcClose(token: number): number {
    return this.plugin.root.grpc.close(token);
  }

  override getSharedData(key: ByteString): Answer<{ value: Uint8Array; cas: number }> {
    return this.plugin.services.sharedData.get(this.plugin.config.vmId, key);
  }

  override setSharedData(key: ByteString, value: Uint8Array, cas: number): number {
    return this.plugin.services.sharedData.set(this.plugin.config.vmId, key, value, cas);
  }

  override registerSharedQueue(name: ByteString): Answer<{ token: number }> {
    const { root, services, config } = this.plugin;
    return services.queues.register(config.vmId, name, (token) => root.onQueueReady(token));
  }

  override resolveSharedQueue(vmId: ByteString, name: ByteString): Answer<{ token: number }> {
    return this.plugin.services.queues.resolve(vmId === "" ? this.plugin.config.vmId : vmId, name);
  }

  override enqueueSharedQueue(token: number, value: Uint8Array): number {
    return this.plugin.services.queues.enqueue(token, value);
  }

  override dequeueSharedQueue(token: number): Answer<Uint8Array> {
    return this.plugin.services.queues.dequeue(token);
  }

  override defineMetric(type: number, name: ByteString): Answer<{ id: number }> {
    return this.plugin.envoyVm.metricIds.define(type, name);
  }

  override incrementMetric(id: number, offset: bigint): number {
    return this.plugin.envoyVm.metricIds.increment(id, offset);
  }

  override recordMetric(id: number, value: bigint): number {
    return this.plugin.envoyVm.metricIds.record(id, value);
  }

  override getMetric(id: number): Answer<bigint> {
    return this.plugin.envoyVm.metricIds.get(id);
  }

  override callForeignFunction(name: ByteString, argument: Uint8Array): Answer<Uint8Array> {
    return callForeignFunction(this, name, Buffer.from(argument));
  }
}

// What every Envoy context offers its guest of the plugin: log, time, shared state, callouts of the root.
import { BaseContext } from "./base-context.ts";
import { Status } from "./statuses.ts";
import { callForeignFunction } from "./foreign-functions.ts";
import { toText } from "./byte-string.ts";
import { unsupported } from "./not-emulated.ts";
import type { Answer, GrpcCallArguments, HttpCallArguments } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";
import type { Plugin } from "./plugin.ts";
import type { StreamInfo } from "./stream-info.ts";

/** The part of a context that has nothing to do with what is on its way through it. */
export abstract class PluginContext extends BaseContext {
  readonly id: number;
  readonly plugin: Plugin;
  /** `proxy_on_context_create` has been due; the other callbacks need it. */
  created = false;
  /** Properties announced by declare_property. */
  readonly declared = new Map<ByteString, { readOnly: boolean }>();

  constructor(plugin: Plugin) {
    super();
    this.plugin = plugin;
    this.id = plugin.envoyVm.vm.nextContextId();
  }

  /** The stream whose properties and filter state the guest sees now, or null. */
  abstract get streamInfo(): StreamInfo | null;

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

  override httpCall(call: HttpCallArguments): Answer<{ token: number }> {
    return this.plugin.root.http.open(call);
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

  override resolveDns(name: ByteString): Answer<{ token: number }> {
    throw unsupported("dns", `the guest called envoy_resolve_dns for ${toText(name)}`);
  }
}

// The hostcalls that root and stream contexts of the reference host answer alike.
/* eslint-disable @typescript-eslint/no-unused-vars -- the parameters are there for those who override the methods */
import { BaseContext } from "../host/base-context.ts";
import { LOG_LEVELS } from "../host/log-book.ts";
import { BufferType, Status } from "../host/statuses.ts";
import { toText } from "../host/byte-string.ts";
import type { Answer } from "../host/hostcalls.ts";
import type { ByteString } from "../host/byte-string.ts";
import type { ReferenceHost } from "./reference-host.ts";

/** A line that a guest logged. */
export interface LogLine {
  /** 0 trace, 1 debug, 2 info, 3 warn, 4 error, 5 critical. */
  readonly level: number;
  readonly message: ByteString;
}

/** The line as people read it. */
export function describeLine({ level, message }: LogLine): string {
  return `${LOG_LEVELS[level]}: ${toText(message)}`;
}

const EMPTY = Buffer.alloc(0);

/** A context of the reference host. */
export abstract class ReferenceContext extends BaseContext {
  readonly id: number;
  protected readonly host: ReferenceHost;
  /** Lines of this context since they were last cleared. */
  lines: LogLine[] = [];

  constructor(id: number, host: ReferenceHost) {
    super();
    this.id = id;
    this.host = host;
  }

  /** Notes that the guest called what the reference host lacks, which prints and goes on. */
  protected unimplemented(hostFunction: string): number {
    this.host.note(`${hostFunction} is not offered by the host of test vectors (Unimplemented)`);
    return Status.Unimplemented;
  }

  override log(level: number, message: ByteString): number {
    if (level >= this.host.logLevel) {
      const line = { level, message };
      this.lines.push(line);
      this.host.keepLine(line);
    }
    return Status.Ok;
  }

  /** The reference host does not know it, yet says Ok: a guest then logs everything, and the level drops lines here. */
  override getLogLevel(): number {
    return 0;
  }

  override getCurrentTimeNanoseconds(): bigint {
    return this.host.nanoseconds;
  }

  override getStatus(): { code: number; message: ByteString } {
    return { code: 1, message: "" };
  }

  override setTickPeriod(_milliseconds: number): number {
    return Status.Ok;
  }

  override setEffectiveContext(id: number): number {
    return this.host.setEffectiveContext(id) ? Status.Ok : Status.BadArgument;
  }

  override done(): number {
    return this.host.finishRoot();
  }

  override setProperty(_path: ByteString, _value: Uint8Array): number {
    return this.unimplemented("proxy_set_property");
  }

  /** Buffers of a stream; a root has none. */
  protected body(_type: number): Buffer | null {
    return null;
  }

  override getBufferBytes(type: number, start: number, length: number): Answer<Uint8Array> {
    const bytes = this.#buffer(type);
    if (bytes === null) return Status.NotFound;
    return start >= bytes.length ? EMPTY : bytes.subarray(start, Math.min(bytes.length, start + length));
  }

  override getBufferStatus(type: number): Answer<{ length: number; flags: number }> {
    const bytes = this.#buffer(type);
    return bytes === null ? Status.NotFound : { length: bytes.length, flags: 0 };
  }

  override setBufferBytes(type: number, _start: number, _length: number, _value: Uint8Array): number {
    return type === BufferType.PluginConfiguration ? Status.BadArgument : Status.NotFound;
  }

  #buffer(type: number): Buffer | null {
    return type === BufferType.PluginConfiguration ? this.host.configuration : this.body(type);
  }

  override continueStream(): number {
    return this.unimplemented("proxy_continue_stream");
  }
  override closeStream(): number {
    return this.unimplemented("proxy_close_stream");
  }
  override httpCall(): number {
    return this.unimplemented("proxy_http_call");
  }
  override grpcCall(): number {
    return this.unimplemented("proxy_grpc_call");
  }
  override grpcStream(): number {
    return this.unimplemented("proxy_grpc_stream");
  }
  override grpcSend(): number {
    return this.unimplemented("proxy_grpc_send");
  }
  override grpcCancel(): number {
    return this.unimplemented("proxy_grpc_cancel");
  }
  override grpcClose(): number {
    return this.unimplemented("proxy_grpc_close");
  }
  override defineMetric(): number {
    return this.unimplemented("proxy_define_metric");
  }
  override incrementMetric(): number {
    return this.unimplemented("proxy_increment_metric");
  }
  override recordMetric(): number {
    return this.unimplemented("proxy_record_metric");
  }
  override getMetric(): number {
    return this.unimplemented("proxy_get_metric");
  }

  override getSharedData(key: ByteString): Answer<{ value: Uint8Array; cas: number }> {
    return this.host.sharedData.get("", key);
  }
  override setSharedData(key: ByteString, value: Uint8Array, cas: number): number {
    return this.host.sharedData.set("", key, value, cas);
  }
  override registerSharedQueue(name: ByteString): { token: number } {
    return this.host.queues.register("", name, () => {});
  }
  override resolveSharedQueue(vmId: ByteString, name: ByteString): Answer<{ token: number }> {
    return this.host.queues.resolve(vmId, name);
  }
  override enqueueSharedQueue(token: number, value: Uint8Array): number {
    return this.host.queues.enqueue(token, value);
  }
  override dequeueSharedQueue(token: number): Answer<Uint8Array> {
    return this.host.queues.dequeue(token);
  }

  override callForeignFunction(_name: ByteString, _argument: Uint8Array): number {
    return Status.NotFound;
  }
}

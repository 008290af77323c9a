// Hostcalls that refuse everything: what a context does not implement fails loudly.
/* eslint-disable @typescript-eslint/no-unused-vars -- the parameters are there for those who override the methods */
import { HostError } from "./errors.ts";
import type {
  Answer,
  GrpcCallArguments,
  GuestPairs,
  HttpCallArguments,
  Hostcalls,
  LocalResponseArguments,
} from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";
import type { Pair } from "./pairs.ts";

/** A base for implementations of {@link Hostcalls} that offer only some of them. Every method throws `unsupported`. */
export abstract class BaseContext implements Hostcalls {
  abstract readonly id: number;

  /** Throws the error that says this context does not offer the host function. */
  protected refuse(hostFunction: string): never {
    throw new HostError(
      "unsupported",
      `${hostFunction} was called on context ${this.id}, which this host does not offer there`,
    );
  }

  log(_level: number, _message: ByteString): number {
    return this.refuse("proxy_log");
  }
  getLogLevel(): number {
    return this.refuse("proxy_get_log_level");
  }
  getCurrentTimeNanoseconds(): bigint {
    return this.refuse("proxy_get_current_time_nanoseconds");
  }
  getStatus(): { code: number; message: ByteString } {
    return this.refuse("proxy_get_status");
  }
  setTickPeriod(_milliseconds: number): number {
    return this.refuse("proxy_set_tick_period_milliseconds");
  }
  setEffectiveContext(_id: number): number {
    return this.refuse("proxy_set_effective_context");
  }
  done(): number {
    return this.refuse("proxy_done");
  }
  getProperty(_path: ByteString): Answer<ByteString | Uint8Array> {
    return this.refuse("proxy_get_property");
  }
  setProperty(_path: ByteString, _value: Uint8Array): number {
    return this.refuse("proxy_set_property");
  }
  getBufferBytes(_type: number, _start: number, _length: number): Answer<Uint8Array> {
    return this.refuse("proxy_get_buffer_bytes");
  }
  getBufferStatus(_type: number): Answer<{ length: number; flags: number }> {
    return this.refuse("proxy_get_buffer_status");
  }
  setBufferBytes(_type: number, _start: number, _length: number, _value: Uint8Array): number {
    return this.refuse("proxy_set_buffer_bytes");
  }
  getHeaderMapValue(_type: number, _name: ByteString): Answer<ByteString> {
    return this.refuse("proxy_get_header_map_value");
  }
  addHeaderMapValue(_type: number, _name: ByteString, _value: ByteString): number {
    return this.refuse("proxy_add_header_map_value");
  }
  replaceHeaderMapValue(_type: number, _name: ByteString, _value: ByteString): number {
    return this.refuse("proxy_replace_header_map_value");
  }
  removeHeaderMapValue(_type: number, _name: ByteString): number {
    return this.refuse("proxy_remove_header_map_value");
  }
  getHeaderMapPairs(_type: number): Answer<readonly Pair[]> {
    return this.refuse("proxy_get_header_map_pairs");
  }
  setHeaderMapPairs(_type: number, _pairs: GuestPairs): number {
    return this.refuse("proxy_set_header_map_pairs");
  }
  getHeaderMapSize(_type: number): Answer<{ bytes: number }> {
    return this.refuse("proxy_get_header_map_size");
  }
  continueStream(_type: number): number {
    return this.refuse("proxy_continue_stream");
  }
  closeStream(_type: number): number {
    return this.refuse("proxy_close_stream");
  }
  sendLocalResponse(_response: LocalResponseArguments): number {
    return this.refuse("proxy_send_local_response");
  }
  httpCall(_call: HttpCallArguments): Answer<{ token: number }> {
    return this.refuse("proxy_http_call");
  }
  grpcCall(_call: GrpcCallArguments): Answer<{ token: number }> {
    return this.refuse("proxy_grpc_call");
  }
  grpcStream(_call: GrpcCallArguments): Answer<{ token: number }> {
    return this.refuse("proxy_grpc_stream");
  }
  grpcSend(_token: number, _message: Uint8Array, _endStream: boolean): number {
    return this.refuse("proxy_grpc_send");
  }
  grpcCancel(_token: number): number {
    return this.refuse("proxy_grpc_cancel");
  }
  grpcClose(_token: number): number {
    return this.refuse("proxy_grpc_close");
  }
  getSharedData(_key: ByteString): Answer<{ value: Uint8Array; cas: number }> {
    return this.refuse("proxy_get_shared_data");
  }
  setSharedData(_key: ByteString, _value: Uint8Array, _cas: number): number {
    return this.refuse("proxy_set_shared_data");
  }
  registerSharedQueue(_name: ByteString): Answer<{ token: number }> {
    return this.refuse("proxy_register_shared_queue");
  }
  resolveSharedQueue(_vmId: ByteString, _name: ByteString): Answer<{ token: number }> {
    return this.refuse("proxy_resolve_shared_queue");
  }
  enqueueSharedQueue(_token: number, _value: Uint8Array): number {
    return this.refuse("proxy_enqueue_shared_queue");
  }
  dequeueSharedQueue(_token: number): Answer<Uint8Array> {
    return this.refuse("proxy_dequeue_shared_queue");
  }
  defineMetric(_type: number, _name: ByteString): Answer<{ id: number }> {
    return this.refuse("proxy_define_metric");
  }
  incrementMetric(_id: number, _offset: bigint): number {
    return this.refuse("proxy_increment_metric");
  }
  recordMetric(_id: number, _value: bigint): number {
    return this.refuse("proxy_record_metric");
  }
  getMetric(_id: number): Answer<bigint> {
    return this.refuse("proxy_get_metric");
  }
  callForeignFunction(_name: ByteString, _argument: Uint8Array): Answer<Uint8Array> {
    return this.refuse("proxy_call_foreign_function");
  }
  resolveDns(_name: ByteString): Answer<{ token: number }> {
    return this.refuse("envoy_resolve_dns");
  }
}

// What a VM asks of the host: one method per host function, with its arguments already read from guest memory.
import type { ByteString } from "./byte-string.ts";
import type { Pair } from "./pairs.ts";

/** What a host function answers with: a number is a {@link Status}; anything else is the value, and the status is Ok. */
export type Answer<T> = T | number;

/** A list of pairs as the guest passed it, or null if it did not parse (Envoy takes that for no pairs). */
export type GuestPairs = readonly Pair[] | null;

/** Arguments of `proxy_send_local_response`. */
export interface LocalResponseArguments {
  statusCode: number;
  details: ByteString;
  body: Uint8Array;
  headers: GuestPairs;
  /** -1 when the guest has no opinion. */
  grpcStatus: number;
}

/** Arguments of `proxy_http_call`. */
export interface HttpCallArguments {
  cluster: ByteString;
  headers: GuestPairs;
  body: Uint8Array;
  trailers: GuestPairs;
  /** Unsigned; 0 is no timeout. */
  timeoutMilliseconds: number;
}

/** Arguments of `proxy_grpc_call` and `proxy_grpc_stream`; a stream has neither message nor timeout. */
export interface GrpcCallArguments {
  /** Bytes of the service argument: an `envoy.config.core.v3.GrpcService`. */
  target: Uint8Array;
  service: ByteString;
  method: ByteString;
  metadata: GuestPairs;
  message: Uint8Array | null;
  timeoutMilliseconds: number;
}

/**
 * The host side of one context. The VM reads arguments from guest memory and writes answers to it; an object of this
 * type says what the answers are. Envoy's walk, a conformance runner and a fuzzer each bring their own.
 *
 * Byte arrays passed in are views of guest memory: copy what must outlive the call.
 */
export interface Hostcalls {
  /** The context id that the guest knows. */
  readonly id: number;

  log(level: number, message: ByteString): number;
  getLogLevel(): number;
  getCurrentTimeNanoseconds(): bigint;
  getStatus(): { code: number; message: ByteString };
  setTickPeriod(milliseconds: number): number;
  setEffectiveContext(id: number): number;
  done(): number;

  getProperty(path: ByteString): Answer<ByteString | Uint8Array>;
  setProperty(path: ByteString, value: Uint8Array): number;

  getBufferBytes(type: number, start: number, length: number): Answer<Uint8Array>;
  getBufferStatus(type: number): Answer<{ length: number; flags: number }>;
  setBufferBytes(type: number, start: number, length: number, value: Uint8Array): number;

  getHeaderMapValue(type: number, name: ByteString): Answer<ByteString>;
  addHeaderMapValue(type: number, name: ByteString, value: ByteString): number;
  replaceHeaderMapValue(type: number, name: ByteString, value: ByteString): number;
  removeHeaderMapValue(type: number, name: ByteString): number;
  getHeaderMapPairs(type: number): Answer<readonly Pair[]>;
  setHeaderMapPairs(type: number, pairs: GuestPairs): number;
  getHeaderMapSize(type: number): Answer<{ bytes: number }>;

  continueStream(type: number): number;
  closeStream(type: number): number;
  sendLocalResponse(response: LocalResponseArguments): number;

  httpCall(call: HttpCallArguments): Answer<{ token: number }>;
  grpcCall(call: GrpcCallArguments): Answer<{ token: number }>;
  grpcStream(call: GrpcCallArguments): Answer<{ token: number }>;
  grpcSend(token: number, message: Uint8Array, endStream: boolean): number;
  grpcCancel(token: number): number;
  grpcClose(token: number): number;

  getSharedData(key: ByteString): Answer<{ value: Uint8Array; cas: number }>;
  setSharedData(key: ByteString, value: Uint8Array, cas: number): number;
  registerSharedQueue(name: ByteString): Answer<{ token: number }>;
  resolveSharedQueue(vmId: ByteString, name: ByteString): Answer<{ token: number }>;
  enqueueSharedQueue(token: number, value: Uint8Array): number;
  dequeueSharedQueue(token: number): Answer<Uint8Array>;

  defineMetric(type: number, name: ByteString): Answer<{ id: number }>;
  incrementMetric(id: number, offset: bigint): number;
  recordMetric(id: number, value: bigint): number;
  getMetric(id: number): Answer<bigint>;

  callForeignFunction(name: ByteString, argument: Uint8Array): Answer<Uint8Array>;
  resolveDns(name: ByteString): Answer<{ token: number }>;
}

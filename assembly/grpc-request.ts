// What a gRPC call or stream begins with, and how it is put before the host.
import { Status } from "./abi/types";
import { beginCall, endCall, isPlain, mayOpenStream, useGrpc } from "./callout";
import { HeaderList } from "./header-list";
import { hasLineBreak } from "./header-rules";
import * as hostcalls from "./hostcalls";
import { Message, refuse, refuseNamed } from "./line";
import { encode, encodedLength, out, release, reserve } from "./memory";
import { CallKind, CallTarget } from "./pending-calls";

/**
 * Where a gRPC stream goes: `new GrpcRequest("cluster", "package.Service", "Method")`. The cluster must speak HTTP/2.
 * For a single call see {@link GrpcCallRequest}. Spec: Proxy-Wasm v0.2.1, gRPC calls.
 */
export class GrpcRequest {
  /** `:authority`, the host name. When empty, the host takes the cluster's name. */
  authority: string = "";
  /** Initial metadata. The value of a name that ends in `-bin` is to be given in base64, as it is on the wire. */
  metadata: HeaderList = new HeaderList();

  constructor(
    /** The name of the cluster that takes it. It must be one of the proxy's configuration. */
    public cluster: string,
    /** The service with its package, as in `grpc.health.v1.Health`. */
    public service: string,
    /** The method, as in `Check`. */
    public method: string,
  ) {}
}

/** The length of a number's varint. */
function varintLength(value: usize): usize {
  let length: usize = 1;
  for (; value > 127; value >>= 7) length++;
  return length;
}

/** Writes a protobuf field of bytes up to its length, and returns where the bytes go. */
function putField(at: usize, field: u32, length: usize): usize {
  store<u8>(at++, (field << 3) | 2);
  for (; length > 127; length >>= 7) store<u8>(at++, 0x80 | length);
  store<u8>(at++, length);
  return at;
}

/**
 * Puts a call or stream before the host, its target as `envoy.config.core.v3.GrpcService`: Envoy aborts on some names
 * of clusters when they come bare. The number of the call is left in {@link madeCallId}.
 */
export function makeCall(
  call: Message,
  contextId: u32,
  request: GrpcRequest,
  kind: CallKind,
  target: CallTarget | null,
  message: usize,
  messageLength: usize,
  timeoutMilliseconds: u32,
): Status {
  madeCallId = 0;
  if (kind == CallKind.GrpcStream && !mayOpenStream(call)) return Status.BadArgument;
  if (!isPlain(call, request.metadata)) return Status.BadArgument;
  const cluster = encode(request.cluster);
  const clusterLength = encodedLength;
  const authority = encode(request.authority);
  const authorityLength = encodedLength;
  const service = encode(request.service);
  const serviceLength = encodedLength;
  const method = encode(request.method);
  const methodLength = encodedLength;
  let inner: usize = 1 + varintLength(clusterLength) + clusterLength;
  if (authorityLength) inner += 1 + varintLength(authorityLength) + authorityLength;
  const whole: usize = 1 + varintLength(inner) + inner;
  const start = reserve(whole);
  let status: Status = Status.BadArgument;
  if (!cluster || !authority || !service || !method || !start) {
    refuse(call, "the text is larger than the memory of a module");
  } else if (!clusterLength || !serviceLength || !methodLength) {
    refuse(call, "cluster, service and method must not be empty");
  } else if (
    hasLineBreak(authority, authorityLength) ||
    hasLineBreak(service, serviceLength) ||
    hasLineBreak(method, methodLength)
  ) {
    refuse(call, "CR, LF or NUL in the authority, service or method");
  } else {
    // GrpcService { 1: EnvoyGrpc { 1: cluster_name, 2: authority } }
    let at = putField(putField(start, 1, inner), 1, clusterLength);
    memory.copy(at, cluster, clusterLength);
    at += clusterLength;
    if (authorityLength) memory.copy(putField(at, 2, authorityLength), authority, authorityLength);
    const list = request.metadata;
    const metadata = list.length ? list.serialize() : null;
    const metadataStart = changetype<usize>(metadata);
    const metadataLength: usize = metadata == null ? 0 : <usize>metadata.byteLength;
    if (beginCall(call, contextId)) {
      useGrpc();
      status =
        kind == CallKind.GrpcCall
          ? hostcalls.grpcCall(
              start,
              whole,
              service,
              serviceLength,
              method,
              methodLength,
              metadataStart,
              metadataLength,
              message,
              messageLength,
              timeoutMilliseconds,
            )
          : hostcalls.grpcStream(
              start,
              whole,
              service,
              serviceLength,
              method,
              methodLength,
              metadataStart,
              metadataLength,
            );
      const id = load<u32>(out);
      status = endCall(call, contextId, status, id, kind, target);
      if (status == Status.Ok) madeCallId = id;
      else refuseNamed(call, cluster, clusterLength, "the host knows no such cluster, or it has no host");
    }
  }
  release(start);
  release(method);
  release(service);
  release(authority);
  release(cluster);
  return status;
}

/** The number of the call that {@link makeCall} has made; 0 when it failed. */
export let madeCallId: u32 = 0;

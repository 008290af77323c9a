// Host functions for HTTP and gRPC callouts.
import { decodePairs } from "../pairs.ts";
import { Status } from "../statuses.ts";
import type { Answer } from "../hostcalls.ts";
import type { HostFunction } from "../vm-options.ts";
import type { Vm } from "../vm.ts";

/** The functions of this group, for one VM. */
export function calloutImports(vm: Vm): Record<string, HostFunction> {
  const { memory } = vm;
  const store = (answer: Answer<{ token: number }>, tokenOut: number): number => {
    if (typeof answer !== "number")
      return memory.writeWord(tokenOut, answer.token) ? Status.Ok : Status.InvalidMemoryAccess;
    // A refused call has token 0.
    memory.writeWord(tokenOut, 0);
    return answer;
  };
  return {
    proxy_http_call(
      cluster: number,
      clusterSize: number,
      headers: number,
      headersSize: number,
      body: number,
      bodySize: number,
      trailers: number,
      trailersSize: number,
      timeout: number,
      tokenOut: number,
    ) {
      const clusterName = memory.readByteString(cluster, clusterSize);
      const headerBytes = memory.read(headers, headersSize);
      const bodyBytes = memory.read(body, bodySize);
      const trailerBytes = memory.read(trailers, trailersSize);
      if (clusterName === null || headerBytes === null || bodyBytes === null || trailerBytes === null)
        return Status.InvalidMemoryAccess;
      const answer = vm.context.httpCall({
        cluster: clusterName,
        headers: decodePairs(headerBytes),
        body: bodyBytes,
        trailers: decodePairs(trailerBytes),
        timeoutMilliseconds: timeout >>> 0,
      });
      return store(answer, tokenOut);
    },
    proxy_grpc_call(
      target: number,
      targetSize: number,
      service: number,
      serviceSize: number,
      method: number,
      methodSize: number,
      metadata: number,
      metadataSize: number,
      message: number,
      messageSize: number,
      timeout: number,
      tokenOut: number,
    ) {
      const targetBytes = memory.read(target, targetSize);
      const serviceName = memory.readByteString(service, serviceSize);
      const methodName = memory.readByteString(method, methodSize);
      const metadataBytes = memory.read(metadata, metadataSize);
      const messageBytes = memory.read(message, messageSize);
      if (
        targetBytes === null ||
        serviceName === null ||
        methodName === null ||
        metadataBytes === null ||
        messageBytes === null
      ) {
        return Status.InvalidMemoryAccess;
      }
      const answer = vm.context.grpcCall({
        target: targetBytes,
        service: serviceName,
        method: methodName,
        metadata: decodePairs(metadataBytes),
        message: messageBytes,
        timeoutMilliseconds: timeout >>> 0,
      });
      return store(answer, tokenOut);
    },
    proxy_grpc_stream(
      target: number,
      targetSize: number,
      service: number,
      serviceSize: number,
      method: number,
      methodSize: number,
      metadata: number,
      metadataSize: number,
      tokenOut: number,
    ) {
      const targetBytes = memory.read(target, targetSize);
      const serviceName = memory.readByteString(service, serviceSize);
      const methodName = memory.readByteString(method, methodSize);
      const metadataBytes = memory.read(metadata, metadataSize);
      if (targetBytes === null || serviceName === null || methodName === null || metadataBytes === null)
        return Status.InvalidMemoryAccess;
      const answer = vm.context.grpcStream({
        target: targetBytes,
        service: serviceName,
        method: methodName,
        metadata: decodePairs(metadataBytes),
        message: null,
        timeoutMilliseconds: 0,
      });
      return store(answer, tokenOut);
    },
    proxy_grpc_send(token: number, message: number, size: number, endStream: number) {
      const bytes = memory.read(message, size);
      return bytes === null
        ? Status.InvalidMemoryAccess
        : vm.context.grpcSend(token >>> 0, bytes, endStream !== 0);
    },
    proxy_grpc_cancel(token: number) {
      return vm.context.grpcCancel(token >>> 0);
    },
    proxy_grpc_close(token: number) {
      return vm.context.grpcClose(token >>> 0);
    },
  };
}

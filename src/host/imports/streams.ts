// Host functions that steer a stream.
import { decodePairs } from "../pairs.ts";
import { Status } from "../statuses.ts";
import type { HostFunction } from "../vm-options.ts";
import type { Vm } from "../vm.ts";

/** The functions of this group, for one VM. */
export function streamImports(vm: Vm): Record<string, HostFunction> {
  const { memory } = vm;
  return {
    proxy_continue_stream(type: number) {
      return vm.context.continueStream(type >>> 0);
    },
    proxy_close_stream(type: number) {
      return vm.context.closeStream(type >>> 0);
    },
    proxy_send_local_response(
      statusCode: number,
      details: number,
      detailsSize: number,
      body: number,
      bodySize: number,
      headers: number,
      headersSize: number,
      grpcStatus: number,
    ) {
      const detailsText = memory.readByteString(details, detailsSize);
      const bodyBytes = memory.read(body, bodySize);
      const headerBytes = memory.read(headers, headersSize);
      if (detailsText === null || bodyBytes === null || headerBytes === null)
        return Status.InvalidMemoryAccess;
      return vm.context.sendLocalResponse({
        statusCode: statusCode >>> 0,
        details: detailsText,
        body: bodyBytes,
        headers: decodePairs(headerBytes),
        grpcStatus,
      });
    },
  };
}

// Host functions for buffers.
import { Status } from "../statuses.ts";
import type { HostFunction } from "../vm-options.ts";
import type { Vm } from "../vm.ts";

/** The functions of this group, for one VM. */
export function bufferImports(vm: Vm): Record<string, HostFunction> {
  const { memory } = vm;
  return {
    proxy_get_buffer_bytes(type: number, start: number, length: number, pointerOut: number, sizeOut: number) {
      const answer = vm.context.getBufferBytes(type, start >>> 0, length >>> 0);
      return typeof answer === "number" ? answer : vm.deliver(answer, pointerOut, sizeOut);
    },
    proxy_get_buffer_status(type: number, lengthOut: number, flagsOut: number) {
      const answer = vm.context.getBufferStatus(type);
      if (typeof answer === "number") return answer;
      const stored = memory.writeWord(lengthOut, answer.length) && memory.writeWord(flagsOut, answer.flags);
      return stored ? Status.Ok : Status.InvalidMemoryAccess;
    },
    proxy_set_buffer_bytes(type: number, start: number, length: number, value: number, valueSize: number) {
      const bytes = memory.read(value, valueSize);
      return bytes === null
        ? Status.InvalidMemoryAccess
        : vm.context.setBufferBytes(type, start >>> 0, length >>> 0, bytes);
    },
  };
}

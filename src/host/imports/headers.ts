// Host functions for header maps.
import { decodePairs, encodePairs } from "../pairs.ts";
import { Status } from "../statuses.ts";
import type { HostFunction } from "../vm-options.ts";
import type { Vm } from "../vm.ts";

/** The functions of this group, for one VM. */
export function headerImports(vm: Vm): Record<string, HostFunction> {
  const { memory } = vm;
  return {
    proxy_get_header_map_value(
      type: number,
      name: number,
      nameSize: number,
      pointerOut: number,
      sizeOut: number,
    ) {
      const key = memory.readByteString(name, nameSize);
      if (key === null) return Status.InvalidMemoryAccess;
      const answer = vm.context.getHeaderMapValue(type, key);
      return typeof answer === "number" ? answer : vm.deliver(answer, pointerOut, sizeOut);
    },
    proxy_add_header_map_value(
      type: number,
      name: number,
      nameSize: number,
      value: number,
      valueSize: number,
    ) {
      const key = memory.readByteString(name, nameSize);
      const bytes = memory.readByteString(value, valueSize);
      if (key === null || bytes === null) return Status.InvalidMemoryAccess;
      return vm.context.addHeaderMapValue(type, key, bytes);
    },
    proxy_replace_header_map_value(
      type: number,
      name: number,
      nameSize: number,
      value: number,
      valueSize: number,
    ) {
      const key = memory.readByteString(name, nameSize);
      const bytes = memory.readByteString(value, valueSize);
      if (key === null || bytes === null) return Status.InvalidMemoryAccess;
      return vm.context.replaceHeaderMapValue(type, key, bytes);
    },
    proxy_remove_header_map_value(type: number, name: number, nameSize: number) {
      const key = memory.readByteString(name, nameSize);
      return key === null ? Status.InvalidMemoryAccess : vm.context.removeHeaderMapValue(type, key);
    },
    proxy_get_header_map_pairs(type: number, pointerOut: number, sizeOut: number) {
      const answer = vm.context.getHeaderMapPairs(type);
      return typeof answer === "number" ? answer : vm.deliver(encodePairs(answer), pointerOut, sizeOut);
    },
    proxy_set_header_map_pairs(type: number, pairs: number, size: number) {
      const bytes = memory.read(pairs, size);
      return bytes === null
        ? Status.InvalidMemoryAccess
        : vm.context.setHeaderMapPairs(type, decodePairs(bytes));
    },
    proxy_get_header_map_size(type: number, out: number) {
      const answer = vm.context.getHeaderMapSize(type);
      if (typeof answer === "number") return answer;
      return memory.writeWord(out, answer.bytes) ? Status.Ok : Status.InvalidMemoryAccess;
    },
  };
}

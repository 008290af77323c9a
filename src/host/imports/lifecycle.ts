// Host functions for logging, time, status, properties, contexts and foreign functions.
import { Status } from "../statuses.ts";
import type { HostFunction } from "../vm-options.ts";
import type { Vm } from "../vm.ts";

/** The functions of this group, for one VM. */
export function lifecycleImports(vm: Vm): Record<string, HostFunction> {
  const { memory } = vm;
  return {
    proxy_log(level: number, pointer: number, size: number) {
      if (level >>> 0 > 5) return Status.BadArgument;
      const message = memory.readByteString(pointer, size);
      return message === null ? Status.InvalidMemoryAccess : vm.context.log(level, message);
    },
    proxy_get_log_level(out: number) {
      return memory.writeWord(out, vm.context.getLogLevel()) ? Status.Ok : Status.InvalidMemoryAccess;
    },
    proxy_get_current_time_nanoseconds(out: number) {
      return memory.writeLong(out, vm.context.getCurrentTimeNanoseconds())
        ? Status.Ok
        : Status.InvalidMemoryAccess;
    },
    proxy_get_status(codeOut: number, pointerOut: number, sizeOut: number) {
      const { code, message } = vm.context.getStatus();
      if (!memory.writeWord(codeOut, code)) return Status.InvalidMemoryAccess;
      return vm.deliver(message, pointerOut, sizeOut);
    },
    proxy_set_tick_period_milliseconds(milliseconds: number) {
      return vm.context.setTickPeriod(milliseconds >>> 0);
    },
    proxy_set_effective_context(id: number) {
      return vm.context.setEffectiveContext(id >>> 0);
    },
    proxy_done() {
      return vm.context.done();
    },
    proxy_get_property(path: number, pathSize: number, pointerOut: number, sizeOut: number) {
      const name = memory.readByteString(path, pathSize);
      if (name === null) return Status.InvalidMemoryAccess;
      const answer = vm.context.getProperty(name);
      return typeof answer === "number" ? answer : vm.deliver(answer, pointerOut, sizeOut);
    },
    proxy_set_property(path: number, pathSize: number, value: number, valueSize: number) {
      const name = memory.readByteString(path, pathSize);
      const bytes = memory.read(value, valueSize);
      if (name === null || bytes === null) return Status.InvalidMemoryAccess;
      return vm.context.setProperty(name, bytes);
    },
    proxy_call_foreign_function(
      name: number,
      nameSize: number,
      argument: number,
      argumentSize: number,
      pointerOut: number,
      sizeOut: number,
    ) {
      const functionName = memory.readByteString(name, nameSize);
      const bytes = memory.read(argument, argumentSize);
      if (functionName === null || bytes === null) return Status.InvalidMemoryAccess;
      return deliverForeign(vm, vm.context.callForeignFunction(functionName, bytes), pointerOut, sizeOut);
    },
    pthread_equal(left: number, right: number) {
      return left === right ? 1 : 0;
    },
    // Views of the memory are renewed when they are found too short, so there is nothing to do.
    emscripten_notify_memory_growth() {},
    envoy_resolve_dns(name: number, size: number, tokenOut: number) {
      const host = memory.readByteString(name, size);
      if (host === null) return Status.InvalidMemoryAccess;
      const answer = vm.context.resolveDns(host);
      if (typeof answer === "number") return answer;
      return memory.writeWord(tokenOut, answer.token) ? Status.Ok : Status.InvalidMemoryAccess;
    },
  };
}

/** Null output pointers are allowed here; an unknown function leaves them alone, a failed one zeroes them. */
function deliverForeign(vm: Vm, answer: Uint8Array | number, pointerOut: number, sizeOut: number): number {
  if (answer === Status.NotFound) return answer;
  const bytes = typeof answer === "number" ? new Uint8Array(0) : answer;
  const pointer = bytes.length === 0 ? 0 : vm.allocate(bytes.length);
  if (bytes.length > 0 && (pointer === 0 || !vm.memory.write(pointer, bytes)))
    return Status.InvalidMemoryAccess;
  if (pointerOut !== 0 && !vm.memory.writeWord(pointerOut, pointer)) return Status.InvalidMemoryAccess;
  if (sizeOut !== 0 && !vm.memory.writeWord(sizeOut, bytes.length)) return Status.InvalidMemoryAccess;
  return typeof answer === "number" ? answer : Status.Ok;
}

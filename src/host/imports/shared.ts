// Host functions for shared data, shared queues and metrics.
import { Status } from "../statuses.ts";
import type { Answer } from "../hostcalls.ts";
import type { HostFunction } from "../vm-options.ts";
import type { Vm } from "../vm.ts";

/** The functions of this group, for one VM. */
export function sharedImports(vm: Vm): Record<string, HostFunction> {
  const { memory } = vm;
  const store = (answer: Answer<{ token: number }>, tokenOut: number): number => {
    if (typeof answer === "number") return answer;
    return memory.writeWord(tokenOut, answer.token) ? Status.Ok : Status.InvalidMemoryAccess;
  };
  return {
    proxy_get_shared_data(key: number, keySize: number, pointerOut: number, sizeOut: number, casOut: number) {
      const name = memory.readByteString(key, keySize);
      if (name === null) return Status.InvalidMemoryAccess;
      const answer = vm.context.getSharedData(name);
      if (typeof answer === "number") return answer;
      const status = vm.deliver(answer.value, pointerOut, sizeOut);
      if (status !== Status.Ok) return status;
      return memory.writeWord(casOut, answer.cas) ? Status.Ok : Status.InvalidMemoryAccess;
    },
    proxy_set_shared_data(key: number, keySize: number, value: number, valueSize: number, cas: number) {
      const name = memory.readByteString(key, keySize);
      const bytes = memory.read(value, valueSize);
      if (name === null || bytes === null) return Status.InvalidMemoryAccess;
      return vm.context.setSharedData(name, bytes, cas >>> 0);
    },
    proxy_register_shared_queue(name: number, nameSize: number, tokenOut: number) {
      const queue = memory.readByteString(name, nameSize);
      return queue === null
        ? Status.InvalidMemoryAccess
        : store(vm.context.registerSharedQueue(queue), tokenOut);
    },
    proxy_resolve_shared_queue(
      vmId: number,
      vmIdSize: number,
      name: number,
      nameSize: number,
      tokenOut: number,
    ) {
      const id = memory.readByteString(vmId, vmIdSize);
      const queue = memory.readByteString(name, nameSize);
      if (id === null || queue === null) return Status.InvalidMemoryAccess;
      return store(vm.context.resolveSharedQueue(id, queue), tokenOut);
    },
    proxy_enqueue_shared_queue(token: number, value: number, valueSize: number) {
      const bytes = memory.read(value, valueSize);
      return bytes === null ? Status.InvalidMemoryAccess : vm.context.enqueueSharedQueue(token >>> 0, bytes);
    },
    proxy_dequeue_shared_queue(token: number, pointerOut: number, sizeOut: number) {
      const answer = vm.context.dequeueSharedQueue(token >>> 0);
      return typeof answer === "number" ? answer : vm.deliver(answer, pointerOut, sizeOut);
    },
    proxy_define_metric(type: number, name: number, nameSize: number, idOut: number) {
      const metric = memory.readByteString(name, nameSize);
      if (metric === null) return Status.InvalidMemoryAccess;
      const answer = vm.context.defineMetric(type >>> 0, metric);
      if (typeof answer === "number") return answer;
      return memory.writeWord(idOut, answer.id) ? Status.Ok : Status.InvalidMemoryAccess;
    },
    proxy_increment_metric(id: number, offset: bigint) {
      return vm.context.incrementMetric(id >>> 0, offset);
    },
    proxy_record_metric(id: number, value: bigint) {
      return vm.context.recordMetric(id >>> 0, BigInt.asUintN(64, value));
    },
    proxy_get_metric(id: number, out: number) {
      const answer = vm.context.getMetric(id >>> 0);
      if (typeof answer === "number") return answer;
      return memory.writeLong(out, answer) ? Status.Ok : Status.InvalidMemoryAccess;
    },
  };
}

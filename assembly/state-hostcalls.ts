// One typed function per host function of shared state: metrics, shared data, queues; and of foreign functions.
import * as imports from "./abi/imports";
import { MetricType, Status } from "./abi/types";
import { endRead, expectBuffer, expectText, out } from "./memory";

/** On `Ok` the id stands in the first word of `out`. */
export function defineMetric(type: MetricType, name: usize, nameLength: usize): Status {
  store<u32>(out, 0);
  return imports.proxy_define_metric(type, name, nameLength, out);
}

/** The value of a counter or gauge, or 0 when the host does not tell. */
export function getMetric(metricId: u32): u64 {
  store<u64>(out, 0);
  return imports.proxy_get_metric(metricId, out) == Status.Ok ? load<u64>(out) : 0;
}

export function recordMetric(metricId: u32, value: u64): Status {
  return imports.proxy_record_metric(metricId, value);
}

export function incrementMetric(metricId: u32, offset: i64): Status {
  return imports.proxy_increment_metric(metricId, offset);
}

/** On `Ok` the value is to be taken with `takeBuffer`; its cas stands in the third word of `out`. */
export function getSharedData(key: usize, keyLength: usize): Status {
  expectBuffer();
  store<u32>(out, 0, 8);
  return endRead(imports.proxy_get_shared_data(key, keyLength, out, out + 4, out + 8));
}

export function setSharedData(
  key: usize,
  keyLength: usize,
  value: usize,
  valueLength: usize,
  cas: u32,
): Status {
  return imports.proxy_set_shared_data(key, keyLength, value, valueLength, cas);
}

/** On `Ok` the queue's id stands in the first word of `out`. */
export function registerSharedQueue(name: usize, nameLength: usize): Status {
  store<u32>(out, 0);
  return imports.proxy_register_shared_queue(name, nameLength, out);
}

/** On `Ok` the queue's id stands in the first word of `out`. */
export function resolveSharedQueue(vmId: usize, vmIdLength: usize, name: usize, nameLength: usize): Status {
  store<u32>(out, 0);
  return imports.proxy_resolve_shared_queue(vmId, vmIdLength, name, nameLength, out);
}

export function enqueueSharedQueue(queueId: u32, value: usize, valueLength: usize): Status {
  return imports.proxy_enqueue_shared_queue(queueId, value, valueLength);
}

/** On `Ok` the item is to be taken with `takeText`. */
export function dequeueSharedQueueText(queueId: u32): Status {
  expectText();
  return endRead(imports.proxy_dequeue_shared_queue(queueId, out, out + 4));
}

/** On `Ok` the item is to be taken with `takeBuffer`. */
export function dequeueSharedQueueBytes(queueId: u32): Status {
  expectBuffer();
  return endRead(imports.proxy_dequeue_shared_queue(queueId, out, out + 4));
}

/** On `Ok` the answer is to be taken with `takeBuffer`. */
export function callForeignFunction(
  name: usize,
  nameLength: usize,
  argument: usize,
  argumentLength: usize,
): Status {
  expectBuffer();
  return endRead(
    imports.proxy_call_foreign_function(name, nameLength, argument, argumentLength, out, out + 4),
  );
}

// Tells a test where the heap is; see heap-walk.ts. Another entry beside a filter, or part of one.
import { OWN_RUNTIME } from "proxy-wasm-as/assembly/features";
import { begin, bump, color, end, limit } from "proxy-wasm-as/assembly/runtime/heap";
import { LISTS, room } from "proxy-wasm-as/assembly/runtime/runs";

export function heapStart(): usize {
  return OWN_RUNTIME ? begin() : 0;
}
export function heapEnd(): usize {
  return OWN_RUNTIME ? end : 0;
}
export function heapBump(): usize {
  return OWN_RUNTIME ? bump : 0;
}
export function heapLimit(): usize {
  return OWN_RUNTIME ? limit : 0;
}
export function heapColor(): u32 {
  return OWN_RUNTIME ? color : 0;
}
export function heapLists(): usize {
  return OWN_RUNTIME ? LISTS : 0;
}
export function heapRoom(): usize {
  return OWN_RUNTIME ? room : 0;
}

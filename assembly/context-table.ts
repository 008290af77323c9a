// The contexts that the host has created, by id: buckets of chained contexts that grow with the live ones.
import { newObject } from "./allocate";
import { BaseContext, setIsLive } from "./base-context";
import { CALLOUTS } from "./features";

/** A number of empty buckets. */
function emptyBuckets(length: i32): StaticArray<BaseContext | null> {
  return changetype<StaticArray<BaseContext | null>>(
    newObject((<usize>length) << alignof<BaseContext>(), idof<StaticArray<BaseContext | null>>()),
  );
}

let buckets = emptyBuckets(32);

/** How many contexts there are. */
export let liveContexts: u32 = 0;

export function findContext(id: u32): BaseContext | null {
  let context = unchecked(buckets[id & (buckets.length - 1)]);
  while (context != null && context.contextId != id) context = context.__next;
  return context;
}

if (CALLOUTS) setIsLive((context: BaseContext): bool => findContext(context.contextId) === context);

function put(context: BaseContext): void {
  const bucket = context.contextId & (buckets.length - 1);
  context.__next = unchecked(buckets[bucket]);
  unchecked((buckets[bucket] = context));
}

export function addContext(context: BaseContext): void {
  if (liveContexts >= <u32>buckets.length * 4) {
    const old = buckets;
    buckets = emptyBuckets(old.length * 4);
    for (let i = 0; i < old.length; i++) {
      let moved = unchecked(old[i]);
      while (moved != null) {
        const next = moved.__next;
        put(moved);
        moved = next;
      }
    }
  }
  put(context);
  liveContexts++;
}

export function removeContext(id: u32): void {
  const bucket = id & (buckets.length - 1);
  let context = unchecked(buckets[bucket]);
  let previous: BaseContext | null = null;
  while (context != null) {
    const next = context.__next;
    if (context.contextId == id) {
      if (previous == null) unchecked((buckets[bucket] = next));
      else previous.__next = next;
      liveContexts--;
      return;
    }
    previous = context;
    context = next;
  }
}

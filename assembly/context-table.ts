// The contexts that the host has created, by id: buckets of chained contexts that grow with the live ones.
import { newObject } from "./allocate";
import { BaseContext, setIsLive } from "./base-context";
import { CALLOUTS, OWN_RUNTIME, ROOT_IDS, ROOTS, STREAM_OBJECTS, TCP } from "./features";
import { __visit } from "./runtime/marks";

/** How many buckets there are, less one. */
let mask: u32 = 31;

/** Where the buckets are: first in static memory, with room before it for the header of an object. */
let buckets: usize = memory.data(144, 16) + 16;

function emptyBuckets(size: usize): usize {
  const room = OWN_RUNTIME ? newObject(size, idof<ArrayBuffer>()) : heap.alloc(size);
  memory.fill(room, 0, size);
  return room;
}

/** How many contexts there are. */
export let liveContexts: u32 = 0;

function bucketOf(id: u32): usize {
  return buckets + ((id & mask) << alignof<usize>());
}

/** The context that a link leads to, or null. */
export function contextAt(link: usize): BaseContext | null {
  return changetype<BaseContext | null>(load<usize>(link));
}

/** Where the reference to a context is: in a bucket or in another context. Where there is none, it is to be put there. */
export function linkTo(id: u32): usize {
  let link = bucketOf(id);
  let context = contextAt(link);
  while (context != null && context.contextId != id) {
    link = changetype<usize>(context) + offsetof<BaseContext>("__next");
    context = contextAt(link);
  }
  return link;
}

export function findContext(id: u32): BaseContext | null {
  return contextAt(linkTo(id));
}

if (CALLOUTS) setIsLive((context: BaseContext): bool => findContext(context.contextId) === context);

function grow(): void {
  const old = buckets;
  const end = old + ((<usize>mask + 1) << alignof<usize>());
  buckets = emptyBuckets((end - old) << 2);
  mask = (mask << 2) | 3;
  for (let bucket = old; bucket < end; bucket += sizeof<usize>()) {
    let moved = contextAt(bucket);
    while (moved != null) {
      const next = moved.__next;
      moved.__next = 0;
      store<usize>(linkTo(moved.contextId), changetype<usize>(moved));
      moved = changetype<BaseContext | null>(next);
    }
  }
  if (!OWN_RUNTIME) heap.free(old);
}

// The table has the only references to some contexts. Our own collector asks for them; from those of asc they are kept
// by a pin.

/** Adds a context at the link that its id has. */
export function addContext(link: usize, context: BaseContext): void {
  context.__next = 0;
  store<usize>(link, changetype<usize>(context));
  // @ts-ignore: a builtin of asc that its own declarations leave out
  if (!OWN_RUNTIME) __pin(changetype<usize>(context));
  if (++liveContexts > mask * 4) grow();
}

/** Forgets a context, and returns it; null if there is none of that id. */
export function removeContext(id: u32): BaseContext | null {
  const link = linkTo(id);
  const context = contextAt(link);
  if (context != null) {
    store<usize>(link, context.__next);
    // @ts-ignore: a builtin of asc that its own declarations leave out
    if (!OWN_RUNTIME) __unpin(changetype<usize>(context));
    liveContexts--;
  }
  return context;
}

/** Marks all contexts, for a collection of our own collector. */
export function visitContexts(): void {
  if (!STREAM_OBJECTS && !ROOTS && !ROOT_IDS && !TCP) return;
  __visit(buckets, 0);
  const end = buckets + ((<usize>mask + 1) << alignof<usize>());
  for (let bucket = buckets; bucket < end; bucket += sizeof<usize>()) {
    let context = contextAt(bucket);
    while (context != null) {
      __visit(changetype<usize>(context), 0);
      context = changetype<BaseContext | null>(context.__next);
    }
  }
}

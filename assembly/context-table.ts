// The contexts that the host has created, by id: buckets of chained contexts that grow with the live ones.
import { newObject } from "./allocate";
import { BaseContext, setIsLive } from "./base-context";
import { CALLOUTS, OWN_RUNTIME } from "./features";
import { __visit } from "./runtime/marks";

/** How many buckets there are, less one. */
let mask: u32 = 31;

/** An object with the buckets; the first one of our own runtime is static, with room for a header before it. */
// @ts-ignore: decorator
@lazy
let buckets: usize = OWN_RUNTIME ? memory.data(144, 16) + 16 : emptyBuckets(128);

/** What asc's collectors find the buckets by. Our own asks for them, and so for no class of arrays. */
// @ts-ignore: decorator
@lazy
export let traced: StaticArray<BaseContext | null> | null = null;

function emptyBuckets(size: usize): usize {
  const object = newObject(size, OWN_RUNTIME ? idof<ArrayBuffer>() : idof<StaticArray<BaseContext | null>>());
  memory.fill(object, 0, size);
  if (!OWN_RUNTIME) traced = changetype<StaticArray<BaseContext | null>>(object);
  return object;
}

/** How many contexts there are. */
export let liveContexts: u32 = 0;

function bucketOf(id: u32): usize {
  return buckets + ((id & mask) << alignof<usize>());
}

function contextAt(link: usize): BaseContext | null {
  return changetype<BaseContext | null>(load<usize>(link));
}

/** There was one. Stays false, and this file folds away, in a module that needs no object per stream. */
let used: bool = false;

export function findContext(id: u32): BaseContext | null {
  let context = contextAt(bucketOf(id));
  while (context != null && context.contextId != id) context = context.__next;
  return context;
}

if (CALLOUTS) setIsLive((context: BaseContext): bool => findContext(context.contextId) === context);

function setBucket(bucket: usize, context: BaseContext | null): void {
  store<usize>(bucket, changetype<usize>(context));
  // @ts-ignore: a builtin of asc that its own declarations leave out
  if (!OWN_RUNTIME) __link(buckets, changetype<usize>(context), true);
}

function put(context: BaseContext): void {
  const bucket = bucketOf(context.contextId);
  context.__next = contextAt(bucket);
  setBucket(bucket, context);
}

function grow(): void {
  const old = buckets;
  const size = (<usize>mask + 1) << alignof<usize>();
  buckets = emptyBuckets(size << 2);
  mask = (mask << 2) | 3;
  for (let bucket = old; bucket < old + size; bucket += sizeof<usize>()) {
    let moved = contextAt(bucket);
    while (moved != null) {
      const next = moved.__next;
      put(moved);
      moved = next;
    }
  }
}

export function addContext(context: BaseContext): void {
  if (liveContexts > mask * 4) grow();
  used = true;
  put(context);
  liveContexts++;
}

export function removeContext(id: u32): void {
  const bucket = bucketOf(id);
  let context = contextAt(bucket);
  let previous: BaseContext | null = null;
  while (context != null) {
    const next = context.__next;
    if (context.contextId == id) {
      if (previous == null) setBucket(bucket, next);
      else previous.__next = next;
      liveContexts--;
      return;
    }
    previous = context;
    context = next;
  }
}

/** Marks all contexts, for a collection of our own collector. */
export function visitContexts(): void {
  if (!used) return;
  __visit(buckets, 0);
  for (let i: u32 = 0; i <= mask; i++) __visit(load<usize>(bucketOf(i)), 0);
}

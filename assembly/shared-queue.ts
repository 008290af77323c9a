// Shared queues: items that pass between VMs, of any thread and any module of a proxy.
import { Status } from "./abi/types";
import { viewOf } from "./allocate";
import { inCallback, TOO_LARGE } from "./call-rules";
import { refuse } from "./line";
import { encode, encodedLength, out, release, takeBuffer, takeText } from "./memory";
import * as hostcalls from "./state-hostcalls";

/**
 * A queue of the proxy: a handle without state, which costs no memory. Whoever takes items out registers it,
 * in `onConfigure`, and hears of each item in {@link RootContext.onQueueReady}; whoever puts items in resolves it by the
 * `vm_id` of the one that registered it. A queue has no limit, so somebody must take the items out.
 *
 * Spec: Proxy-Wasm v0.2.1, shared queues.
 * @hideconstructor
 */
@unmanaged
export class SharedQueue {
  /**
   * The queue of a name in this VM's `vm_id`, made if there is none; `null` when the host refuses. Its items are
   * announced to the root of the context that registered it last: with several workers, to one of them.
   * Spec: `proxy_register_shared_queue`.
   */
  static register(name: string): SharedQueue | null {
    if (!inCallback("SharedQueue.register")) return null;
    const key = encode(name);
    const status = key ? hostcalls.registerSharedQueue(key, encodedLength) : Status.BadArgument;
    release(key);
    return SharedQueue.answered(status);
  }

  /**
   * The queue that somebody has registered under a name in a `vm_id` (`""` is this VM's own), or `null` when nobody
   * has done so yet. Spec: `proxy_resolve_shared_queue`.
   */
  static resolve(vmId: string, name: string): SharedQueue | null {
    if (!inCallback("SharedQueue.resolve")) return null;
    const id = encode(vmId);
    const idLength = encodedLength;
    const key = encode(name);
    const status =
      id && key ? hostcalls.resolveSharedQueue(id, idLength, key, encodedLength) : Status.NotFound;
    release(key);
    release(id);
    return SharedQueue.answered(status);
  }

  /** The queue with the id that {@link RootContext.onQueueReady} is given. */
  static of(queueId: u32): SharedQueue {
    return changetype<SharedQueue>(<usize>queueId);
  }

  private static answered(status: Status): SharedQueue | null {
    return status == Status.Ok ? SharedQueue.of(load<u32>(out)) : null;
  }

  /** The id by which the host knows the queue; compare it with that of {@link RootContext.onQueueReady}. */
  get id(): u32 {
    return <u32>changetype<usize>(this);
  }

  /** Puts an item at the end. Spec: `proxy_enqueue_shared_queue`. */
  enqueue(item: string): Status {
    const data = encode(item);
    const status = data ? this.put(data, encodedLength) : refuse("enqueue", TOO_LARGE);
    release(data);
    return status;
  }

  /** Like {@link enqueue}, with bytes. */
  enqueueBytes(item: Uint8Array): Status {
    return this.put(item.dataStart, item.byteLength);
  }

  /** Takes the first item, as text; `null` when there is none. Spec: `proxy_dequeue_shared_queue`. */
  dequeue(): string | null {
    if (!inCallback("dequeue")) return null;
    return hostcalls.dequeueSharedQueueText(this.id) == Status.Ok ? takeText() : null;
  }

  /** Takes the first item, as bytes; `null` when there is none. */
  dequeueBytes(): Uint8Array | null {
    if (!inCallback("dequeueBytes")) return null;
    if (hostcalls.dequeueSharedQueueBytes(this.id) != Status.Ok) return null;
    return viewOf(takeBuffer());
  }

  private put(data: usize, length: usize): Status {
    if (!inCallback("enqueue")) return Status.BadArgument;
    return hostcalls.enqueueSharedQueue(this.id, data, length);
  }
}

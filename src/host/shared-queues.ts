// Queues that all VMs of a process share, found by vm_id and name.
import { Status } from "./statuses.ts";
import type { Answer } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";

/** Told, some time after an item came, that a queue has one. */
export type QueueListener = (token: number) => void;

interface Queue {
  readonly vmId: ByteString;
  readonly name: ByteString;
  readonly token: number;
  items: Buffer[];
  listener: QueueListener;
}

/** The queues of a process. */
export class SharedQueues {
  readonly #queues: Queue[] = [];
  readonly #notify: (task: () => void) => void;

  /** @param notify runs a task later, outside of any callback. */
  constructor(notify: (task: () => void) => void) {
    this.#notify = notify;
  }

  /** The queue's token; the same one each time. Whoever registers last is told of new items. */
  register(vmId: ByteString, name: ByteString, listener: QueueListener): { token: number } {
    let queue = this.#find(vmId, name);
    if (queue === undefined)
      this.#queues.push((queue = { vmId, name, token: this.#queues.length + 1, items: [], listener }));
    queue.listener = listener;
    return { token: queue.token };
  }

  /** The token of a queue that somebody has registered, or NotFound. */
  resolve(vmId: ByteString, name: ByteString): Answer<{ token: number }> {
    const queue = this.#find(vmId, name);
    return queue === undefined ? Status.NotFound : { token: queue.token };
  }

  /** Adds a copy of the item and announces it to the queue's listener, once an item. */
  enqueue(token: number, value: Uint8Array): number {
    const queue = this.#queues[token - 1];
    if (queue === undefined) return Status.NotFound;
    queue.items.push(Buffer.from(value));
    this.#notify(() => queue.listener(token));
    return Status.Ok;
  }

  /** Takes the oldest item: Empty if there is none, NotFound for an unknown token. */
  dequeue(token: number): Answer<Buffer> {
    const queue = this.#queues[token - 1];
    if (queue === undefined) return Status.NotFound;
    return queue.items.shift() ?? Status.Empty;
  }

  /** What waits in a queue, oldest first, or null if there is no such queue. */
  items(vmId: ByteString, name: ByteString): Buffer[] | null {
    return this.#find(vmId, name)?.items ?? null;
  }

  #find(vmId: ByteString, name: ByteString): Queue | undefined {
    return this.#queues.find((queue) => queue.vmId === vmId && queue.name === name);
  }
}

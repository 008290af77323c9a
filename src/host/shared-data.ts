// Data that all VMs with the same vm_id share.
import { Status } from "./statuses.ts";
import type { Answer } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";

/** A value and the number that a compare-and-swap must name. */
export interface SharedValue {
  value: Buffer;
  cas: number;
}

/** `proxy_get_shared_data` and `proxy_set_shared_data` for a whole process. */
export class SharedData {
  readonly #spaces = new Map<ByteString, Map<ByteString, SharedValue>>();
  #nextCas = 1;

  /** The value, or NotFound. */
  get(vmId: ByteString, key: ByteString): Answer<SharedValue> {
    return this.#spaces.get(vmId)?.get(key) ?? Status.NotFound;
  }

  /** Stores a copy. A `cas` of 0 is unconditional; any `cas` does for a missing key. */
  set(vmId: ByteString, key: ByteString, value: Uint8Array, cas: number): number {
    let space = this.#spaces.get(vmId);
    if (space === undefined) this.#spaces.set(vmId, (space = new Map()));
    const existing = space.get(key);
    if (existing !== undefined && cas !== 0 && cas !== existing.cas) return Status.CasMismatch;
    space.set(key, { value: Buffer.from(value), cas: this.#nextCas++ });
    return Status.Ok;
  }

  /** Keys of one space, in the order in which they were first set. */
  keys(vmId: ByteString): ByteString[] {
    return [...(this.#spaces.get(vmId)?.keys() ?? [])];
  }
}

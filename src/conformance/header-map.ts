// A header map with the rules of the reference host, which are not Envoy's: sorted, one value a name, spelling kept.
import { toLowerCase } from "../host/byte-string.ts";
import type { ByteString } from "../host/byte-string.ts";
import type { Pair } from "../host/pairs.ts";

/** Names are compared without regard to ASCII case. The spelling is that of the first use of a name. */
export class ReferenceHeaderMap {
  readonly #entries = new Map<ByteString, { name: ByteString; value: ByteString }>();

  /** Number of names. */
  get size(): number {
    return this.#entries.size;
  }

  /** All headers, sorted by name. */
  get pairs(): Pair[] {
    return [...this.#entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { name, value }]): Pair => [name, value]);
  }

  /** Total bytes of names and values. */
  get bytes(): number {
    let bytes = 0;
    for (const { name, value } of this.#entries.values()) bytes += name.length + value.length;
    return bytes;
  }

  /** The value, or null if there is no such header. */
  get(name: ByteString): ByteString | null {
    return this.#entries.get(toLowerCase(name))?.value ?? null;
  }

  /** Appends to the value after a comma and a space; an empty value is replaced. */
  add(name: ByteString, value: ByteString): void {
    const existing = this.#entries.get(toLowerCase(name));
    if (existing === undefined) this.set(name, value);
    else existing.value = existing.value === "" ? value : `${existing.value}, ${value}`;
  }

  /** Sets the value, under the spelling that is there. */
  set(name: ByteString, value: ByteString): void {
    const key = toLowerCase(name);
    const existing = this.#entries.get(key);
    if (existing === undefined) this.#entries.set(key, { name, value });
    else existing.value = value;
  }

  /** Removes the header, if it is there. */
  remove(name: ByteString): void {
    this.#entries.delete(toLowerCase(name));
  }

  /** Removes everything. */
  clear(): void {
    this.#entries.clear();
  }
}

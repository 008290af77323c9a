// The environment variables of a lying host, and what the guest may make of them.
import { decode } from "./reading.ts";
import * as values from "./values.ts";
import type { GuestMemory } from "../host/index.ts";
import type { Random } from "./random.ts";

/** Remembers what `environ_sizes_get` told, so that `environ_get` writes no more than the guest made room for. */
export class Environment {
  /** The variables as the guest reports them. */
  expected = "";
  #count = 0;
  #size = 0;

  /** A number of variables and of their bytes, which may have nothing to do with each other. */
  tell(random: Random): [count: number, size: number] {
    this.#count = random.oneIn(4) ? values.length(random, 9) : random.below(12);
    this.#size = random.oneIn(4) ? values.length(random, 99) : random.below(200);
    // What the guest takes for possible is kept small, or its reports would take more memory than anything else.
    if (this.#size <= 1 << 20) this.#size = Math.min(this.#size, 4097);
    if (this.#count <= this.#size) this.#count = Math.min(this.#count, 300);
    return [this.#count, this.#size];
  }

  /** Fills both areas. Some pointers lead out of the second, and nothing need end with NUL. */
  give(random: Random, memory: GuestMemory, pointers: number, data: number): void {
    const text = values.bytes(random, this.#size);
    for (let at = random.below(9); at < text.length; at += 1 + random.below(20)) text.write("=A\0", at);
    memory.write(data, text);
    const variables = new Map<string, string>();
    let left = this.#size;
    let given = true;
    for (let index = 0; index < this.#count; index++) {
      const outside = random.oneIn(3);
      const start = outside
        ? values.pointer(random, memory.pages * 65_536, [data, data + this.#size]) >>> 0
        : data + random.below(this.#size);
      memory.writeWord(pointers + index * 4, start);
      const offset = start - data;
      if (offset < 0 || offset >= this.#size) continue;
      const nul = text.indexOf(0, offset);
      const end = nul < 0 ? text.length : nul;
      // Strings that overlap are not to make more text than was told.
      left -= end - offset;
      if (left < 0) given = false;
      if (!given) continue;
      const pair = decode(text.subarray(offset, end));
      const equals = pair.indexOf("=");
      if (equals >= 0) variables.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
    this.expected = [...variables].map(([name, value]) => `${name}=${value}`).join("\x01");
  }
}

// MetricTags: the tags of a metric, in the form in which Istio and Envoy's stats_tags find them inside a name.
import { refuseNamed } from "./line";
import { encode, encodedLength, release } from "./memory";

/** Whether the bytes are letters, digits and underscores, as labels of Prometheus are. */
function isTagName(name: usize, length: usize): bool {
  for (const end = name + length; name < end; name++) {
    const byte = <u32>load<u8>(name);
    const letter = (byte | 32) - 97 < 26;
    if (!letter && byte - 48 > 9 && byte != 0x5f) return false;
  }
  return length > 0;
}

/** Replaces what would end a value early, begin another tag, or break a line of statistics. */
function clean(value: usize, length: usize): void {
  for (const end = value + length; value < end; value++) {
    const byte = <u32>load<u8>(value);
    // A semicolon, an equals sign before a dot, a control character.
    if (
      byte == 0x3b ||
      byte < 32 ||
      byte == 127 ||
      (byte == 0x3d && value + 1 < end && load<u8>(value, 1) == 0x2e)
    )
      store<u8>(value, 0x5f);
  }
}

/**
 * Names and values that tell one time series of a metric from another: `new MetricTags().add("method", "GET")`. Keep one
 * in a field and {@link clear} it, and nothing is allocated for it any more.
 *
 * A proxy knows no tags: they become part of the metric's name, as `method=.=GET;.;`, from which Envoy takes them by
 * `stats_tags` with a pattern for each, such as `(method=\.=(.*?);\.;)`, the form that Istio has for its own.
 */
@final
export class MetricTags {
  private buffer: ArrayBuffer = new ArrayBuffer(128);
  private used: usize = 0;

  /** Forgets all tags. */
  clear(): MetricTags {
    this.used = 0;
    return this;
  }

  /**
   * Adds a tag. The name has letters, digits and `_`, else the tag is left out and the log says so. In the value, `;`,
   * `=` before a dot, and control characters become `_`.
   *
   * A proxy keeps every combination of values until it ends: take values of which there are few, and never what a client
   * may choose freely, such as a path.
   */
  add(name: string, value: string): MetricTags {
    const key = encode(name);
    const keyLength = encodedLength;
    const data = encode(value);
    const dataLength = encodedLength;
    if (!isTagName(key, keyLength)) {
      refuseNamed("MetricTags.add", 0, 0, "a tag's name has letters, digits and _");
    } else if (data) {
      clean(data, dataLength);
      const start = this.used;
      this.used = start + keyLength + dataLength + 6;
      this.grow();
      let at = changetype<usize>(this.buffer) + start;
      memory.copy(at, key, keyLength);
      at += keyLength;
      store<u16>(at, 0x2e3d); // =.
      store<u8>(at, 0x3d, 2); // =
      at += 3;
      memory.copy(at, data, dataLength);
      at += dataLength;
      store<u16>(at, 0x2e3b); // ;.
      store<u8>(at, 0x3b, 2); // ;
    }
    release(data);
    release(key);
    return this;
  }

  /** @internal Where the tags stand. */
  get __start(): usize {
    return changetype<usize>(this.buffer);
  }

  /** @internal */
  get __length(): usize {
    return this.used;
  }

  /** Makes room for what is used. */
  private grow(): void {
    const size = <usize>this.buffer.byteLength;
    if (this.used <= size) return;
    const larger = new ArrayBuffer(<i32>max(this.used, size << 1));
    memory.copy(changetype<usize>(larger), changetype<usize>(this.buffer), size);
    this.buffer = larger;
  }
}

// Shared data: values that all VMs of a proxy with the same vm_id share, whatever their thread.
import { Status } from "./abi/types";
import { viewOf } from "./allocate";
import { inCallback, textOf, TOO_LARGE } from "./call-rules";
import { refuse } from "./line";
import { encode, encodedLength, out, release, takeBuffer } from "./memory";
import * as hostcalls from "./state-hostcalls";

/** A value as it was when it was read, and the number that a conditional write must name. */
@final
export class SharedValue {
  /** @internal */
  constructor(
    private data: ArrayBuffer,
    /** Changes with every write; see {@link SharedData.set}. */
    readonly cas: u32,
  ) {}

  /** The length in bytes; 0 for a value that is empty or was removed. */
  get length(): i32 {
    return this.data.byteLength;
  }

  /** The value as text; bytes that are not UTF-8 become U+FFFD. */
  text(): string {
    return textOf(changetype<usize>(this.data), this.data.byteLength);
  }

  /** The value's bytes, of which this object holds the only copy. */
  bytes(): Uint8Array {
    return viewOf(this.data);
  }
}

/** Makes a new value from an old one, for {@link SharedData.updateWith}. */
export abstract class SharedDataUpdater {
  /**
   * The value to write in place of `old`, or `null` to leave it. `old` is `null` when there is none yet. It is called
   * again, with what is there then, where another VM was quicker: it must do nothing but answer.
   */
  abstract update(old: string | null): string | null;
}

/** Makes a new value from an old one, in bytes, for {@link SharedData.updateBytesWith}. */
export abstract class SharedDataBytesUpdater {
  /** As {@link SharedDataUpdater.update}. */
  abstract update(old: Uint8Array | null): Uint8Array | null;
}


@final
class TextFunction extends SharedDataUpdater {
  constructor(private change: (old: string | null) => string | null) {
    super();
  }

  override update(old: string | null): string | null {
    return this.change(old);
  }
}


@final
class BytesFunction extends SharedDataBytesUpdater {
  constructor(private change: (old: Uint8Array | null) => Uint8Array | null) {
    super();
  }

  override update(old: Uint8Array | null): Uint8Array | null {
    return this.change(old);
  }
}

/** The result of a conditional write is known: it is done, or trying again would not help. */
function settled(status: Status, attempt: i32, attempts: i32): bool {
  if (status != Status.CasMismatch) return true;
  if (attempt < attempts) return false;
  refuse("SharedData.update", "the value changed at each attempt");
  return true;
}

/**
 * Data that all VMs with the same `vm_id` share: those of all threads, and of other modules. It lives in the proxy's
 * memory until the last of these VMs is gone. Usable in every callback, not in top-level code.
 *
 * Spec: Proxy-Wasm v0.2.1, shared key-value store.
 */
export abstract class SharedData {
  /** Given to {@link set} as `cas`: write only where the key has no value yet. */
  static readonly ABSENT: u32 = u32.MAX_VALUE;

  /** The value of a key, or `null` when nobody has set it. Spec: `proxy_get_shared_data`. */
  static get(key: string): SharedValue | null {
    if (!inCallback("SharedData.get")) return null;
    const name = encode(key);
    const status = name ? hostcalls.getSharedData(name, encodedLength) : Status.NotFound;
    release(name);
    if (status != Status.Ok) return null;
    const cas = load<u32>(out, 8);
    return new SharedValue(takeBuffer(), cas);
  }

  /**
   * Sets the value of a key. With a `cas` (of {@link SharedValue.cas}) only if nobody has written since that was read,
   * else {@link Status.CasMismatch}; 0 writes in any case, {@link ABSENT} only where there is no value. A key without
   * a value takes any `cas`. Spec: `proxy_set_shared_data`.
   */
  static set(key: string, value: string, cas: u32 = 0): Status {
    const data = encode(value);
    const status = data ? SharedData.put(key, data, encodedLength, cas) : refuse("SharedData.set", TOO_LARGE);
    release(data);
    return status;
  }

  /** Like {@link set}, with bytes. */
  static setBytes(key: string, value: Uint8Array, cas: u32 = 0): Status {
    return SharedData.put(key, value.dataStart, value.byteLength, cas);
  }

  /**
   * Replaces a value by what a function makes of it, without losing what others write at the same time:
   * `SharedData.update("hits", (old) => ((old == null ? 0 : I32.parseInt(old)) + 1).toString());`. The function gets
   * `null` where there is no value, answers `null` to leave all as it is, and runs again where another VM was quicker;
   * after `attempts` times that is {@link Status.CasMismatch}, and nothing was written.
   */
  static update(key: string, change: (old: string | null) => string | null, attempts: i32 = 1000): Status {
    return SharedData.updateWith(key, new TextFunction(change), attempts);
  }

  /** Like {@link update}, with an object, which can hold what the new value depends on. */
  static updateWith(key: string, updater: SharedDataUpdater, attempts: i32 = 1000): Status {
    let status: Status = Status.Ok;
    let attempt = 0;
    do {
      const old = SharedData.get(key);
      const value = updater.update(old == null ? null : old.text());
      if (value == null) return Status.Ok;
      status = SharedData.set(key, value, old == null ? SharedData.ABSENT : old.cas);
    } while (!settled(status, ++attempt, attempts));
    return status;
  }

  /** Like {@link update}, in bytes. */
  static updateBytes(
    key: string,
    change: (old: Uint8Array | null) => Uint8Array | null,
    attempts: i32 = 1000,
  ): Status {
    return SharedData.updateBytesWith(key, new BytesFunction(change), attempts);
  }

  /** Like {@link updateWith}, in bytes. */
  static updateBytesWith(key: string, updater: SharedDataBytesUpdater, attempts: i32 = 1000): Status {
    let status: Status = Status.Ok;
    let attempt = 0;
    do {
      const old = SharedData.get(key);
      const value = updater.update(old == null ? null : old.bytes());
      if (value == null) return Status.Ok;
      status = SharedData.setBytes(key, value, old == null ? SharedData.ABSENT : old.cas);
    } while (!settled(status, ++attempt, attempts));
    return status;
  }

  /**
   * Frees a value. The ABI has no call for it, so an empty value is written: the key itself stays, and reads as empty.
   */
  static remove(key: string): Status {
    return SharedData.put(key, 0, 0, 0);
  }

  private static put(key: string, value: usize, valueLength: usize, cas: u32): Status {
    if (!inCallback("SharedData.set")) return Status.BadArgument;
    const name = encode(key);
    const status = name
      ? hostcalls.setSharedData(name, encodedLength, value, valueLength, cas)
      : refuse("SharedData.set", TOO_LARGE);
    release(name);
    return status;
  }
}

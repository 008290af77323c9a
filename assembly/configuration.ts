// Configuration: what the proxy's configuration holds for this plugin, kept from onConfigure on.
import { noBytes, viewOf } from "./allocate";
import { BufferType, Status } from "./abi/types";
import * as hostcalls from "./hostcalls";
import { takeBuffer } from "./memory";
import { decode } from "./utf8";

/** Whether this module ever looks at its configuration. If not, it is not fetched. */
export let configurationUsed: bool = false;

function use(): bool {
  configurationUsed = true;
  return true;
}

/** Mentioning it is enough; see `trackFlow`. */
// @ts-ignore: decorator
@lazy
export const keepConfiguration: bool = use();

/** The configuration of a plugin: bytes, usually of a text such as JSON. Absent is empty. */
@final
export class Configuration {
  /** @internal */
  constructor(private data: ArrayBuffer | null) {}

  /** The length in bytes. */
  get length(): i32 {
    const data = this.data;
    return data == null ? 0 : data.byteLength;
  }

  /** The configuration as text, `""` when there is none; bytes that are not UTF-8 become U+FFFD. */
  text(): string {
    const data = this.data;
    return data == null ? "" : decode(changetype<usize>(data), data.byteLength);
  }

  /** A copy of the configuration's bytes. A message other than StringValue or BytesValue is in its wire form. */
  bytes(): Uint8Array {
    const data = this.data;
    return data == null ? noBytes() : viewOf(data.slice(0));
  }
}

/** What the host has now. */
export function fetchConfiguration(): Configuration {
  const status = hostcalls.getBufferBytes(BufferType.PluginConfiguration, 0, u32.MAX_VALUE);
  return new Configuration(status == Status.Ok ? takeBuffer() : null);
}

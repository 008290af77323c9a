// What a module says of itself: its ABI version, and the SDK that it was built with.
import { ABI_VERSIONS, readWasm } from "../host/index.ts";
import { CommandError } from "./command-error.ts";
import type { ModuleFacts } from "../oci/index.ts";

const WASM_MAGIC = 0x0061736d;
const BUILT = "Give the file that the build wrote, such as build/filter.wasm.";

/** Reads a module. @throws CommandError if it is none, or none that a proxy would load. */
export function moduleFacts(wasm: Buffer, file: string, rootIds: readonly string[]): ModuleFacts {
  if (wasm.length < 8 || wasm.readUInt32BE(0) !== WASM_MAGIC)
    throw new CommandError(`${file} is no WebAssembly module`, { advice: BUILT });
  let summary: ReturnType<typeof readWasm>;
  try {
    summary = readWasm(wasm);
  } catch (cause) {
    throw new CommandError(`${file} is no WebAssembly module: ${(cause as Error).message}`, {
      advice: BUILT,
      cause,
    });
  }
  const versions: Readonly<Record<string, string>> = ABI_VERSIONS;
  // The first one counts, as in Envoy.
  const marker = summary.exports.find(({ name }) => Object.hasOwn(versions, name))?.name;
  if (marker === undefined)
    throw new CommandError(`${file} is no Proxy-Wasm module: it exports no proxy_abi_version_0_2_1`, {
      advice: "No proxy would load it. Build it with the preset of proxy-wasm-as.",
    });
  return { abiVersion: versions[marker], sdk: sdkOf(wasm), rootIds };
}

const DECODER = new TextDecoder("utf-8", { fatal: true });

/** Name and version of the SDK in the section `producers`; undefined if the module does not say it, or not readably. */
export function sdkOf(wasm: Buffer): string | undefined {
  try {
    const section = customSection(wasm, "producers");
    return section && sdkField(section);
  } catch {
    return undefined;
  }
}

class Cursor {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  get more(): boolean {
    return this.at < this.#bytes.length;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.at++);
  }

  /** An unsigned LEB128 number of 32 bits. */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new RangeError("too long a number");
  }

  take(length: number): Buffer {
    if (this.at + length > this.#bytes.length) throw new RangeError("it is cut off");
    return this.#bytes.subarray(this.at, (this.at += length));
  }

  text(): string {
    return DECODER.decode(this.take(this.number()));
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.at);
  }
}

function customSection(wasm: Buffer, name: string): Buffer | undefined {
  const cursor = new Cursor(wasm, 8);
  while (cursor.more) {
    const id = cursor.byte();
    const section = new Cursor(cursor.take(cursor.number()));
    if (id === 0 && section.text() === name) return section.rest();
  }
  return undefined;
}

/** Field `sdk` of the section: `name version`, several by commas. */
function sdkField(section: Buffer): string | undefined {
  const cursor = new Cursor(section);
  for (let fields = cursor.number(); fields > 0; fields--) {
    const field = cursor.text();
    const values: string[] = [];
    for (let count = cursor.number(); count > 0; count--)
      values.push(`${cursor.text()} ${cursor.text()}`.trim());
    if (field === "sdk" && values.length > 0) return values.join(", ");
  }
  return undefined;
}

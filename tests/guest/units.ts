// The module of assembly/units.ts in Node: calls its functions with JavaScript values.
import { readFileSync } from "node:fs";

import { buildFile } from "../support/asc.ts";

interface Exports {
  memory: WebAssembly.Memory;
  block(size: number): number;
  decode(source: number, length: number): number;
  textLength(): number;
  encode(source: number, units: number): number;
  encodedLength(): number;
  encodedBound(source: number, units: number): number;
  release(area: number): void;
  sawLineBreak(): number;
  headerName(source: number, length: number): number;
  lineBreak(source: number, length: number): number;
  readPairs(source: number, length: number): number;
  pairName(index: number): number;
  pairValue(index: number): number;
  pairValueBytes(index: number): number;
  pairValueLength(index: number): number;
  writePairs(extra: number): number;
  writtenLength(): number;
}

export interface Units {
  decode(bytes: Uint8Array): string;
  encode(text: string): { bytes: Buffer; sawLineBreak: boolean };
  isHeaderName(name: Uint8Array): boolean;
  hasLineBreak(value: Uint8Array): boolean;
  /** The pairs that are read from serialized bytes: name and value as text, and the value's bytes. */
  read(serialized: Uint8Array): [name: string, value: string, bytes: Buffer][];
  /** Serializes what {@link read} read last, and `extra` pairs more. */
  write(extra?: number): Buffer;
}

/** Builds and starts the module. */
export async function startUnits(): Promise<Units> {
  const wasm = await buildFile("tests/guest/assembly/units.ts", {
    options: { use: ["PROXY_WASM_AS_LIBRARY=1"], runtime: "incremental" },
  });
  const log = (level: number): number => {
    throw new Error(`the library logged at level ${level}`);
  };
  const module = await WebAssembly.compile(readFileSync(wasm));
  const env = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, log]));
  const instance = await WebAssembly.instantiate(module, { env });
  const guest = instance.exports as unknown as Exports;
  (instance.exports._initialize as () => void)();

  const put = (bytes: Uint8Array): number => {
    const at = guest.block(bytes.length);
    new Uint8Array(guest.memory.buffer).set(bytes, at);
    return at;
  };
  const taken = (at: number, length: number): Buffer =>
    Buffer.from(new Uint8Array(guest.memory.buffer, at, length).slice());
  const text = (at: number): string => taken(at, guest.textLength() * 2).toString("utf16le");

  return {
    decode: (bytes) => text(guest.decode(put(bytes), bytes.length)),
    encode(value) {
      const units = Buffer.from(value, "utf16le");
      const source = put(units);
      const bound = guest.encodedBound(source, value.length);
      const area = guest.encode(source, value.length);
      const bytes = taken(area, guest.encodedLength());
      guest.release(area);
      if (bytes.length > bound)
        throw new Error(`${bytes.length} bytes were written where ${bound} were reserved`);
      return { bytes, sawLineBreak: guest.sawLineBreak() !== 0 };
    },
    isHeaderName: (name) => guest.headerName(put(name), name.length) !== 0,
    hasLineBreak: (value) => guest.lineBreak(put(value), value.length) !== 0,
    read(serialized) {
      const count = guest.readPairs(put(serialized), serialized.length);
      return Array.from({ length: count }, (_, i) => {
        const name = text(guest.pairName(i));
        const value = text(guest.pairValue(i));
        const bytes = taken(guest.pairValueBytes(i), guest.pairValueLength(i));
        return [name, value, bytes];
      });
    },
    write: (extra = 0) => taken(guest.writePairs(extra), guest.writtenLength()),
  };
}

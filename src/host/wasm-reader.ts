// Reads the sections of a WebAssembly binary that decide whether a proxy accepts the module.
import { BinaryReader } from "./binary-reader.ts";
import { HostError } from "./errors.ts";
import type { MemoryLimits } from "./binary-reader.ts";

/** A function type, written `params>results` with one letter a value: i = i32, I = i64, f = f32, F = f64, v = v128, r = reference. */
export type Signature = string;

/** One import. */
export interface WasmImport {
  module: string;
  name: string;
  kind: "function" | "table" | "memory" | "global" | "tag";
  /** Type of a function, else null. */
  signature: Signature | null;
  /** Limits of a memory, else null. */
  memory: MemoryLimits | null;
}

/** One export. */
export interface WasmExport {
  name: string;
  kind: "function" | "table" | "memory" | "global" | "tag";
  /** Its number among all of its kind, imported ones first. */
  index: number;
  /** Type of a function, the letter of a global, else null. */
  signature: Signature | null;
}

/** What {@link readWasm} found. */
export interface WasmSummary {
  imports: WasmImport[];
  exports: WasmExport[];
  /** Memory defined by the module itself, and where its section lies; null if there is none. */
  memory: { limits: MemoryLimits; sectionStart: number; sectionEnd: number } | null;
  /** The module has a start section. */
  hasStart: boolean;
  /** The module has a name section, without which a proxy logs no backtrace. */
  hasNames: boolean;
}

const KINDS = ["function", "table", "memory", "global", "tag"] as const;

/** Reads imports, exports, memory and start section of a module that V8 has already found valid. */
export function readWasm(bytes: Uint8Array): WasmSummary {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw new HostError("invalid-module", `the module cannot be read: ${(error as Error).message}`, error);
  }
}

function read(bytes: Uint8Array): WasmSummary {
  const reader = new BinaryReader(bytes);
  const summary: WasmSummary = { imports: [], exports: [], memory: null, hasStart: false, hasNames: false };
  const types: Signature[] = [];
  const functions: Signature[] = [];
  const globals: string[] = [];
  while (!reader.atEnd) {
    const sectionStart = reader.position;
    const id = reader.byte();
    const size = reader.number();
    const end = reader.position + size;
    if (id === 0) summary.hasNames ||= reader.name() === "name";
    else if (id === 1) readTypes(reader, types);
    else if (id === 2) readImports(reader, types, summary.imports, functions, globals);
    else if (id === 3) repeat(reader, () => functions.push(types[reader.number()] ?? "?"));
    else if (id === 5) {
      repeat(reader, () => (summary.memory ??= { limits: reader.limits(), sectionStart, sectionEnd: end }));
    } else if (id === 6) {
      repeat(reader, () => {
        globals.push(reader.value());
        reader.byte();
        reader.expression();
      });
    } else if (id === 7) {
      repeat(reader, () => {
        const name = reader.name();
        const kind = KINDS[reader.byte()] ?? "tag";
        const index = reader.number();
        const signature = kind === "function" ? functions[index] : kind === "global" ? globals[index] : null;
        summary.exports.push({ name, kind, index, signature: signature ?? null });
      });
    } else if (id === 8) summary.hasStart = true;
    reader.position = end;
  }
  return summary;
}

function repeat(reader: BinaryReader, step: () => void): void {
  for (let left = reader.number(); left > 0; left--) step();
}

function readTypes(reader: BinaryReader, types: Signature[]): void {
  repeat(reader, () => {
    const form = reader.byte();
    if (form !== 0x60) {
      throw new HostError(
        "invalid-module",
        `the module defines a type of form 0x${form.toString(16)}; only function types are known here`,
      );
    }
    let signature = "";
    repeat(reader, () => (signature += reader.value()));
    signature += ">";
    repeat(reader, () => (signature += reader.value()));
    types.push(signature);
  });
}

function readImports(
  reader: BinaryReader,
  types: Signature[],
  imports: WasmImport[],
  functions: Signature[],
  globals: string[],
): void {
  repeat(reader, () => {
    const module = reader.name();
    const name = reader.name();
    const kind = KINDS[reader.byte()] ?? "tag";
    let signature: Signature | null = null;
    let memory: MemoryLimits | null = null;
    if (kind === "function") functions.push((signature = types[reader.number()] ?? "?"));
    else if (kind === "table") {
      reader.value();
      reader.limits();
    } else if (kind === "memory") memory = reader.limits();
    else if (kind === "global") {
      globals.push(reader.value());
      reader.byte();
    } else {
      reader.byte();
      reader.number();
    }
    imports.push({ module, name, kind, signature, memory });
  });
}

/** The module with the largest size of its own memory set to `maximum` pages, so that `memory.grow` fails where the proxy's does. */
export function limitMemory(bytes: Uint8Array, summary: WasmSummary, maximum: number): Uint8Array {
  const { memory } = summary;
  if (memory === null || (memory.limits.maximum !== null && memory.limits.maximum <= maximum)) return bytes;
  const body = [1, memory.limits.shared ? 3 : 1, ...leb(memory.limits.minimum), ...leb(maximum)];
  const section = Buffer.from([5, ...leb(body.length), ...body]);
  return Buffer.concat([bytes.subarray(0, memory.sectionStart), section, bytes.subarray(memory.sectionEnd)]);
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value = Math.floor(value / 128);
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return bytes;
}

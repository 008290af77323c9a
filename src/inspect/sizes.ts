// Where the bytes of a module are: by section, by function, by data segment; and who made it.
import { BinaryReader } from "../host/index.ts";
import { preview } from "./preview.ts";

/** A section as it lies in the file, its header included. Custom sections bear their own name. */
export interface SectionSize {
  readonly name: string;
  readonly bytes: number;
}

/** The body of a function of the module's own. */
export interface FunctionSize {
  /** Its number among all functions, imported ones first. */
  readonly index: number;
  /** From the name section, else its exported name, else null. */
  readonly name: string | null;
  readonly bytes: number;
}

/** A data segment. */
export interface DataSize {
  readonly index: number;
  readonly bytes: number;
  /** Text in it, shortened; null if there is none. */
  readonly preview: string | null;
}

/** What {@link measure} finds. */
export interface Sizes {
  readonly sections: readonly SectionSize[];
  /** Largest first. */
  readonly functions: readonly FunctionSize[];
  /** Largest first. */
  readonly data: readonly DataSize[];
  /** From the section `producers`, such as `rustc 1.90.0`; empty if there is none. */
  readonly producers: readonly string[];
}

const SECTIONS = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
  "tag",
] as const;

/**
 * Reads a module that V8 has found valid.
 *
 * @param importedFunctions how many functions it imports, after which its own are numbered
 * @param exported names by number of the function
 */
export function measure(
  bytes: Uint8Array,
  importedFunctions: number,
  exported: ReadonlyMap<number, string>,
): Sizes {
  const reader = new BinaryReader(bytes);
  const sections: SectionSize[] = [];
  const bodies: number[] = [];
  const data: DataSize[] = [];
  const producers: string[] = [];
  let names: ReadonlyMap<number, string> = new Map();
  while (!reader.atEnd) {
    const start = reader.position;
    const id = reader.byte();
    const size = reader.number();
    const end = reader.position + size;
    let name: string = SECTIONS[id] ?? `section ${id}`;
    if (id === 0) {
      name = reader.name();
      // What custom sections hold is nobody's business but their tools': it is read if it can be.
      if (name === "name") names = attempt(() => readNames(reader, end)) ?? names;
      else if (name === "producers") producers.push(...(attempt(() => readProducers(reader)) ?? []));
    } else if (id === 10) {
      for (let left = reader.number(); left > 0; left--) {
        const body = reader.number();
        bodies.push(body);
        reader.position += body;
      }
    } else if (id === 11) {
      const count = reader.number();
      for (let index = 0; index < count; index++) {
        const length = readSegment(reader);
        const content = bytes.subarray(reader.position - length, reader.position);
        data.push({ index, bytes: length, preview: preview(content) });
      }
    }
    sections.push({ name, bytes: end - start });
    reader.position = end;
  }
  const functions = bodies.map((body, at) => {
    const index = importedFunctions + at;
    return { index, name: names.get(index) ?? exported.get(index) ?? null, bytes: body };
  });
  const largest = <T extends { bytes: number }>(list: T[]): T[] => list.sort((a, b) => b.bytes - a.bytes);
  return { sections, functions: largest(functions), data: largest(data), producers };
}

/** Skips a data segment and returns its length. */
function readSegment(reader: BinaryReader): number {
  const flags = reader.number();
  if (flags === 2) reader.number();
  if (flags !== 1) reader.expression();
  const bytes = reader.number();
  reader.position += bytes;
  return bytes;
}

function readNames(reader: BinaryReader, end: number): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  while (reader.position < end) {
    const id = reader.byte();
    const size = reader.number();
    const next = reader.position + size;
    if (id === 1) {
      for (let left = reader.number(); left > 0; left--) {
        const index = reader.number();
        names.set(index, reader.name());
      }
    }
    reader.position = next;
  }
  return names;
}

function readProducers(reader: BinaryReader): string[] {
  const found: string[] = [];
  for (let fields = reader.number(); fields > 0; fields--) {
    const field = reader.name();
    for (let values = reader.number(); values > 0; values--) {
      const name = reader.name();
      const version = reader.name();
      if (field === "language" || field === "processed-by") found.push(`${name} ${version}`.trim());
    }
  }
  return found;
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

// What a host sees of a built module: imports, exports, start section, names, size.
import { readFileSync } from "node:fs";

export interface ModuleFacts {
  /** `module.name`, sorted. */
  imports: string[];
  /** `name` of functions, `name (kind)` of the rest, sorted. */
  exports: string[];
  hasStartSection: boolean;
  /** Whether functions have names, which a proxy shows in the backtrace of a trap. */
  hasNames: boolean;
  bytes: number;
}

interface WebAssemblyApi {
  Module: {
    new (bytes: Uint8Array): object;
    imports(module: object): { module: string; name: string }[];
    exports(module: object): { name: string; kind: string }[];
    customSections(module: object, name: string): ArrayBuffer[];
  };
}

/** Node has it, the types of Node do not. */
const { Module } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

const START_SECTION = 8;

/** Reads a module, which must be valid: it is compiled. */
export function inspect(path: string): ModuleFacts {
  const bytes = readFileSync(path);
  const module = new Module(bytes);
  const imports = Module.imports(module).map((each) => `${each.module}.${each.name}`);
  const exports = Module.exports(module).map(({ name, kind }) =>
    kind === "function" ? name : `${name} (${kind})`,
  );
  return {
    imports: imports.sort(),
    exports: exports.sort(),
    hasStartSection: sections(bytes).includes(START_SECTION),
    hasNames: Module.customSections(module, "name").length > 0,
    bytes: bytes.length,
  };
}

/** The ids of the module's sections, in order. */
function sections(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < bytes.length;) {
    ids.push(bytes[at++] ?? 0);
    let size = 0;
    let byte = 0x80;
    for (let shift = 0; byte & 0x80; shift += 7) {
      byte = bytes[at++] ?? 0;
      size |= (byte & 0x7f) << shift;
    }
    at += size;
  }
  return ids;
}

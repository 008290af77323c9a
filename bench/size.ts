// Part `size`: bytes of the modules, as they are and compressed.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { FILTER_TITLES, FILTERS, type Module, SDK_TITLES } from "./modules.ts";
import { type PartResult, type Table, whole } from "./report.ts";
import { webAssembly } from "./webassembly.ts";

export interface Size {
  readonly name: string;
  readonly bytes: number;
  readonly gzip: number;
  /** Functions that the host may call, memory included. */
  readonly exports: readonly string[];
  /** Functions that the module calls. */
  readonly imports: readonly string[];
}

/** Sizes of the filters, and of the examples, which are given by their names. */
export function measureSizes(
  modules: readonly Module[],
  exampleModules: ReadonlyMap<string, string>,
): PartResult {
  const examples = [...exampleModules].map(([name, wasm]) => sizeOf(name, wasm));
  const filters = modules.map(({ sdk, filter, wasm }) => {
    return { sdk, filter, ...sizeOf(SDK_TITLES[sdk], wasm) };
  });
  const tables = FILTERS.map((filter) =>
    table(
      FILTER_TITLES[filter],
      filters.filter((each) => each.filter === filter),
    ),
  );
  return { title: "Size", tables: [table("Examples", examples), ...tables], data: { examples, filters } };
}

/** Size of the module in a file. */
export function sizeOf(name: string, wasm: string): Size {
  const bytes = readFileSync(wasm);
  const module = new webAssembly.Module(bytes);
  return {
    name,
    bytes: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    exports: webAssembly.Module.exports(module).map((each) => each.name),
    imports: webAssembly.Module.imports(module).map((each) => `${each.module}.${each.name}`),
  };
}

function table(title: string, sizes: readonly Size[]): Table {
  return {
    title,
    columns: ["module", "bytes", "gzip -9", "exports", "imports"],
    rows: sizes.map(({ name, bytes, gzip, exports, imports }) => [
      name,
      whole(bytes),
      whole(gzip),
      String(exports.length),
      String(imports.length),
    ]),
  };
}

// Part `size`: bytes of the modules, as they are and compressed.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { FILTER_TITLES, FILTERS, type Module, SDK_TITLES } from "./modules.ts";
import { buildExamples } from "./ours.ts";
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

/** Sizes of the given modules and of the examples. */
export async function measureSizes(modules: readonly Module[]): Promise<PartResult> {
  const examples = [...(await buildExamples())].map(([name, wasm]) => sizeOf(name, wasm));
  const filters = modules.map((module) => ({ ...module, ...sizeOf(SDK_TITLES[module.sdk], module.wasm) }));
  return {
    title: "Size",
    tables: [table("Examples", examples), ...FILTERS.map((filter) => ofFilter(filter, filters))],
    data: { examples, filters: filters.map(({ sdk, filter, ...size }) => ({ sdk, filter, ...size })) },
  };

  function ofFilter(filter: Module["filter"], all: readonly (Size & Module)[]): Table {
    return table(
      FILTER_TITLES[filter],
      all.filter((each) => each.filter === filter),
    );
  }
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

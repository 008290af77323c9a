// Hand-written modules, which export and do only what they must: the floor.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import wabt from "wabt";

import { FILTERS, type Module } from "../modules.ts";
import { repository, work } from "../places.ts";

/** Translates them to modules without names. */
export async function buildWat(): Promise<Module[]> {
  const { parseWat } = await wabt();
  const folder = join(work, "peers/wat");
  mkdirSync(folder, { recursive: true });
  return FILTERS.map((filter) => {
    const source = join(repository, "bench/peers/wat", `${filter}.wat`);
    const module = parseWat(source, readFileSync(source, "utf8"));
    const wasm = join(folder, `${filter}.wasm`);
    try {
      writeFileSync(wasm, module.toBinary({ write_debug_names: false }).buffer);
    } finally {
      module.destroy();
    }
    return { sdk: "wat", filter, wasm };
  });
}

// The filters and the examples of this repository, built as a user builds his: asc, and an asconfig with the preset.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { command } from "./command.ts";
import { FILTERS, type Module } from "./modules.ts";
import { repository, work } from "./places.ts";

const ASC = "node_modules/assemblyscript/bin/asc.js";

/** Builds the four filters, and F3 with eager strings. dist/ must be there. */
export async function buildOurs(): Promise<Module[]> {
  const modules: Module[] = [
    ...FILTERS.map((filter): Module => ({ sdk: "ours", filter, wasm: place(filter) })),
    { sdk: "eager", filter: "f3", wasm: place("f3-eager") },
  ];
  mkdirSync(join(work, "ours"), { recursive: true });
  await Promise.all(
    modules.map(({ sdk, filter, wasm }) => {
      const source = sdk === "eager" ? `${filter}-eager.ts` : `${filter}.ts`;
      return asc(join(repository, "bench/filters"), [source, "--outFile", wasm]);
    }),
  );
  return modules;
}

/** Builds the examples as their READMEs say; resolves with the module of each by its name. */
export async function buildExamples(): Promise<ReadonlyMap<string, string>> {
  const folder = join(repository, "examples");
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, "asconfig.json")));
  await Promise.all(names.map((name) => asc(join(folder, name), [])));
  return new Map(names.map((name) => [name, join(folder, name, "build", `${name}.wasm`)]));
}

function asc(cwd: string, args: readonly string[]): Promise<string> {
  return command(process.execPath, [join(repository, ASC), ...args, "--target", "release", "--noColors"], {
    cwd,
  });
}

function place(name: string): string {
  return join(work, "ours", `${name}.wasm`);
}

// Where the benchmark finds the repository, and where it puts what it makes.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. This file runs from bench/ or, compiled, from build/bench/js/bench/. */
export const repository = above(dirname(fileURLToPath(import.meta.url)));

/** Everything the benchmark makes; git ignores it. */
export const work = join(repository, "build/bench");

function above(folder: string): string {
  if (existsSync(join(folder, "package-lock.json"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("The benchmark runs only inside the repository of proxy-wasm-as.");
  return above(parent);
}

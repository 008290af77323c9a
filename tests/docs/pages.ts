// The pages of the repository that people read.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { repository } from "../support/asc.ts";

/** A page: its path in the repository, and what it says. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

function markdown(folder: string): string[] {
  return readdirSync(join(repository, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
}

const examples = readdirSync(join(repository, "examples")).map((name) => `examples/${name}/README.md`);

/** README, change log, docs and the READMEs of the examples. */
export const pages: readonly Page[] = [...markdown("."), ...markdown("docs"), ...examples]
  .filter((path) => existsSync(join(repository, path)))
  .map((path) => ({ path, text: readFileSync(join(repository, path), "utf8") }));

// What is installed in a project's node_modules, and how often.
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A package as a folder finds it. */
export interface Installed {
  /** Its folder, symbolic links followed. */
  readonly folder: string;
  readonly version: string;
}

/** The package that code in this folder would import; null if there is none. */
export function findPackage(name: string, from: string): Installed | null {
  try {
    const manifest = realpathSync(createRequire(join(from, "index.js")).resolve(`${name}/package.json`));
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version?: string };
    return { folder: dirname(manifest), version: version ?? "" };
  } catch {
    return null;
  }
}

/** All copies of a package below the node_modules that a folder sees, its parents' among them; each once. */
export function copiesOf(name: string, from: string): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  for (let folder = from; ; folder = dirname(folder)) {
    search(join(folder, "node_modules"), name, found, seen);
    if (dirname(folder) === folder) return [...found].sort();
  }
}

function search(modules: string, name: string, found: Set<string>, seen: Set<string>): void {
  if (!existsSync(modules)) return;
  const real = realpathSync(modules);
  if (seen.has(real)) return;
  seen.add(real);
  for (const entry of packagesIn(modules)) {
    const folder = join(modules, entry);
    if (entry === name && existsSync(join(folder, "package.json"))) found.add(realpathSync(folder));
    search(join(folder, "node_modules"), name, found, seen);
  }
}

/** Names of packages, with their scopes; of pnpm's store, the folders that hold its packages. */
function packagesIn(modules: string): string[] {
  const names: string[] = [];
  for (const name of list(modules)) {
    if (name === ".pnpm") names.push(...list(join(modules, name)).map((each) => `.pnpm/${each}`));
    else if (name.startsWith("@")) names.push(...list(join(modules, name)).map((each) => `${name}/${each}`));
    else if (!name.startsWith(".")) names.push(name);
  }
  return names;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

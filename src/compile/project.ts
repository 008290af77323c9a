// A filter's project on disk: its configuration, the compiler it has installed, where its module goes.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";

import { AsconfigChain } from "./asconfig.ts";
import { BuildError } from "./build-error.ts";

/** The entry that a project has if its asconfig.json names none. */
const DEFAULT_ENTRY = "assembly/index.ts";

/** What is needed to build one target of a project. */
export interface Project {
  /** Absolute. */
  readonly folder: string;
  readonly target: string;
  /** The compiler's library `asc`, of the copy that the project has installed. */
  readonly asc: string;
  /** Where the module goes, from the folder. */
  readonly outFile: string;
  /** Arguments for asc besides what the configuration says. */
  readonly args: readonly string[];
  /** Files on which the build depends whatever it compiles. */
  readonly inputs: readonly string[];
}

/** @throws BuildError if there is no such project, or what it needs is missing. */
export function readProject(folder: string, target: string): Project {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new BuildError(`there is no folder ${folder}`, "Give the folder of a filter's project.");
  const chain = AsconfigChain.read(folder);
  if (!chain.targets.includes(target)) {
    throw new BuildError(
      `asconfig.json has no target ${target}`,
      `Name one of those it has: ${chain.targets.join(", ")}.`,
    );
  }
  const args = ["--target", target];
  const outFile = chain.option("outFile", target);
  let path: string;
  if (typeof outFile === "string" && outFile !== "") path = outFile;
  else {
    path = `build/${moduleName(folder)}${target === "release" ? "" : `.${target}`}.wasm`;
    args.push("--outFile", path);
  }
  const { entries } = chain;
  if (entries.length === 0) {
    if (!existsSync(join(folder, DEFAULT_ENTRY))) {
      throw new BuildError(
        `there is nothing to build: asconfig.json names no entries, and there is no ${DEFAULT_ENTRY}`,
        `Write the filter into ${DEFAULT_ENTRY}, or name its file in "entries".`,
      );
    }
    args.unshift(DEFAULT_ENTRY);
    entries.push(join(folder, DEFAULT_ENTRY));
  }
  for (const entry of entries) {
    if (existsSync(entry)) continue;
    throw new BuildError(
      `asconfig.json names the entry ${relative(folder, entry)}, which is not there`,
      'Correct "entries", or write that file.',
    );
  }
  return {
    folder,
    target,
    asc: findCompiler(folder),
    outFile: path,
    args,
    inputs: [...chain.files.map((file) => file.path), ...entries],
  };
}

/** The name of a project, as a file of it may be called. */
export function moduleName(folder: string): string {
  let name: unknown;
  try {
    name = (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown }).name;
  } catch {
    // No manifest, or one that npm will complain about.
  }
  const base = typeof name === "string" && name !== "" ? (name.split("/").at(-1) ?? name) : basename(folder);
  return base.replace(/[^\w.-]+/g, "-") || "filter";
}

function findCompiler(folder: string): string {
  let manifest: string;
  try {
    manifest = createRequire(join(folder, "asconfig.json")).resolve("assemblyscript/package.json");
  } catch (error) {
    throw new BuildError(
      `the compiler, the package assemblyscript, is not installed in ${folder}`,
      "Install what the project needs: npm install. If it does not need the compiler yet: npm install --save-dev assemblyscript",
      error,
    );
  }
  return join(dirname(manifest), "dist/asc.js");
}

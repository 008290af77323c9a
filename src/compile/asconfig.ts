// Reads a project's asconfig.json and those that it extends, as asc does, but with errors that say what to do.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

import { BuildError } from "./build-error.ts";

/** The name under which projects extend the preset. */
export const PRESET = "proxy-wasm-as/asconfig.json";
/** What only the preset sets. */
const PRESET_MARK = "PROXY_WASM_AS=1";

/** The part of asc's configuration that matters here. */
interface AsconfigFile {
  extends?: string;
  entries?: string[];
  targets?: Record<string, Record<string, unknown>>;
  options?: Record<string, unknown>;
}

/** One file of the chain. */
export interface Asconfig {
  readonly path: string;
  readonly content: AsconfigFile;
  /** It is the preset itself. */
  readonly isPreset: boolean;
}

/** The configuration of a project: its own file first, then what that extends, and so on. */
export class AsconfigChain {
  readonly files: readonly Asconfig[];

  private constructor(files: readonly Asconfig[]) {
    this.files = files;
  }

  /** @throws BuildError if a file is missing or wrong, or the preset is not among them. */
  static read(folder: string): AsconfigChain {
    const files: Asconfig[] = [];
    for (let path: string | null = join(folder, "asconfig.json"); path !== null;) {
      const file = read(path, folder, files.at(-1));
      files.push(file);
      if (files.length > 20) throw wrong(folder, path, "it extends itself, over others");
      path = file.content.extends === undefined ? null : follow(file, folder);
    }
    if (files.some((file) => file.isPreset)) return new AsconfigChain(files);
    throw new BuildError(
      "asconfig.json does not extend the build preset, without which no proxy can load the module",
      `Add this line to it: "extends": "${PRESET}"`,
    );
  }

  /** Entries of the project, without the preset's; asc takes those of all files. */
  get entries(): string[] {
    return this.files
      .filter((file) => !file.isPreset)
      .flatMap(({ path, content }) => (content.entries ?? []).map((entry) => join(dirname(path), entry)));
  }

  get targets(): string[] {
    return [...new Set(this.files.flatMap(({ content }) => Object.keys(content.targets ?? {})))];
  }

  /** An option as a build of this target has it: the target's own value wins, then the file that comes first. */
  option(name: string, target: string): unknown {
    for (const { content } of this.files) {
      const value = content.targets?.[target]?.[name] ?? content.options?.[name];
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

function read(path: string, folder: string, from: Asconfig | undefined): Asconfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (from !== undefined) {
      throw new BuildError(
        `${relative(folder, from.path)} extends ${from.content.extends}, which is not there`,
        `Correct the line; filters extend "${PRESET}".`,
        error,
      );
    }
    throw new BuildError(
      `there is no asconfig.json in ${folder}`,
      "Give the folder of a filter's project, or make a new one: proxy-wasm-as init my-filter",
      error,
    );
  }
  let content: AsconfigFile;
  try {
    content = JSON.parse(text) as AsconfigFile;
  } catch (error) {
    throw wrong(folder, path, `it is not valid JSON: ${(error as Error).message}`, error);
  }
  const { extends: base, entries = [], targets = {}, options = {} } = content ?? {};
  if (!isObject(content)) throw wrong(folder, path, "it is no object");
  if (base !== undefined && typeof base !== "string") throw wrong(folder, path, '"extends" is no text');
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === "string"))
    throw wrong(folder, path, '"entries" is no list of paths');
  if (!isObject(targets) || !Object.values(targets).every(isObject))
    throw wrong(folder, path, '"targets" holds something that is no object');
  if (!isObject(options)) throw wrong(folder, path, '"options" is no object');
  const use = options["use"];
  return { path, content, isPreset: Array.isArray(use) && use.includes(PRESET_MARK) };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(folder: string, path: string, what: string, cause?: unknown): BuildError {
  return new BuildError(
    `${relative(folder, path)} cannot be used: ${what}`,
    `A filter's asconfig.json looks so: { "extends": "${PRESET}", "entries": ["assembly/index.ts"], "targets": { "release": { "outFile": "build/filter.wasm" } } }`,
    cause,
  );
}

/** Where the file is that another extends. asc finds packages from the folder of the file that names them. */
function follow({ path, content }: Asconfig, folder: string): string {
  const base = content.extends ?? "";
  if (base.startsWith(".")) return join(dirname(path), base);
  try {
    return createRequire(path).resolve(base);
  } catch (error) {
    const installed = base.startsWith("proxy-wasm-as");
    const advice =
      base === PRESET
        ? "Install what the project needs: npm install"
        : installed
          ? `The preset is "${PRESET}".`
          : `Install the package, or extend "${PRESET}".`;
    throw new BuildError(`${relative(folder, path)} extends ${base}, which is not found`, advice, error);
  }
}

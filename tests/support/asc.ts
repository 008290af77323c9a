// Builds filters for tests as a user does: a project with its own asconfig that extends the preset, and asc.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url));
const asc = join(repository, "node_modules/assemblyscript/bin/asc.js");

export interface BuildOptions {
  /** Default: `release`. */
  target?: "release" | "debug";
  /** More `options` of the project's asconfig. */
  options?: Record<string, unknown>;
  /** Further sources beside the filter's own, by name. */
  files?: Readonly<Record<string, string>>;
  /** The whole asconfig instead of the usual three lines. */
  asconfig?: unknown;
}

export interface BuildResult {
  /** asc's exit code. */
  code: number;
  /** What asc printed. */
  output: string;
  /** Path of the module; it exists only if the build went well. */
  wasm: string;
}

/** Everything but the user's source that decides what a build gives. */
function toolchain(): string {
  const hash = createHash("sha256");
  const add = (path: string): void => {
    if (!existsSync(path)) return;
    for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
    }
  };
  add(join(repository, "assembly"));
  add(join(repository, "dist/transform"));
  for (const file of ["asconfig.json", "entry.ts", "node_modules/assemblyscript/package.json"]) {
    hash.update(readFileSync(join(repository, file)));
  }
  return hash.digest("hex");
}

let sources: string | undefined;

/** Builds a filter from its source text. The same text with the same toolchain is built once. */
export async function tryBuild(source: string, build: BuildOptions = {}): Promise<BuildResult> {
  sources ??= toolchain();
  const key = createHash("sha256").update(sources).update(source).update(JSON.stringify(build)).digest("hex");
  const folder = join(repository, "build/tests", key.slice(0, 16));
  const result = join(folder, "result.json");
  if (!existsSync(result)) {
    const work = `${folder}.${process.pid}`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(join(work, "assembly"), { recursive: true });
    for (const [name, text] of Object.entries(build.files ?? {}))
      writeFileSync(join(work, "assembly", name), text);
    writeFileSync(join(work, "assembly/index.ts"), source);
    const target = build.target ?? "release";
    const asconfig = build.asconfig ?? {
      extends: "proxy-wasm-as/asconfig.json",
      entries: ["assembly/index.ts"],
      targets: { [target]: { outFile: "filter.wasm" } },
      options: build.options ?? {},
    };
    writeFileSync(join(work, "asconfig.json"), JSON.stringify(asconfig, null, 2));
    writeFileSync(join(work, "result.json"), JSON.stringify(await runAsc(work, ["--target", target])));
    try {
      renameSync(work, folder);
    } catch {
      rmSync(work, { recursive: true, force: true }); // another worker was first
    }
  }
  const { code, output } = JSON.parse(readFileSync(result, "utf8")) as Omit<BuildResult, "wasm">;
  return { code, output, wasm: join(folder, "filter.wasm") };
}

/** Builds a filter that must build; returns the path of the module. */
export async function buildFilter(source: string, build: BuildOptions = {}): Promise<string> {
  const { code, output, wasm } = await tryBuild(source, build);
  if (code !== 0) throw new Error(`asc failed:\n${output}`);
  return wasm;
}

/** Builds a filter from a file of the repository, given by its path there. */
export function buildFile(path: string, build: BuildOptions = {}): Promise<string> {
  return buildFilter(readFileSync(join(repository, path), "utf8"), build);
}

/** The sources of an example beside its `index.ts`. */
export function filesOfExample(name: string): Record<string, string> {
  const folder = join(repository, "examples", name, "assembly");
  const others = readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== "index.ts");
  return Object.fromEntries(others.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

/** Runs asc in a folder. */
export function runAsc(folder: string, args: string[]): Promise<Pick<BuildResult, "code" | "output">> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [asc, ...args, "--noColors"], { cwd: folder }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") reject(error);
      else resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

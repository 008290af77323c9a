// Compiles a project held in memory with the preset's options, and returns what asc would print.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as asc from "assemblyscript/asc";
import ProxyWasmTransform from "../../src/transform/index.ts";

/** The repository. */
export const ROOT = join(import.meta.dirname, "../..");

const IMPORTS = `import {
  FilterDataStatus, FilterHeadersStatus, FilterStatus, HttpContext, RootContext, TcpContext,
  logInfo, registerHttpContext, registerRootContext, registerTcpContext,
} from "proxy-wasm-as";
`;

/** A program that can use what filters usually import. */
export function withFilter(text: string): string {
  return `${IMPORTS}${text}\n`;
}

/** A filter with these statements in `onRequestHeaders`. */
export function inMethod(statements: string): string {
  return withFilter(`class A extends HttpContext {
  n: i32 = 0;
  text: string | null = null;
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
${statements}
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<A>();`);
}

/** A filter without fault. */
export const PLAIN_FILTER = inMethod('this.requestHeaders.add("a", "b");');

/** One message of the compiler, with the text of the line it points to. */
export interface Message {
  readonly severity: "info" | "warning" | "error";
  readonly text: string;
  readonly file: string;
  readonly line: string;
}

export interface Compiled {
  readonly messages: readonly Message[];
  /** Everything asc prints. */
  readonly printed: string;
  /** The module, where the options ask for one. */
  readonly wasm: Uint8Array | null;
}

export interface CompileOptions {
  /** Further `use` options; the preset's own come first. */
  readonly use?: readonly string[];
  /** Another than the preset's. */
  readonly runtime?: string;
  /** Makes the module that the preset's release target makes; without it nothing is emitted. */
  readonly release?: boolean;
  /** `false`: the transform does not run. */
  readonly transform?: boolean;
  /** These transforms instead of it. */
  readonly transforms?: readonly (new () => object)[];
  /** Without it the project has no `extends`. */
  readonly preset?: boolean;
  /** Where asc runs, and looks for packages; the repository unless given. */
  readonly folder?: string;
}

interface Preset {
  readonly options: {
    readonly exportStart: string;
    readonly runtime: string;
    readonly use: readonly string[];
  };
  readonly targets: { readonly release: { readonly optimizeLevel: number; readonly shrinkLevel: number } };
}

/** Compiles `files` (path in the project to text); the entry is `assembly/index.ts`. */
export async function compile(
  files: Readonly<Record<string, string>>,
  options: CompileOptions = {},
): Promise<Compiled> {
  const preset = JSON.parse(readFileSync(join(ROOT, "asconfig.json"), "utf8")) as Preset;
  const release = preset.targets.release;
  const base = options.folder ?? ROOT;
  const argv = ["assembly/index.ts", "--baseDir", base, "--noColors"];
  if (options.preset !== false) {
    argv.push("entry.ts", "--exportStart", preset.options.exportStart);
    argv.push("--runtime", options.runtime ?? preset.options.runtime);
    for (const use of [...preset.options.use, ...(options.use ?? [])]) argv.push("--use", use);
  }
  if (options.release) {
    argv.push("--optimizeLevel", `${release.optimizeLevel}`, "--shrinkLevel", `${release.shrinkLevel}`);
    argv.push("--outFile", "out.wasm");
  } else argv.push("--noEmit");
  const messages: Message[] = [];
  const stderr = asc.createMemoryStream();
  let wasm: Uint8Array | null = null;
  const { error } = await asc.main(argv, {
    stderr,
    stdout: asc.createMemoryStream(),
    // asc takes classes too, and its types do not say so.
    transforms: (options.transform === false
      ? []
      : (options.transforms ?? [ProxyWasmTransform])) as unknown as asc.Transform[],
    // The repository's own asconfig.json is the preset, not the configuration of this project.
    readFile: (name, folder) =>
      name.endsWith("asconfig.json")
        ? null
        : (files[name.replaceAll("\\", "/")] ?? readOrNull(resolve(folder, name))),
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) wasm = contents;
    },
    reportDiagnostic: ({ category, message, range }) => {
      const file = range?.source?.normalizedPath ?? "";
      messages.push({
        severity: SEVERITIES[category] ?? "error",
        text: message,
        file,
        line: range ? lineAt(files[file] ?? "", range.start) : "",
      });
    },
  });
  const printed = stderr.toString();
  if (error && !messages.some((it) => it.severity === "error")) throw new Error(printed, { cause: error });
  return { messages, printed, wasm };
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

const SEVERITIES = ["info", "info", "warning", "error"] as const;

/** The text of the line at an offset. */
function lineAt(text: string, offset: number): string {
  const from = text.lastIndexOf("\n", offset - 1) + 1;
  const to = text.indexOf("\n", offset);
  return text.slice(from, to < 0 ? text.length : to).trim();
}

// Compiles a project held in memory with the preset's options, and returns what asc would print.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as asc from "assemblyscript/asc";
import ProxyWasmTransform from "../../src/transform/index.ts";

const ROOT = join(import.meta.dirname, "../..");

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
  /** Makes the module that the preset's release target makes; without it nothing is emitted. */
  readonly release?: boolean;
  /** Without it the transform does not run. */
  readonly transform?: boolean;
  /** Without it the project has no `extends`. */
  readonly preset?: boolean;
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
  const argv = ["assembly/index.ts"];
  if (options.preset !== false) {
    argv.push("entry.ts", "--exportStart", preset.options.exportStart, "--runtime", preset.options.runtime);
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
    transforms: options.transform === false ? [] : [ProxyWasmTransform as unknown as asc.Transform],
    readFile: (name, folder) =>
      files[name.replaceAll("\\", "/")] ?? readOrNull(join(ROOT, folder === "." ? "" : folder, name)),
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) wasm = contents;
    },
    reportDiagnostic: ({ category, message, range }) => {
      const file = range?.source?.normalizedPath ?? "";
      messages.push({
        severity: SEVERITIES[category],
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

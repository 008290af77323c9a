// The process that compiles: started by asc-run.ts in the project's folder, asked once, and gone after its answer.
import { readFileSync } from "node:fs";
import { resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

import { pruneReport } from "../transform/report.ts";
import type * as Asc from "assemblyscript/asc";
import type { Program } from "assemblyscript";
import type { AscMessage, AscRequest, AscResult } from "./asc-run.ts";
import type { PruneReport } from "../transform/prune.ts";

/** asc's categories of messages. */
const LEVELS = ["info", "info", "warning", "error"] as const;
/** asc's own codes; the others are TypeScript's. */
const OWN_CODES = 1000;

process.once("message", (request: AscRequest) => {
  void compile(request).then((result) => process.send?.(result, () => process.disconnect()));
});

async function compile({ asc, args, colour }: AscRequest): Promise<AscResult> {
  const { main, createMemoryStream } = (await import(pathToFileURL(asc).href)) as typeof Asc;
  const files = new Map<string, string | Uint8Array>();
  const sources = new Map<string, string>();
  const messages: AscMessage[] = [];
  let pruned: PruneReport | null = null;
  const output = createMemoryStream();
  class Reporter {
    declare readonly program: Program;

    afterCompile(): void {
      pruned = pruneReport(this.program);
    }
  }
  const { error } = await main([...args, ...(colour ? [] : ["--noColors"])], {
    stdout: output,
    stderr: Object.assign(output, { isTTY: colour }),
    // asc gives it the rest of what a transform has.
    transforms: [Reporter as never],
    readFile(name, folder) {
      const path = resolve(folder, name);
      const text = read(path);
      if (!path.includes(`${sep}node_modules${sep}`)) sources.set(path, text ?? "");
      return text;
    },
    writeFile: (name, contents) => void files.set(name, contents),
    reportDiagnostic: (diagnostic) => messages.push(describe(diagnostic, sources)),
  });
  return {
    error: error === null ? null : error.message,
    output: output.toString(),
    messages,
    files,
    sources: [...sources.keys()],
    pruned,
  };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // asc looks in several places.
    return null;
  }
}

function describe(
  { category, code, message, range }: Asc.DiagnosticMessage,
  sources: ReadonlyMap<string, string>,
): AscMessage {
  const file = range?.source.normalizedPath ?? "";
  const text = sources.get(resolve(file));
  let place: AscMessage["place"] = null;
  if (range && text !== undefined) {
    const before = text.slice(0, range.start);
    place = { file, line: before.split("\n").length, column: range.start - before.lastIndexOf("\n") };
  }
  return {
    level: LEVELS[category] ?? "error",
    code: `${code < OWN_CODES ? "AS" : "TS"}${code}`,
    message,
    place,
  };
}

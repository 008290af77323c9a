// Compiles programs of this folder with the preset and the transform, and runs them in the embedded host.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { createHost } from "../../../src/testing/index.ts";
import { compile, type Compiled, type CompileOptions } from "../compile.ts";

const folder = join(import.meta.dirname, "assembly");

/** A source of the folder `assembly`. */
export function source(name: string): string {
  return readFileSync(join(folder, `${name}.ts`), "utf8");
}

const LIBRARY = { "node_modules/proxy-wasm-as/assembly/fake-library.ts": source("fake-library") };

/** A program that calls `main` of these files when the host has started it. */
export function program(names: readonly string[]): Record<string, string> {
  const calls = names.map((name) => `import { main as ${name} } from "./${name}";`);
  const files = Object.fromEntries([...names, "parent"].map((name) => [`assembly/${name}.ts`, source(name)]));
  return {
    ...LIBRARY,
    ...files,
    "assembly/index.ts": `import { RootContext, registerRootContext } from "proxy-wasm-as";
${calls.join("\n")}
class Root extends RootContext {
  override onVmStart(size: u32): bool {
${names.map((name) => `console.log("- ${name}"); ${name}();`).join("\n")}
    return true;
  }
}
registerRootContext<Root>();
`,
  };
}

/** What a program logs, by the file that logs it. */
export async function run(files: Record<string, string>): Promise<Record<string, string[]>> {
  const { printed, wasm } = await compile(files, { release: true });
  if (!wasm || printed) throw new Error(printed);
  const host = await createHost({ wasm });
  const found: Record<string, string[]> = {};
  let lines: string[] = [];
  for (const { text } of host.logs) {
    if (text.startsWith("- ")) found[text.slice(2)] = lines = [];
    else lines.push(text);
  }
  if (host.trap) throw new Error(`${host.trap.message}\n${lines.join("\n")}`);
  return found;
}

/** Compiles a file that uses the library of this folder. */
export function compileOne(text: string, options: CompileOptions = {}): Promise<Compiled> {
  return compile({ ...LIBRARY, "assembly/index.ts": text }, options);
}

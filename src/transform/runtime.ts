// Puts the memory manager of the guest library in the place of asc's `minimal`.
import * as asc from "assemblyscript";
import type { Program, Source, VariableDeclaration } from "assemblyscript";
import type { Diagnostics } from "./diagnostics.ts";
import { isRequested } from "./options.ts";
import { clientSources, GUEST } from "./sdk.ts";

/** The `use` option that leaves asc's own runtime in place: `"use": ["PROXY_WASM_AS_MINIMAL_RUNTIME=1"]`. */
export const MINIMAL_RUNTIME = "PROXY_WASM_AS_MINIMAL_RUNTIME";

/** The files of asc that make up its runtime `minimal`, the one that loads the others first. */
const MINIMAL = ["~lib/rt/index-minimal", "~lib/rt/tlsf", "~lib/rt/tcms"] as const;

/** What a file writes to get at the inside of that runtime. */
const INSIDE = /["'](?:~lib\/)?rt\/(?:index-minimal|tlsf|tcms)["']/;
/** A function that asc's runtimes call for each object they free. */
const FINALIZER = /\bfunction\s+__finalize\b/;

/**
 * Exchanges the runtime of a program that asc has parsed and not yet looked into, if it is `minimal`. Where that
 * cannot be done, the build goes on with `minimal`, and a warning says why.
 */
export function installRuntime(program: Program, diagnostics: Diagnostics): void {
  if (program.options.runtime !== asc.Runtime.Minimal || isRequested(program, MINIMAL_RUNTIME)) return;
  const find = (path: string): Source | undefined => program.sources.find((it) => it.internalPath === path);
  // Objects are collected at the end of callbacks; a program without them has no such place.
  if (!find(`${GUEST}exports`)) return;
  const own = find(`${GUEST}runtime/index`);
  const flag = findConstant(find(`${GUEST}features`), "OWN_RUNTIME");
  const replaced = MINIMAL.map(find).filter((source) => source !== undefined);
  const client = clientSources(program).find(({ text }) => INSIDE.test(text) || FINALIZER.test(text));
  if (!own || !flag || replaced.length !== MINIMAL.length || client) {
    const reason = client
      ? `${client.normalizedPath} needs it`
      : "this version of asc keeps it in other files than expected";
    diagnostics.warning(
      null,
      `proxy-wasm-as: the module gets asc's runtime 'minimal', which is larger and slower than the one of this package: ${reason}. "use": ["${MINIMAL_RUNTIME}=1"] in asconfig.json asks for it, without this warning.`,
    );
    return;
  }
  for (const source of replaced) program.sources.splice(program.sources.indexOf(source), 1);
  // What such a file exports is global: that is how asc and its standard library find a runtime.
  own.sourceKind = asc.SourceKind.LibraryEntry;
  flag.initializer = asc.Node.createTrueExpression(flag.range);
}

function findConstant(source: Source | undefined, name: string): VariableDeclaration | undefined {
  return source?.statements
    .flatMap((statement) => (statement instanceof asc.VariableStatement ? statement.declarations : []))
    .find((declaration) => declaration.name.text === name);
}

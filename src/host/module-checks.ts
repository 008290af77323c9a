// What a proxy checks before it runs a module: every reason for which Envoy 1.40 refuses one, or dies of it.
import { ABI_VERSIONS, exportsOf } from "./export-table.ts";
import { envImportsOf, WASI_IMPORTS, WASI_MODULES } from "./import-table.ts";
import type { AbiVersion } from "./export-table.ts";
import type { ModuleErrorCode } from "./errors.ts";
import type { Signature, WasmSummary } from "./wasm-reader.ts";

/** Envoy's limit on the memory of one VM: 1 GiB in pages of 64 KiB. */
export const MAX_MEMORY_PAGES = 16_384;

/** One reason. */
export interface ModuleProblem {
  readonly code: ModuleErrorCode;
  /** A sentence without a full stop: what the module has, and what Envoy makes of it. */
  readonly message: string;
}

/** A signature as Envoy writes it: `i32, i32 -> i32`. */
export function describeSignature(signature: Signature): string {
  const words: Record<string, string> = { i: "i32", I: "i64", f: "f32", F: "f64", v: "v128", r: "ref" };
  const [params = "", results = ""] = signature.split(">");
  const list = (letters: string) =>
    [...letters].map((letter) => words[letter] ?? letter).join(", ") || "void";
  return `${list(params)} -> ${list(results)}`;
}

/** The version that Envoy takes: that of the first exported function with a name it knows; null if there is none. */
export function abiVersionOf(summary: WasmSummary): AbiVersion | null {
  for (const { name, kind } of summary.exports) {
    if (kind === "function" && Object.hasOwn(ABI_VERSIONS, name))
      return ABI_VERSIONS[name as keyof typeof ABI_VERSIONS];
  }
  return null;
}

/** The type under which Envoy offers a function to modules of this version; null if it does not. */
export function offeredType(module: string, name: string, version: AbiVersion): Signature | null {
  if (module === "env") return own(envImportsOf(version), name);
  return (WASI_MODULES as readonly string[]).includes(module) ? own(WASI_IMPORTS, name) : null;
}

/** All problems, in the order in which Envoy meets them. A module without a known version has that one alone. */
export function* moduleProblems(summary: WasmSummary): Generator<ModuleProblem> {
  const version = abiVersionOf(summary);
  if (version === null) {
    yield {
      code: "abi-version",
      message:
        "the module exports none of proxy_abi_version_0_1_0, proxy_abi_version_0_2_0, proxy_abi_version_0_2_1; " +
        'Envoy refuses it with "Missing or unknown Proxy-Wasm ABI version". Build it with a Proxy-Wasm SDK',
    };
    return;
  }
  yield* importProblems(summary, version);
  yield* exportProblems(summary, version);
  yield* memoryProblems(summary);
}

function* importProblems(summary: WasmSummary, version: AbiVersion): Generator<ModuleProblem> {
  for (const { module, name, kind, signature } of summary.imports) {
    if (kind === "memory" && module === "env" && name === "memory") continue;
    const offered = kind === "function" ? offeredType(module, name, version) : null;
    if (offered === null) {
      yield {
        code: "missing-import",
        message:
          `the module imports the ${kind} ${module}.${name}, which Envoy does not offer to ABI ${version} modules: ` +
          `"Failed to load Wasm module due to a missing import: ${module}.${name}"${hint(name)}`,
      };
    } else if (offered !== signature) {
      yield {
        code: "import-type",
        message: `the module imports ${module}.${name} as ${describeSignature(signature ?? "")}, but Envoy offers ${describeSignature(offered)} and refuses the module with an import type mismatch`,
      };
    }
  }
}

function own(table: Readonly<Record<string, Signature>>, name: string): Signature | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}

function hint(name: string): string {
  if (name === "abort" || name === "seed" || name === "trace") {
    return '. This is AssemblyScript\'s own runtime import: extend "proxy-wasm-as/asconfig.json", which replaces it';
  }
  return "";
}

function* exportProblems(summary: WasmSummary, version: AbiVersion): Generator<ModuleProblem> {
  for (const { name, kind, signature } of summary.exports) {
    if ((kind === "function" || kind === "global") && signature?.includes("v")) {
      yield {
        code: "vector-export",
        message: `the exported ${kind} ${name} has v128 in its type (${kind === "function" ? describeSignature(signature) : "v128"}); Envoy's V8 aborts the whole proxy when it loads such a module. Do not export it; SIMD inside the module is fine`,
      };
    }
  }
  const seen = new Set<string>();
  for (const { name, kind, signature } of summary.exports) {
    const wanted = kind === "function" ? own(exportsOf(version), name) : null;
    if (wanted === null) continue;
    seen.add(name);
    if (signature === wanted) continue;
    yield {
      code: "export-type",
      message: `the module exports ${name} as ${describeSignature(signature ?? "")}, but the ABI has ${describeSignature(wanted)}; Envoy refuses it with "Bad function signature for: ${name}"`,
    };
  }
  if (!seen.has("malloc") && !seen.has("proxy_on_memory_allocate")) {
    yield {
      code: "missing-allocator",
      message:
        'the module exports neither malloc nor proxy_on_memory_allocate; Envoy refuses it with "Wasm module is missing malloc function."',
    };
  }
}

function* memoryProblems(summary: WasmSummary): Generator<ModuleProblem> {
  const imported = summary.imports.find((entry) => entry.kind === "memory")?.memory;
  const limits = imported ?? summary.memory?.limits;
  if (limits === undefined || limits.minimum <= MAX_MEMORY_PAGES) return;
  yield {
    code: "memory-limit",
    message: `the module asks for ${limits.minimum} pages of memory at least; Envoy allows ${MAX_MEMORY_PAGES} (1 GiB) and refuses it with "Failed to create new Wasm instance"`,
  };
}

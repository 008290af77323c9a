// A compiled module that Envoy would accept: the checks a proxy makes before it runs one.
import { ABI_VERSIONS, GUEST_EXPORTS } from "./export-table.ts";
import type { AbiVersion } from "./export-table.ts";
import { ENV_IMPORTS, WASI_IMPORTS, WASI_MODULES } from "./import-table.ts";
import { HostError } from "./errors.ts";
import { webAssembly } from "./webassembly.ts";
import type { CompiledModule } from "./webassembly.ts";
import { limitMemory, readWasm } from "./wasm-reader.ts";
import type { MemoryLimits, Signature, WasmImport, WasmSummary } from "./wasm-reader.ts";

/** Envoy's limit on the memory of one VM: 1 GiB in pages of 64 KiB. */
export const MAX_MEMORY_PAGES = 16_384;

/** A module that has been checked and compiled. It can be instantiated any number of times. */
export interface GuestModule {
  /** @internal */
  readonly compiled: CompiledModule;
  /** @internal Which version of the ABI it speaks. */
  readonly abiVersion: AbiVersion;
  /** @internal Everything the module imports. */
  readonly imports: readonly WasmImport[];
  /** @internal Limits of an imported memory, or null if the module defines its own. */
  readonly importedMemory: MemoryLimits | null;
  /** The module has names for its functions, so a trap has a readable backtrace. */
  readonly hasNames: boolean;
  /** The bytes as given, which decide VM identity. */
  readonly bytes: Uint8Array;
}

/**
 * Compiles a module and checks all that Envoy checks when it loads one: ABI version, imports with their types, types of
 * the exports it looks up, an allocator, memory limits, and no v128 in exported types.
 *
 * @throws HostError with a {@link ModuleErrorCode}.
 */
export async function compileModule(bytes: Uint8Array): Promise<GuestModule> {
  let compiled: CompiledModule;
  try {
    compiled = await webAssembly.compile(bytes);
  } catch (error) {
    throw new HostError(
      "invalid-module",
      `this is not a valid WebAssembly module: ${(error as Error).message}`,
      error,
    );
  }
  const summary = readWasm(bytes);
  const abiVersion = checkAbiVersion(summary);
  checkImports(summary, abiVersion);
  checkExports(summary);
  const importedMemory = checkMemory(summary);
  const limited = limitMemory(bytes, summary, MAX_MEMORY_PAGES);
  if (limited !== bytes) compiled = await webAssembly.compile(limited);
  return {
    compiled,
    abiVersion,
    imports: summary.imports,
    importedMemory,
    hasNames: summary.hasNames,
    bytes,
  };
}

/** A signature as Envoy writes it: `i32, i32 -> i32`. */
export function describeSignature(signature: Signature): string {
  const words: Record<string, string> = { i: "i32", I: "i64", f: "f32", F: "f64", v: "v128", r: "ref" };
  const [params = "", results = ""] = signature.split(">");
  const list = (letters: string) =>
    [...letters].map((letter) => words[letter] ?? letter).join(", ") || "void";
  return `${list(params)} -> ${list(results)}`;
}

function checkAbiVersion(summary: WasmSummary): AbiVersion {
  for (const { name, kind } of summary.exports) {
    if (kind !== "function" || !Object.hasOwn(ABI_VERSIONS, name)) continue;
    const version = ABI_VERSIONS[name as keyof typeof ABI_VERSIONS];
    if (version !== "0.1.0") return version;
    throw new HostError(
      "abi-version",
      "the module is built for Proxy-Wasm ABI 0.1.0, which Envoy loads but this host does not run; build it for 0.2.1",
    );
  }
  throw new HostError(
    "abi-version",
    "the module exports none of proxy_abi_version_0_1_0, proxy_abi_version_0_2_0, proxy_abi_version_0_2_1; " +
      'Envoy refuses it with "Missing or unknown Proxy-Wasm ABI version". Build it with a Proxy-Wasm SDK',
  );
}

function checkImports(summary: WasmSummary, abiVersion: AbiVersion): void {
  for (const { module, name, kind, signature } of summary.imports) {
    if (kind === "memory" && module === "env" && name === "memory") continue;
    const offered = kind === "function" ? offeredType(module, name, abiVersion) : null;
    if (offered === null) {
      throw new HostError(
        "missing-import",
        `the module imports the ${kind} ${module}.${name}, which Envoy does not offer to ABI ${abiVersion} modules: ` +
          `"Failed to load Wasm module due to a missing import: ${module}.${name}"${hint(name)}`,
      );
    }
    if (offered !== signature) {
      throw new HostError(
        "import-type",
        `the module imports ${module}.${name} as ${describeSignature(signature ?? "")}, but Envoy offers ${describeSignature(offered)} and refuses the module with an import type mismatch`,
      );
    }
  }
}

function offeredType(module: string, name: string, abiVersion: AbiVersion): Signature | null {
  if (module === "env") {
    if (name === "proxy_get_log_level" && abiVersion === "0.2.0") return null;
    return Object.hasOwn(ENV_IMPORTS, name) ? (ENV_IMPORTS[name] ?? null) : null;
  }
  if (!(WASI_MODULES as readonly string[]).includes(module)) return null;
  return Object.hasOwn(WASI_IMPORTS, name) ? (WASI_IMPORTS[name] ?? null) : null;
}

function hint(name: string): string {
  if (name === "abort" || name === "seed" || name === "trace") {
    return '. This is AssemblyScript\'s own runtime import: extend "proxy-wasm-as/asconfig.json", which replaces it';
  }
  return "";
}

function checkExports(summary: WasmSummary): void {
  for (const { name, kind, signature } of summary.exports) {
    if ((kind === "function" || kind === "global") && signature?.includes("v")) {
      throw new HostError(
        "vector-export",
        `the exported ${kind} ${name} has v128 in its type (${kind === "function" ? describeSignature(signature) : "v128"}); Envoy's V8 aborts the whole proxy when it loads such a module. Do not export it; SIMD inside the module is fine`,
      );
    }
  }
  const seen = new Set<string>();
  for (const { name, kind, signature } of summary.exports) {
    if (kind !== "function" || !Object.hasOwn(GUEST_EXPORTS, name)) continue;
    seen.add(name);
    const wanted = GUEST_EXPORTS[name] ?? "";
    if (signature === wanted) continue;
    throw new HostError(
      "export-type",
      `the module exports ${name} as ${describeSignature(signature ?? "")}, but the ABI has ${describeSignature(wanted)}; Envoy refuses it with "Bad function signature for: ${name}"`,
    );
  }
  if (!seen.has("malloc") && !seen.has("proxy_on_memory_allocate")) {
    throw new HostError(
      "missing-allocator",
      'the module exports neither malloc nor proxy_on_memory_allocate; Envoy refuses it with "Wasm module is missing malloc function."',
    );
  }
}

function checkMemory(summary: WasmSummary): MemoryLimits | null {
  const imported = summary.imports.find((entry) => entry.kind === "memory")?.memory ?? null;
  const limits = imported ?? summary.memory?.limits ?? null;
  if (limits !== null && limits.minimum > MAX_MEMORY_PAGES) {
    throw new HostError(
      "memory-limit",
      `the module asks for ${limits.minimum} pages of memory at least; Envoy allows ${MAX_MEMORY_PAGES} (1 GiB) and refuses it with "Failed to create new Wasm instance"`,
    );
  }
  return imported;
}

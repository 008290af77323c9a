// A compiled module that Envoy would accept: the checks a proxy makes before it runs one.
import { abiVersionOf, MAX_MEMORY_PAGES, moduleProblems } from "./module-checks.ts";
import { HostError } from "./errors.ts";
import { limitMemory, readWasm } from "./wasm-reader.ts";
import { webAssembly } from "./webassembly.ts";
import type { AbiVersion } from "./export-table.ts";
import type { CompiledModule } from "./webassembly.ts";
import type { MemoryLimits } from "./binary-reader.ts";
import type { WasmImport, WasmSummary } from "./wasm-reader.ts";

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
  const abiVersion = runnableVersion(summary);
  const importedMemory = summary.imports.find((entry) => entry.kind === "memory")?.memory ?? null;
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

/** The version of the ABI that the module speaks, if Envoy knows it and this host runs it. */
function runnableVersion(summary: WasmSummary): AbiVersion {
  const version = abiVersionOf(summary);
  if (version === "0.1.0") {
    throw new HostError(
      "abi-version",
      "the module is built for Proxy-Wasm ABI 0.1.0, which Envoy loads but this host does not run; build it for 0.2.1",
    );
  }
  const [problem] = moduleProblems(summary);
  if (problem !== undefined) throw new HostError(problem.code, problem.message);
  // Without a version there is a problem.
  return version as AbiVersion;
}

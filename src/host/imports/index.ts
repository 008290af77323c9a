// The import object of a VM: every function that Envoy offers, guarded by capability and by phase.
import { bufferImports } from "./buffers.ts";
import { calloutImports } from "./callouts.ts";
import { headerImports } from "./headers.ts";
import { lifecycleImports } from "./lifecycle.ts";
import { sharedImports } from "./shared.ts";
import { streamImports } from "./streams.ts";
import { wasiImports } from "./wasi.ts";
import { WASI_IMPORTS, WASI_MODULES } from "../import-table.ts";
import { Status } from "../statuses.ts";
import type { HostFunction } from "../vm-options.ts";
import type { Vm } from "../vm.ts";

const WASI_ENOTCAPABLE = 76;

/** The functions that this VM imports, by module and name. Made once per VM. */
export function createImports(vm: Vm): Record<string, Record<string, unknown>> {
  const env: Record<string, HostFunction> = {
    ...lifecycleImports(vm),
    ...headerImports(vm),
    ...bufferImports(vm),
    ...streamImports(vm),
    ...calloutImports(vm),
    ...sharedImports(vm),
  };
  const wasi = wasiImports(vm);
  const imports: Record<string, Record<string, unknown>> = { env: {} };
  for (const name of WASI_MODULES) imports[name] = {};
  for (const { module, name, kind } of vm.module.imports) {
    if (kind !== "function") continue;
    const isWasi = module !== "env";
    const call = (isWasi ? wasi : env)[name]!;
    imports[module]![name] = allowed(vm, name)
      ? guard(vm, name, isWasi, vm.options.intercept?.(name, call) ?? call)
      : denied(vm, name, isWasi);
  }
  return imports;
}

function allowed(vm: Vm, name: string): boolean {
  const { capabilities } = vm.options;
  return (
    capabilities === null ||
    capabilities.has(name) ||
    (!name.startsWith("proxy_") && !Object.hasOwn(WASI_IMPORTS, name))
  );
}

function denied(vm: Vm, name: string, wasi: boolean): HostFunction {
  return () => {
    vm.options.report(4, `Attempted call to restricted ${wasi ? "WASI" : "proxy-wasm"} capability: ${name}`);
    return wasi ? WASI_ENOTCAPABLE : Status.InternalFailure;
  };
}

/** Checks the phase before each call. One wrapper per arity, because rest parameters would cost an array a call. */
function guard(vm: Vm, name: string, wasi: boolean, host: HostFunction): HostFunction {
  const call = host as (...parameters: unknown[]) => number | void;
  switch (call.length) {
    case 0:
      return () => (vm.enter(name, wasi), call());
    case 1:
      return (a) => (vm.enter(name, wasi), call(a));
    case 2:
      return (a, b) => (vm.enter(name, wasi), call(a, b));
    case 3:
      return (a, b, c) => (vm.enter(name, wasi), call(a, b, c));
    case 4:
      return (a, b, c, d) => (vm.enter(name, wasi), call(a, b, c, d));
    case 5:
      return (a, b, c, d, e) => (vm.enter(name, wasi), call(a, b, c, d, e));
    default:
      return (...parameters) => (vm.enter(name, wasi), call(...parameters));
  }
}

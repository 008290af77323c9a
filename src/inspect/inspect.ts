// Looks at a module as Envoy 1.40 would, and at where its bytes are.
import { gzipSync } from "node:zlib";

import {
  abiVersionOf,
  describeSignature,
  exportsOf,
  HostError,
  offeredType,
  readWasm,
  webAssembly,
} from "../host/index.ts";
import { findingsOf } from "./findings.ts";
import { measure } from "./sizes.ts";
import type { AbiVersion, WasmSummary } from "../host/index.ts";
import type { InspectedExport, InspectedImport, Inspection } from "./inspection.ts";

/**
 * Finds out everything about a module. It is started once, in a host that lets it do nothing but log.
 *
 * @throws HostError `invalid-module` if this is no module that V8 accepts.
 */
export async function inspect(bytes: Uint8Array): Promise<Inspection> {
  await validate(bytes);
  const summary = readWasm(bytes);
  const version = abiVersionOf(summary);
  const functions = summary.imports.filter(({ kind }) => kind === "function").length;
  const exported = new Map(
    summary.exports.filter(({ kind }) => kind === "function").map(({ name, index }) => [index, name]),
  );
  const findings = await findingsOf(bytes, summary);
  return {
    bytes: bytes.length,
    gzipBytes: gzipSync(bytes, { level: 9 }).length,
    abiVersion: version,
    imports: summary.imports.map((each) => inspectImport(each, version)),
    exports: summary.exports.map((each) => inspectExport(each, version)),
    memory: memoryOf(summary),
    startSection: summary.hasStart,
    names: summary.hasNames,
    ...measure(bytes, functions, exported),
    findings,
    verdict: findings.some(({ level }) => level === "crash")
      ? "crash"
      : findings.some(({ level }) => level === "refused")
        ? "refused"
        : "loads",
  };
}

async function validate(bytes: Uint8Array): Promise<void> {
  try {
    await webAssembly.compile(bytes);
  } catch (error) {
    const { message } = error as Error;
    throw new HostError("invalid-module", `this is not a valid WebAssembly module: ${message}`, error);
  }
}

function inspectImport(each: WasmSummary["imports"][number], version: AbiVersion | null): InspectedImport {
  const { module, name, kind, signature } = each;
  const memory = kind === "memory" && module === "env" && name === "memory";
  return {
    module,
    name,
    kind,
    type: kind === "function" ? describeSignature(signature ?? "") : null,
    offered:
      memory || (kind === "function" && offeredType(module, name, version ?? "0.2.1") === (signature ?? "")),
  };
}

function inspectExport(each: WasmSummary["exports"][number], version: AbiVersion | null): InspectedExport {
  const { name, kind, signature } = each;
  return {
    name,
    kind,
    type: kind === "function" ? describeSignature(signature ?? "") : null,
    role: kind === "function" ? roleOf(name, version ?? "0.2.1") : name === "memory" ? "memory" : "ignored",
  };
}

function roleOf(name: string, version: AbiVersion): InspectedExport["role"] {
  if (name.startsWith("proxy_abi_version_")) return "abi";
  if (!Object.hasOwn(exportsOf(version), name)) return "ignored";
  if (name === "malloc" || name === "proxy_on_memory_allocate") return "allocator";
  return /^(?:proxy|envoy)_/.test(name) ? "callback" : "start";
}

function memoryOf(summary: WasmSummary): Inspection["memory"] {
  const imported = summary.imports.find(({ kind }) => kind === "memory")?.memory;
  const limits = imported ?? summary.memory?.limits;
  if (limits === undefined) return null;
  return { minimum: limits.minimum, maximum: limits.maximum, imported: imported !== undefined };
}

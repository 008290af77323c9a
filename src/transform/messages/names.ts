// Rules for names that do not exist: of the web and of Node, of packages and files, of callbacks and members.
import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { DiagnosticCode } from "assemblyscript";
import { OVERRIDABLE } from "../callbacks.ts";
import { sdkFile } from "../sdk.ts";
import { closest } from "../spelling.ts";
import type { Mistake, Rule } from "./rule.ts";

const NO_NETWORK =
  "does not exist in a filter: it cannot open connections itself, the proxy calls other services for it (HTTP callouts).";

/** Timers belong to a root context. */
function noTimer(call: string): string {
  return `is no function in a filter: timers are methods of RootContext, as in '${call}'.`;
}

const NO_UTILITY =
  "does not exist in AssemblyScript, which has no TypeScript utility types: name a class, or use Map<K, V>.";
const NO_ASYNC =
  "does not exist in AssemblyScript: a callback returns at once, and the host calls again when there is more.";

/** Names that a web developer expects. What follows the name in the sentence. */
const UNKNOWN_NAMES: Readonly<Record<string, string>> = {
  any: "does not exist in AssemblyScript: write the type, or make the function generic ('<T>').",
  unknown: "does not exist in AssemblyScript: write the type, or make the function generic ('<T>').",
  never: "does not exist in AssemblyScript: use void.",
  object: "is no type of AssemblyScript: name a class.",
  undefined: "does not exist in AssemblyScript: what is absent is null.",
  JSON: "does not exist in AssemblyScript: use a package made for it, such as assemblyscript-json or json-as.",
  RegExp: "does not exist in AssemblyScript: use indexOf, includes, startsWith or split.",
  Intl: "does not exist in AssemblyScript.",
  URL: 'does not exist in a filter: take the path from requestHeaders.get(":path") and split it.',
  URLSearchParams: 'does not exist in a filter: take the path from requestHeaders.get(":path") and split it.',
  TextEncoder: "does not exist in AssemblyScript: use String.UTF8.encode.",
  TextDecoder: "does not exist in AssemblyScript: use String.UTF8.decode, or text() of a body.",
  BigInt: "does not exist in AssemblyScript: use i64 or u64.",
  Promise: NO_ASYNC,
  queueMicrotask: NO_ASYNC,
  setTimeout: noTimer("this.setTimeout(1000, () => { ... })"),
  setInterval: noTimer("this.setInterval(1000, () => { ... })"),
  setImmediate: noTimer("this.setTimeout(0, () => { ... })"),
  clearTimeout: noTimer("this.clearTimer(id)"),
  clearInterval: noTimer("this.clearTimer(id)"),
  fetch: NO_NETWORK,
  XMLHttpRequest: NO_NETWORK,
  WebSocket: NO_NETWORK,
  Request:
    "does not exist in a filter: the request is this.requestHeaders and this.requestBody of an HttpContext.",
  Response:
    "does not exist in a filter: the response is this.responseHeaders and this.responseBody of an HttpContext.",
  Headers: "does not exist in a filter: use this.requestHeaders and this.responseHeaders of an HttpContext.",
  window: "does not exist in a filter.",
  document: "does not exist in a filter.",
  globalThis: "does not exist in AssemblyScript: use a top-level variable.",
  require: "does not exist in AssemblyScript: use import at the top of the file.",
  module: "does not exist in AssemblyScript: use export.",
  delete: "does not exist in AssemblyScript: set the field to null, or use a Map.",
  Record: NO_UTILITY,
  Partial: NO_UTILITY,
  Required: NO_UTILITY,
  Readonly: NO_UTILITY,
  Pick: NO_UTILITY,
  Omit: NO_UTILITY,
};

function unknownName({ message, program }: Mistake): string | null {
  const name = /^Cannot find name '(.+)'\.$/.exec(message)?.[1];
  if (name === undefined) return null;
  if (sdkFile(program, "index")?.exports?.has(name))
    return `'${name}' is not imported: add it to import { ... } from "proxy-wasm-as".`;
  return Object.hasOwn(UNKNOWN_NAMES, name) ? `'${name}' ${UNKNOWN_NAMES[name]}` : null;
}

/** Whether a package is in a node_modules folder where asc looks. */
function isInstalled(packageName: string, folder: string): boolean {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, "node_modules", packageName))) return true;
    if (dirname(at) === at) return false;
  }
}

function missingFile({ message, folder }: Mistake): string | null {
  const path = /^File '~lib\/(.+?)(?:\.ts)?' not found\.$/.exec(message)?.[1];
  if (path === undefined) return null;
  const packageName = /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path;
  if (packageName === "proxy-wasm-as") {
    const rest = path.slice(packageName.length + 1);
    if (isInstalled(packageName, folder))
      return `The package proxy-wasm-as has no file '${rest}': import { ... } from "proxy-wasm-as".`;
    return "proxy-wasm-as is not installed where asc runs: start asc in the project's folder, the one with asconfig.json, after 'npm install'.";
  }
  if (path.startsWith("node:") || isBuiltin(path))
    return `'${path}' belongs to Node.js, and a filter does not run there: it has no files, processes or sockets.`;
  return isInstalled(packageName, folder)
    ? `The package '${packageName}' is installed but has no AssemblyScript source for '${path}': packages written in JavaScript cannot be used in a filter.`
    : `The package '${packageName}' is not installed. Only packages written in AssemblyScript can be used in a filter, not those in JavaScript.`;
}

function misspeltOverride({ message, at }: Mistake): string | null {
  const base = /declared in the base class '(.+)'\.$/.exec(message)?.[1];
  if (base === undefined) return null;
  const meant = closest(at, OVERRIDABLE.keys());
  return meant === null
    ? `'${at}' overrides nothing: ${base} has no such method. Take away 'override' if it is a method of your own.`
    : `'${at}' is no callback of ${base}: did you mean '${meant}'?`;
}

/** asc fills the namespace of `import * as sdk from "proxy-wasm-as"` before it knows what the package exports. */
function emptyNamespace({ message, before, program }: Mistake): string | null {
  const name = /^Property '(.+)' does not exist on type '/.exec(message)?.[1];
  const namespace = /\b([A-Za-z_]\w*)\s*\.\s*$/.exec(before)?.[1];
  if (name === undefined || namespace === undefined) return null;
  if (!new RegExp(`\\*\\s*as\\s+${namespace}\\s+from\\s+["']proxy-wasm-as["']`).test(before)) return null;
  return sdkFile(program, "index")?.exports?.has(name)
    ? `'${namespace}' stays empty, since AssemblyScript cannot import this package as a namespace: import by name, as in 'import { ${name} } from "proxy-wasm-as"'.`
    : null;
}

export const NAME_RULES: readonly Rule[] = [
  { code: DiagnosticCode.Cannot_find_name_0, explain: unknownName },
  { code: DiagnosticCode.Property_0_does_not_exist_on_type_1, explain: emptyNamespace },
  { code: DiagnosticCode.File_0_not_found, explain: missingFile },
  {
    code: DiagnosticCode.This_member_cannot_have_an_override_modifier_because_it_is_not_declared_in_the_base_class_0,
    explain: misspeltOverride,
  },
];

// What Envoy refuses, dies of, or silently ignores in a module, and what other hosts want.
import { abiVersionOf, exportsOf, moduleProblems } from "../host/index.ts";
import { tryStart } from "./trial.ts";
import type { Finding, Level } from "./inspection.ts";
import type { WasmSummary } from "../host/index.ts";

const HTTP_CALLBACK = /^proxy_on_(?:request|response)_(?:headers|body|trailers)$/;

const LEVELS = {
  "start-section-hostcall": "crash",
  "initialize-failed": "refused",
  "start-not-tried": "note",
} as const;

/** Everything there is to say, worst first. The module is one that V8 has found valid. */
export async function findingsOf(bytes: Uint8Array, summary: WasmSummary): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const { code, message } of moduleProblems(summary))
    found.push({ level: code === "vector-export" ? "crash" : "refused", code, message });
  const version = abiVersionOf(summary);
  // The embedded host does not run the oldest version.
  if (found.length === 0 && version !== "0.1.0") {
    const failed = await tryStart(bytes);
    if (failed !== null) found.push({ level: LEVELS[failed.code], ...failed });
  }
  found.push(...warnings(summary), ...notes(summary));
  const order: readonly Level[] = ["crash", "refused", "warning", "note"];
  return found.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

/** Names of the functions that the module exports. */
function functionsOf(summary: WasmSummary): Set<string> {
  return new Set(summary.exports.filter(({ kind }) => kind === "function").map(({ name }) => name));
}

function* warnings(summary: WasmSummary): Generator<Finding> {
  const level = "warning";
  const functions = functionsOf(summary);
  const version = abiVersionOf(summary);
  if (version === null) return;
  if (version === "0.1.0") {
    yield {
      level,
      code: "old-abi",
      message:
        "the module speaks ABI 0.1.0, not 0.2.1: a header that is absent reads as an empty one, and the embedded host " +
        "of proxy-wasm-as does not run it",
    };
  }
  const known = exportsOf(version);
  const unknown = [...functions].filter(
    (name) => /^(?:proxy|envoy)_on_/.test(name) && !Object.hasOwn(known, name),
  );
  if (unknown.length > 0) {
    yield {
      level,
      code: "unknown-callback",
      message: `Envoy never calls ${list(unknown)}: ${unknown.length === 1 ? "that is no callback" : "those are no callbacks"} of ABI ${version}`,
    };
  }
  const callbacks = [...functions].filter(
    (name) => /_on_(?!memory_allocate)/.test(name) && Object.hasOwn(known, name),
  );
  if (callbacks.length === 0) {
    yield {
      level,
      code: "no-callbacks",
      message:
        "the module exports no callback, so it never runs once it is loaded: has the filter been registered?",
    };
  }
  const memory = summary.exports.some(({ name, kind }) => name === "memory" && kind === "memory");
  if (!memory && callbacks.length > 0 && !summary.imports.some(({ kind }) => kind === "memory")) {
    yield {
      level,
      code: "memory-not-exported",
      message:
        'the module does not export its memory as "memory", so the host functions can neither read nor write it',
    };
  }
  if (!functions.has("_initialize")) {
    for (const name of ["main", "__main_void"].filter((each) => functions.has(each))) {
      yield {
        level,
        code: "main-not-called",
        message: `Envoy calls ${name} only after _initialize, which the module does not export: it never runs`,
      };
    }
  } else if (functions.has("_start")) {
    yield { level, code: "start-not-called", message: "Envoy calls _initialize, so it never calls _start" };
  }
  if (summary.imports.some(({ name }) => name === "emscripten_notify_memory_growth")) {
    yield {
      level,
      code: "growth-notice",
      message:
        "the module imports emscripten_notify_memory_growth, which Envoy forbids while it asks the module for memory: a large body or header can end the VM, if the allocator reports growth through it",
    };
  }
}

function* notes(summary: WasmSummary): Generator<Finding> {
  const functions = functionsOf(summary);
  if (abiVersionOf(summary) === "0.2.0") {
    yield {
      level: "note",
      code: "old-abi",
      message:
        "the module speaks ABI 0.2.0, which has no proxy_get_log_level; the newest that Envoy knows is 0.2.1",
    };
  }
  if (functions.has("malloc") && !functions.has("proxy_on_memory_allocate")) {
    yield {
      level: "note",
      code: "malloc-only",
      message:
        "the allocator is exported as malloc alone: the test host of the Go SDK wants proxy_on_memory_allocate",
    };
  }
  if ([...functions].some((name) => HTTP_CALLBACK.test(name)) && !functions.has("proxy_on_response_body")) {
    yield {
      level: "note",
      code: "no-response-body",
      message:
        "proxy_on_response_body is not exported: fine for Envoy, but Kong's ngx_wasm_module wants it. " +
        'Our preset keeps all callbacks with "use": ["PROXY_WASM_AS_KEEP_CALLBACKS=1"] in the options',
    };
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

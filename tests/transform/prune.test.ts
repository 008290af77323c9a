// Which callbacks a module exports, depending on what its filters receive.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "assemblyscript";
import { beforeAll, describe, expect, test } from "vitest";
import { CALLBACK_RULES, OVERRIDABLE } from "../../src/transform/callbacks.ts";
import ProxyWasmTransform, { pruneReport, type PruneReport } from "../../src/transform/index.ts";
import { mayNameRootId } from "../../src/transform/mentions.ts";
import { compile, ROOT, withFilter, type CompileOptions } from "./compile.ts";

const ALWAYS = ["proxy_abi_version_0_2_1", "proxy_on_memory_allocate"];

/** What a module needs whose streams or roots have objects; stream-objects.test.ts has the cases. */
const OBJECTS = ["proxy_on_context_create", "proxy_on_delete"];
/** The same where the filter cannot tell when its streams begin. */
const LATE_OBJECTS = ["proxy_on_delete"];

const HEADERS = "(n: u32, e: bool): FilterHeadersStatus { return FilterHeadersStatus.Continue; }";

/** Compiles without optimizing, and returns what was kept and removed. */
async function prune(files: Record<string, string>, options: CompileOptions = {}): Promise<PruneReport> {
  let program: Program | undefined;
  // As a build tool would do it: a transform of its own that reads the report at the end.
  class Spy {
    declare readonly program: Program;
    afterInitialize(): void {
      program = this.program;
    }
  }
  const { messages } = await compile(files, { ...options, transforms: [Spy, ProxyWasmTransform] });
  expect(messages.filter((it) => it.severity === "error")).toEqual([]);
  const report = program && pruneReport(program);
  if (!report) throw new Error("no report");
  return report;
}

function filter(text: string): Record<string, string> {
  return { "assembly/index.ts": withFilter(text) };
}

/** A program, and the callbacks that stay beside those that always do. */
const CASES: readonly (readonly [name: string, text: string, kept: readonly string[]])[] = [
  ["a filter that receives nothing", "class A extends HttpContext {}\nregisterHttpContext<A>();", []],
  [
    "one callback",
    `class A extends HttpContext { override onRequestHeaders${HEADERS} }\nregisterHttpContext<A>();`,
    ["proxy_on_request_headers"],
  ],
  [
    "a callback without the word override",
    `class A extends HttpContext { onResponseHeaders${HEADERS} }\nregisterHttpContext<A>();`,
    ["proxy_on_response_headers"],
  ],
  [
    "callbacks of an indirect base",
    `class B extends HttpContext { override onLog(): void {} }\nclass C extends B { override onRequestHeaders${HEADERS} }\nclass A extends C {}\nregisterHttpContext<A>();`,
    [...OBJECTS, "proxy_on_log", "proxy_on_request_headers"],
  ],
  [
    "callbacks of a generic base",
    `abstract class B<T> extends HttpContext { x: T | null = null; override onResponseHeaders${HEADERS} }\nclass A extends B<string> {}\nregisterHttpContext<A>();`,
    [...LATE_OBJECTS, "proxy_on_response_headers"],
  ],
  [
    "callbacks of a class in a namespace",
    `namespace N { export class A extends HttpContext { override onRequestHeaders${HEADERS} } }\nregisterHttpContext<N.A>();`,
    ["proxy_on_request_headers"],
  ],
  [
    "methods of that name in a class that is no context",
    `class Other { onRequestHeaders${HEADERS} onTick(): void {} }\nnew Other();\nclass A extends HttpContext {}\nregisterHttpContext<A>();`,
    [],
  ],
  [
    "a static method of that name",
    `class A extends HttpContext { static onRequestHeaders${HEADERS} }\nregisterHttpContext<A>();`,
    [],
  ],
  [
    "a whole request body",
    "class A extends HttpContext {\noverride onRequestHeaders(n: u32, e: bool): FilterHeadersStatus { return this.bufferRequestBody(9); }\noverride onRequestBodyComplete(n: u32): FilterDataStatus { return FilterDataStatus.Continue; } }\nregisterHttpContext<A>();",
    [...LATE_OBJECTS, "proxy_on_request_headers", "proxy_on_request_body", "proxy_on_request_trailers"],
  ],
  [
    "a limit for the response body, without a hook",
    "class A extends HttpContext {\noverride onResponseHeaders(n: u32, e: bool): FilterHeadersStatus { return this.bufferResponseBody(9); } }\nregisterHttpContext<A>();",
    [...LATE_OBJECTS, "proxy_on_response_headers", "proxy_on_response_body", "proxy_on_response_trailers"],
  ],
  [
    "a root, for its configuration",
    "class R extends RootContext {}\nclass A extends HttpContext {}\nregisterRootContext<R>();\nregisterHttpContext<A>();",
    [...OBJECTS, "proxy_on_configure"],
  ],
  [
    "a root that works in the background",
    "class R extends RootContext { override onVmStart(n: u32): bool { return true; } override onTick(): void {} override onQueueReady(q: u32): void {} override onDone(): bool { return true; } }\nregisterRootContext<R>();",
    [
      ...OBJECTS,
      "proxy_on_done",
      "proxy_on_vm_start",
      "proxy_on_configure",
      "proxy_on_tick",
      "proxy_on_queue_ready",
    ],
  ],
  [
    "a root that sets a timer",
    "class R extends RootContext { override onVmStart(n: u32): bool { this.setTimeout(5, () => {}); return true; } }\nregisterRootContext<R>();",
    [...OBJECTS, "proxy_on_vm_start", "proxy_on_configure", "proxy_on_tick"],
  ],
  [
    "a TCP filter, with the callback that tells it from HTTP",
    "class A extends TcpContext { override onDownstreamData(n: u32, e: bool): FilterStatus { return FilterStatus.Continue; } }\nregisterTcpContext<A>();",
    [...OBJECTS, "proxy_on_new_connection", "proxy_on_downstream_data"],
  ],
];

describe("the callbacks that stay", () => {
  test.each(CASES)("%s", async (_name, text, kept) => {
    const report = await prune(filter(text));
    expect(report).toEqual({
      kept: CALLBACK_RULES.map((rule) => rule.exportName).filter((name) => kept.includes(name)),
      removed: CALLBACK_RULES.map((rule) => rule.exportName).filter((name) => !kept.includes(name)),
      skipped: null,
    });
  });

  test("a base class from another package", async () => {
    const report = await prune({
      "assembly/index.ts": withFilter(
        'import { Base } from "filters";\nclass A extends Base {}\nregisterHttpContext<A>();',
      ),
      "node_modules/filters/index.ts": withFilter(
        `export class Base extends HttpContext { override onRequestHeaders${HEADERS} }`,
      ),
    });
    expect(report.kept).toEqual(["proxy_on_request_headers"]);
  });

  test("all of them, where the build asks for it", async () => {
    const report = await prune(filter("class A extends HttpContext {}\nregisterHttpContext<A>();"), {
      use: ["PROXY_WASM_AS_KEEP_CALLBACKS=1"],
    });
    expect(report).toMatchObject({ removed: [], skipped: "kept by option" });
  });

  test("nothing to remove in a build without the preset's entry", async () => {
    const report = await prune({ "assembly/index.ts": "export function f(): void {}" }, { preset: false });
    expect(report).toEqual({ kept: [], removed: [], skipped: "no entry of the preset" });
  });
});

interface Extern {
  readonly module: string;
  readonly name: string;
}

/** What Node's types leave out. */
const webAssembly = (
  globalThis as unknown as {
    WebAssembly: {
      Module: {
        new (bytes: Uint8Array): object;
        imports(module: object): Extern[];
        exports(module: object): Extern[];
      };
    };
  }
).WebAssembly;

test("every exported callback has a rule or always stays", () => {
  const text = readFileSync(join(ROOT, "assembly/exports.ts"), "utf8");
  const exported = [...text.matchAll(/^export (?:function |\{ )((?:proxy|envoy)_\w+)/gm)].map(
    (match) => match[1],
  );
  expect(exported.toSorted()).toEqual(
    [...ALWAYS, ...CALLBACK_RULES.map((rule) => rule.exportName)].toSorted(),
  );
});

test("the table names every method that the contexts offer for overriding, in its class", () => {
  for (const [name, context] of OVERRIDABLE) {
    const file = {
      BaseContext: "base-context",
      StreamContext: "context",
      HttpContext: "http-context",
      TcpContext: "tcp-context",
      RootContext: "root-context",
    }[context];
    const text = readFileSync(join(ROOT, `assembly/${file}.ts`), "utf8");
    expect(text.slice(text.indexOf(`class ${context} `))).toMatch(new RegExp(`^  ${name}\\(`, "m"));
  }
  const declared = ["base-context", "context", "http-context", "tcp-context", "root-context"].flatMap(
    (file) => {
      const text = readFileSync(join(ROOT, `assembly/${file}.ts`), "utf8");
      const classes = text.slice(text.indexOf("export abstract class "));
      return [...classes.matchAll(/^ {2}(on[A-Z]\w*|create\w+)\(/gm)].map((it) => it[1]);
    },
  );
  expect([...OVERRIDABLE.keys()].toSorted()).toEqual(declared.toSorted());
});

describe("the hello example as released", () => {
  let module: object;
  let size = 0;

  beforeAll(async () => {
    const source = readFileSync(join(ROOT, "examples/hello/assembly/index.ts"), "utf8");
    const { wasm, messages } = await compile({ "assembly/index.ts": source }, { release: true });
    expect(messages).toEqual([]);
    if (!wasm) throw new Error("no module");
    size = wasm.byteLength;
    module = new webAssembly.Module(wasm);
  });

  test("stays below 6,000 bytes", () => {
    expect(size).toBeLessThan(6000);
  });

  test("imports only what it uses", () => {
    const imports = webAssembly.Module.imports(module).map((it) => `${it.module}.${it.name}`);
    expect(imports.toSorted()).toEqual(["env.proxy_add_header_map_value"]);
  });

  test("exports only what it receives", () => {
    const exports = webAssembly.Module.exports(module).map((it) => it.name);
    expect(exports.toSorted()).toEqual(
      [...ALWAYS, "_initialize", "memory", "proxy_on_response_headers"].toSorted(),
    );
  });
});

test.each([
  ["registerHttpContext<A>();", false],
  ["registerHttpContext<Map<string, A>>();", false],
  ['import { registerHttpContext, x } from "proxy-wasm-as";', false],
  ['registerHttpContext<A>("a");', true],
  ["registerHttpContext<A>(ID);", true],
  ['import { registerHttpContext as serve } from "proxy-wasm-as";', true],
  ['import * as sdk from "proxy-wasm-as/assembly";', true],
])("%s may name a root id: %s", (text, expected) => {
  expect(mayNameRootId(text)).toBe(expected);
});

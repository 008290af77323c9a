// How little of an object a stream gets: none for a filter without state, and only where that is certain.
import { describe, expect, test } from "vitest";

import { createHost } from "../../src/testing/index.ts";
import { startStub } from "../guest/stub-host.ts";
import { buildFilter, tryBuild } from "../support/asc.ts";
import { compile, withFilter } from "./compile.ts";

const CREATE = "proxy_on_context_create";
const DELETE = "proxy_on_delete";

/** The exports of a release build of this program. */
async function exportsOf(
  files: string | Record<string, string>,
  use: readonly string[] = [],
): Promise<string[]> {
  const sources = typeof files === "string" ? { "assembly/index.ts": withFilter(files) } : files;
  const { wasm, messages } = await compile(sources, { release: true, use });
  expect(messages.filter(({ severity }) => severity === "error")).toEqual([]);
  const module = await WebAssembly.compile(wasm ?? new Uint8Array());
  return WebAssembly.Module.exports(module).map(({ name }) => name);
}

const continued = "return FilterHeadersStatus.Continue;";
const onRequest = (statements: string): string =>
  `override onRequestHeaders(n: u32, e: bool): FilterHeadersStatus { ${statements} ${continued} }`;
const filter = (members: string): string => `class A extends HttpContext { ${members} }
registerHttpContext<A>();`;

/** Programs in which one object serves all streams. */
const STATELESS: readonly (readonly [name: string, text: string])[] = [
  ["headers and bodies", filter(onRequest('this.requestHeaders.set("a", "b"); this.requestBody.length;'))],
  [
    "methods and accessors of its own",
    filter(`${onRequest("this.help(this.size); this.size = 1;")}
    help(n: i32): void { this.responseHeaders.remove("a"); }
    get size(): i32 { return 1; }
    set size(n: i32) {}`),
  ],
  [
    "static members",
    filter(`static count: i32 = 0; ${onRequest("A.count++; A.help();")} static help(): void {}`),
  ],
  [
    "a base class, and what it does itself",
    `class B extends HttpContext { ${onRequest("")} }
    class A extends B { ${onRequest("super.onRequestHeaders(n, e); super.onResponseHeaders(n, e);")} }
    registerHttpContext<A>();`,
  ],
  [
    "a generic base class",
    `class B<T> extends HttpContext { ${onRequest("")} help(x: T): void {} }
    class A extends B<i32> {}
    registerHttpContext<A>();`,
  ],
  ["state outside of it", `let count = 0;\n${filter(onRequest("count++;"))}`],
];

test.each(STATELESS)("no object for %s", async (_name, text) => {
  const names = await exportsOf(text);
  expect(names).not.toContain(CREATE);
  expect(names).not.toContain("proxy_on_delete");
});

/** Programs in which each stream needs an object of its own. */
const STATEFUL: readonly (readonly [name: string, text: string])[] = [
  ["a field", filter(`n: i32 = 0; ${onRequest("")}`)],
  [
    "a field that nothing uses, of a base class",
    `class B extends HttpContext { n: i32 = 0; }
    class A extends B { ${onRequest("")} }
    registerHttpContext<A>();`,
  ],
  [
    "a field of another filter class",
    `class B extends HttpContext { n: i32 = 0; }\n${filter(onRequest(""))}`,
  ],
  ["a constructor", filter(`constructor() { super(); } ${onRequest("")}`)],
  [
    "a parameter that is a property",
    `class B extends HttpContext { constructor(public n: i32) { super(); } }
    class A extends B { constructor() { super(1); } }
    registerHttpContext<A>();`,
  ],
  ["onDelete", filter(`${onRequest("")} override onDelete(): void {}`)],
  ["onDone", filter("override onDone(): bool { return true; }")],
  ["onLog", filter("override onLog(): void {}")],
  [
    "onLog of a base class",
    `class B extends HttpContext { override onLog(): void {} }
    class A extends B {}
    registerHttpContext<A>();`,
  ],
  ["its id", filter(onRequest('if (this.contextId == 3) this.requestHeaders.remove("a");'))],
  [
    "a local response",
    filter(
      "override onResponseHeaders(n: u32, e: bool): FilterHeadersStatus { return this.sendLocalResponse(403); }",
    ),
  ],
  ["a request to resume", filter(onRequest("this.resumeRequest();"))],
  ["this in a variable", filter(onRequest("const self = this; self.requestHeaders;"))],
  ["this as an argument", `function help(a: HttpContext): void {}\n${filter(onRequest("help(this);"))}`],
  ["this as a result", filter("me(): A { return this; }")],
  ["this that is kept", `let last: A | null = null;\n${filter(onRequest("last = this;"))}`],
  [
    "this that is compared",
    `let last: A | null = null;\n${filter(onRequest("if (last == this) last = null;"))}`,
  ],
  ["this in parentheses", filter(onRequest("(this).contextId;"))],
  ["this behind a cast", filter(onRequest("(<HttpContext>this).contextId;"))],
  ["this in an accessor", filter("get me(): A { return this; }")],
  ["a root", `class R extends RootContext {}\nregisterRootContext<R>();\n${filter(onRequest(""))}`],
  [
    "a TCP filter beside it",
    `class T extends TcpContext {}\nregisterTcpContext<T>();\n${filter(onRequest(""))}`,
  ],
  ["a root id", `class A extends HttpContext { ${onRequest("")} }\nregisterHttpContext<A>("a");`],
];

test.each(STATEFUL)("an object of its own for %s", async (_name, text) => {
  expect(await exportsOf(text)).toContain(DELETE);
});

/** Programs whose streams may come with their first callback: nothing of the filter runs before it. */
const LATE: readonly (readonly [name: string, text: string])[] = [
  ["fields that begin as nothing", filter(`n: i32 = 0; s: string | null = null; ${onRequest("")}`)],
  ["its id", filter(onRequest('if (this.contextId == 3) this.requestHeaders.remove("a");'))],
  ["a request to resume", filter(onRequest("this.resumeRequest();"))],
  ["a body to collect", filter(`n: i32 = 0; ${onRequest("this.bufferRequestBody(5);")}`)],
];

test.each(LATE)("no callback for a new stream with %s", async (_name, text) => {
  const names = await exportsOf(text);
  expect(names).toContain(DELETE);
  expect(names).not.toContain(CREATE);
});

/** Programs whose streams have to be there when the host tells of them. */
const EAGER: readonly (readonly [name: string, text: string])[] = [
  ["a constructor", filter(`constructor() { super(); } ${onRequest("")}`)],
  ["a field that begins as a number", filter(`n: i32 = 1; ${onRequest("")}`)],
  ["a field that begins as a text", filter(`s: string = ""; ${onRequest("")}`)],
  ["onDelete", filter(`${onRequest("")} override onDelete(): void {}`)],
  ["onDone", filter(`${onRequest("")} override onDone(): bool { return true; }`)],
  ["onLog", filter(`${onRequest("")} override onLog(): void {}`)],
  [
    "onLog of another class",
    `class B extends HttpContext { override onLog(): void {} }\n${filter(onRequest(""))}`,
  ],
  [
    "a root",
    `class R extends RootContext {}\nregisterRootContext<R>();\n${filter(`n: i32 = 0; ${onRequest("")}`)}`,
  ],
  [
    "a TCP filter beside it",
    `class T extends TcpContext {}\nregisterTcpContext<T>();\n${filter(`n: i32 = 0; ${onRequest("")}`)}`,
  ],
  ["a root id", `class A extends HttpContext { n: i32 = 0; ${onRequest("")} }\nregisterHttpContext<A>("a");`],
  [
    "a call to a cluster",
    filter(`n: i32 = 0; ${onRequest('this.httpCall(new HttpCallRequest("c", "/"));')}`).replace(
      "class",
      'import { HttpCallRequest } from "proxy-wasm-as";\nclass',
    ),
  ],
];

test.each(EAGER)("a callback for a new stream with %s", async (_name, text) => {
  const names = await exportsOf(text);
  expect(names).toContain(DELETE);
  expect(names).toContain(CREATE);
});

test("a class from a package counts like one of the filter", async () => {
  const files = (members: string): Record<string, string> => ({
    "assembly/index.ts": withFilter(
      `import { Base } from "filters";\nclass A extends Base {}\nregisterHttpContext<A>();`,
    ),
    "node_modules/filters/index.ts": withFilter(`export class Base extends HttpContext { ${members} }`),
  });
  expect(await exportsOf(files(onRequest("")))).not.toContain(CREATE);
  expect(await exportsOf(files(`n: i32 = 1; ${onRequest("")}`))).toContain(CREATE);
});

test("a build that keeps all callbacks has objects", async () => {
  expect(await exportsOf(filter(onRequest("")), ["PROXY_WASM_AS_KEEP_CALLBACKS=1"])).toContain(CREATE);
});

describe("at run time", () => {
  test("a stream that begins with its response, or ends before anything comes, is one of its own", async () => {
    const wasm = await buildFilter(
      withFilter(`class A extends HttpContext {
  requests: i32 = 0;
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.requests++;
    return FilterHeadersStatus.Continue;
  }
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    seen = this.contextId * 10 + this.requests;
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<A>();
let seen: u32 = 0;
export function lastSeen(): u32 { return seen; }`),
    );
    const stub = await startStub(wasm);
    const seen: number[] = [];
    const responds = (id: number): void => {
      stub.call("proxy_on_response_headers", id, 0, 1);
      seen.push(stub.call("lastSeen"));
    };
    responds(5);
    stub.call("proxy_on_request_headers", 6, 0, 1);
    stub.call("proxy_on_request_headers", 6, 0, 1);
    stub.call("proxy_on_delete", 7);
    responds(6);
    stub.call("proxy_on_delete", 6);
    responds(6);
    expect(seen).toEqual([50, 62, 60]);
  });

  test("one object serves streams side by side, whose ids nobody has announced", async () => {
    const wasm = await buildFilter(
      withFilter(`class Base extends HttpContext {
  mark(value: string): void { this.responseHeaders.add("x-mark", value); }
}
class A extends Base {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.requestHeaders.add("x-count", numHeaders.toString());
    return FilterHeadersStatus.Continue;
  }
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.mark("é" + numHeaders.toString());
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<A>();`),
    );
    const host = await createHost({ wasm, edgeHeaders: false });
    const [one, two] = await Promise.all([host.request(), host.request({ headers: { a: "b" } })]);
    expect(one.upstream?.headers.get("x-count")).toBe("4");
    expect(two.upstream?.headers.get("x-count")).toBe("5");
    expect(one.response.headers.get("x-mark")).toMatch(/^é\d$/);
    host.dispose();
  });

  test("fields that begin as nothing are 0, false and null in each new stream", async () => {
    const wasm = await buildFilter(
      withFilter(`class A extends HttpContext {
  a: i32;
  b: u8 = 0;
  c: f64 = 0.0;
  d: bool;
  e: bool = false;
  f: string | null = null;
  g: i64 = 0;
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const text = \`\${this.a} \${this.b} \${this.c} \${this.d} \${this.e} \${this.f == null} \${this.g} \${this.contextId != 0}\`;
    this.requestHeaders.add("x-fields", text);
    this.a = this.b = 255;
    this.c = 1.5;
    this.d = this.e = true;
    this.f = text;
    this.g = -1;
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<A>();`),
    );
    const host = await createHost({ wasm });
    for (let i = 0; i < 3; i++) {
      const { upstream } = await host.request();
      expect(upstream?.headers.get("x-fields")).toBe("0 0 0.0 false false true 0 true");
    }
    host.dispose();
  });

  test.each([
    ["a text", 's: string = "x"', "x"],
    ["a negative number", "s: i32 = -1", "-1"],
    ["a number that is not zero", "s: i32 = 10", "10"],
    ["true", "s: bool = true", "true"],
    ["a call", "s: string = help()", "help"],
    ["what a constructor says", "s: i32 = 0; constructor() { super(); this.s = 7; }", "7"],
  ])("a field that begins as %s is that", async (_name, member, expected) => {
    const wasm = await buildFilter(
      withFilter(`function help(): string { return "help"; }
class A extends HttpContext {
  ${member};
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.requestHeaders.add("x-field", this.s.toString());
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<A>();`),
    );
    const host = await createHost({ wasm });
    expect((await host.request()).upstream?.headers.get("x-field")).toBe(expected);
    host.dispose();
  });
});

test.each([
  ["a reference that is never set", "s: string;", "has no initializer"],
  ["null where null is no value", "s: string = null;", "not assignable"],
  ["a number for a reference", "s: string = 0;", "not assignable"],
])("asc still refuses %s", async (_name, member, message) => {
  const { code, output } = await tryBuild(
    withFilter(`class A extends HttpContext {
  ${member}
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.requestHeaders.add("x-field", this.s);
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<A>();`),
  );
  expect(code).not.toBe(0);
  expect(output).toContain(message);
});

// Constant header names and values: encoded at compile time where that is certain to mean the same, else left alone.
import { expect, test } from "vitest";

import { buildFilter } from "../support/asc.ts";
import { createHost } from "../../src/testing/index.ts";
import { compile, inMethod, withFilter } from "./compile.ts";

/** The filter's response headers after one request. */
async function run(source: string, headers: Record<string, string> = {}): Promise<[string, string][]> {
  const host = await createHost({ wasm: await buildFilter(source), edgeHeaders: false });
  const { response } = await host.request({ headers });
  host.dispose();
  return response.headers.entries().filter(([name]) => name.startsWith("x-"));
}

/** A filter that does this with its response. */
const inResponse = (statements: string, members = ""): string =>
  withFilter(`class A extends HttpContext {
${members}
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
${statements}
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<A>();`);

test("every method does what it does without literals", async () => {
  const calls = (on: string): string => `
    ${on}.add("X-Add", "wörld");
    ${on}.add("x-add", "two" + numHeaders.toString().slice(0, 0));
    ${on}.set("x-set", "");
    ${on}.set("x-set-text", "a" + "b");
    ${on}.add("x-gone", "1");
    ${on}.remove("x-gone");
    const absent = ${on}.get("x-absent");
    ${on}.add("x-absent-is", absent == null ? "null" : "there");
    const empty = ${on}.get("x-set");
    ${on}.add("x-empty-is", empty == null ? "null" : "[" + empty + "]");
    ${on}.add("x-has", ${on}.has("x-set").toString() + ${on}.has("x-absent").toString());
    const bytes = ${on}.getBytes("x-add");
    ${on}.add("x-bytes", bytes == null ? "null" : bytes.length.toString());
  `;
  const [literal, plain] = await Promise.all([
    run(inResponse(calls("this.responseHeaders"))),
    run(inResponse(`const headers = this.responseHeaders;${calls("headers")}`)),
  ]);
  expect(literal).toEqual(plain);
  expect(literal).toEqual([
    ["x-add", "wörld"],
    ["x-add", "two"],
    ["x-set", ""],
    ["x-set-text", "ab"],
    ["x-absent-is", "null"],
    ["x-empty-is", "[]"],
    ["x-has", "truefalse"],
    ["x-bytes", "6"],
  ]);
});

test("a text that holds a line break is refused at run time, and the log has the name", async () => {
  const wasm = await buildFilter(
    inResponse(`this.responseHeaders.set("x-é".slice(0, 1) + "a", "b");
    this.responseHeaders.set("x-bad", "a" + String.fromCharCode(10));`),
  );
  const host = await createHost({ wasm });
  const { response, logs } = await host.request();
  expect(response.headers.get("xa")).toBe("b");
  expect(logs.map(({ text }) => text)).toEqual([
    "proxy-wasm-as: set x-bad refused: CR, LF or NUL in the value",
  ]);
});

test.each([
  [`this.requestHeaders.get("x y");`, "'x y' is no header name: a proxy would refuse it."],
  [`this.requestHeaders.set("", "a");`, "'' is no header name: a proxy would refuse it."],
  [
    `this.requestHeaders.add("x-a\\r\\nx-b", "a");`,
    "'x-a\\r\\nx-b' is no header name: a proxy would refuse it.",
  ],
  [`this.requestHeaders.has("é");`, "'é' is no header name: a proxy would refuse it."],
  [`this.requestHeaders.add("x-a", "a\\nb");`, "A header's value cannot hold CR, LF or NUL."],
])("%s is an error at its line", async (statement, text) => {
  const { messages } = await compile({ "assembly/index.ts": inMethod(statement) });
  expect(messages.map(({ severity, text, line }) => ({ severity, text, line: line.trim() }))).toEqual([
    { severity: "error", text, line: statement },
  ]);
});

test("a map of the user's own is left alone", async () => {
  const source = withFilter(`class Own { get(name: string): string { return "own " + name; } }
class Base extends HttpContext { own: Own = new Own(); }
class A extends Base {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.add("x-own", this.own.get("a b"));
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<A>();`);
  expect(await run(source)).toEqual([["x-own", "own a b"]]);
});

test("a file that has a 'memory' of its own still builds, and works", async () => {
  const source = inResponse(`const memory = "a"; this.responseHeaders.add("x-memory", memory);`);
  expect(await run(source)).toEqual([["x-memory", "a"]]);
});

test("classes under generic and indirect bases are rewritten too", async () => {
  const source = withFilter(`class Base<T> extends HttpContext {
  value: T = <T>7;
  mark(): void { this.responseHeaders.add("x-base", "1"); }
}
class Middle extends Base<i32> {}
class A extends Middle {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.mark();
    this.responseHeaders.add("x-own", this.value.toString());
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<A>();`);
  expect(await run(source)).toEqual([
    ["x-base", "1"],
    ["x-own", "7"],
  ]);
});

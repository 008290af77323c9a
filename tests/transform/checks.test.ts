// What the transform says about programs that asc would compile without a word.
import { expect, test } from "vitest";
import { compile, inMethod, PLAIN_FILTER, withFilter, type Message } from "./compile.ts";

/** A program with one fault, at the line that ends in `// !`, and the sentence about it. */
type Case = readonly [name: string, source: string, sentence: string];

const METHOD = "(n: u32, e: bool): FilterHeadersStatus { return FilterHeadersStatus.Continue; }";

/** A filter with these members, registered. */
function members(text: string): string {
  return withFilter(`class A extends HttpContext {\n${text}\n}\nregisterHttpContext<A>();`);
}

const WARNINGS: readonly Case[] = [
  [
    "a misspelt callback",
    members(`onRequestHeader${METHOD} // !`),
    "'onRequestHeader' is never called: did you mean 'override onRequestHeaders'?",
  ],
  [
    "a callback in the field's spelling",
    members(`proxy_on_request_headers${METHOD} // !`),
    "'proxy_on_request_headers' is never called: did you mean 'override onRequestHeaders'?",
  ],
  [
    "a callback under another SDK's name",
    members(`onHttpResponseHeaders${METHOD} // !`),
    "'onHttpResponseHeaders' is never called: did you mean 'override onResponseHeaders'?",
  ],
  [
    "a callback of another context",
    members("onTick(): void {} // !"),
    "'onTick' is never called here: it is a callback of RootContext, and 'A' is none.",
  ],
  [
    "a body hook that nothing asks for",
    members(
      "override onRequestBodyComplete(n: u32): FilterDataStatus { // !\nreturn FilterDataStatus.Continue; }",
    ),
    "'onRequestBodyComplete' is never called, because nothing asks for the whole body: call 'this.bufferRequestBody(limit)' in onRequestHeaders.",
  ],
  [
    "the id in a field's initializer",
    members("id: u32 = this.contextId; // !"),
    "'this.contextId' is still 0 in a field's initializer: set 'id' in the constructor, after super().",
  ],
  [
    "! on a header",
    inMethod('const auth = this.requestHeaders.get("authorization");\nif (!auth) logInfo("no"); // !'),
    "'!auth' is true also when the header is there but empty: write 'auth == null' to ask whether it is absent.",
  ],
  [
    "! on a header read on the spot",
    inMethod('if (!this.requestHeaders.get("a")) logInfo("no"); // !'),
    "'!this.requestHeaders.get(\"a\")' is true also when the header is there but empty: write 'this.requestHeaders.get(\"a\") == null' to ask whether it is absent.",
  ],
  [
    "a header as a condition",
    inMethod(
      'const auth = this.requestHeaders.get("authorization");\nif (numHeaders > 1 && auth) logInfo(auth); // !',
    ),
    "'auth' counts as true here also when the header is there but empty, unlike in JavaScript: write 'auth != null' if that is meant.",
  ],
  [
    "a default for a header by ||",
    inMethod('const a = this.requestHeaders.get("a") || "none"; // !\nlogInfo(a);'),
    "'this.requestHeaders.get(\"a\")' counts as true here also when the header is there but empty, unlike in JavaScript: write 'this.requestHeaders.get(\"a\") != null' if that is meant.",
  ],
  [
    "a second registration",
    withFilter(
      "class A extends HttpContext {}\nclass B extends HttpContext {}\nregisterHttpContext<A>();\nregisterHttpContext<B>(); // !",
    ),
    "'registerHttpContext' is called twice without a root id: only the class registered last is used.",
  ],
];

const ERRORS: readonly Case[] = [
  [
    "a filter that is not registered",
    withFilter("abstract class Base extends HttpContext {}\nclass A extends Base {} // !"),
    "Nothing is registered, so a proxy would never call this code: add 'registerHttpContext<A>();' at the end of the file.",
  ],
  [
    "a root that is not registered",
    withFilter("class R extends RootContext {} // !"),
    "Nothing is registered, so a proxy would never call this code: add 'registerRootContext<R>();' at the end of the file.",
  ],
  [
    "an import of the library and nothing else",
    'import { logInfo } from "proxy-wasm-as"; // !\nlogInfo("hello");',
    "Nothing is registered, so a proxy would never call this code: add 'registerHttpContext<YourClass>();' at the end of the file.",
  ],
  [
    "a registered class that is no context",
    withFilter("class A {}\nregisterHttpContext<A>(); // !"),
    "'A' cannot be registered, because it does not extend HttpContext: write 'class A extends HttpContext'. [Type 'assembly/index/A' is not assignable to type '~lib/proxy-wasm-as/assembly/http-context/HttpContext'.]",
  ],
  [
    "a class of the user's that is only called HttpContext",
    'import { registerHttpContext } from "proxy-wasm-as";\nclass HttpContext {}\nclass A extends HttpContext {}\nregisterHttpContext<A>(); // !',
    "'A' cannot be registered, because it does not extend HttpContext: write 'class A extends HttpContext'. [Type 'assembly/index/A' is not assignable to type '~lib/proxy-wasm-as/assembly/http-context/HttpContext'.]",
  ],
  [
    "a root registered as a stream",
    withFilter("class R extends RootContext {}\nregisterHttpContext<R>(); // !"),
    "'R' is a RootContext: register it with 'registerRootContext<R>()'. [Type 'assembly/index/R' is not assignable to type '~lib/proxy-wasm-as/assembly/http-context/HttpContext'.]",
  ],
  [
    "an abstract class",
    withFilter("abstract class A extends HttpContext {}\nregisterHttpContext<A>(); // !"),
    "'A' is abstract, so no object of it can be made: register a class that extends it.",
  ],
  [
    "a constructor with arguments",
    withFilter(
      "class A extends HttpContext { constructor(id: u32) { super(); } }\nregisterHttpContext<A>(); // !",
    ),
    "'A' cannot be made by 'registerHttpContext', because its constructor wants arguments (id): give them defaults, or make the object yourself in createHttpContext of a RootContext and register only that. [Expected 1 arguments, but got 0.]",
  ],
  [
    "an inherited constructor with arguments",
    withFilter(
      "class B extends RootContext { constructor(x: i32, y: i32 = 0) { super(); } }\nclass A extends B {}\nregisterRootContext<A>(); // !",
    ),
    "'A' cannot be made by 'registerRootContext', because its constructor wants arguments (x): give them defaults. [Expected at least 1 arguments, but got 0.]",
  ],
];

test.each(WARNINGS)("%s is warned of at its line", async (_name, source, sentence) => {
  expect((await compile({ "assembly/index.ts": source })).messages).toEqual([at("warning", sentence)]);
});

test.each(ERRORS)("%s is refused at its line", async (_name, source, sentence) => {
  expect((await compile({ "assembly/index.ts": source })).messages).toEqual([at("error", sentence)]);
});

function at(severity: Message["severity"], text: string): unknown {
  return { severity, text, file: "assembly/index.ts", line: expect.stringMatching(/\/\/ !/) };
}

/** Programs that look like one of the mistakes above and are none. */
const FINE: readonly (readonly [name: string, source: string])[] = [
  ["a filter without fault", PLAIN_FILTER],
  [
    "a helper with a name near a callback's, which the filter calls",
    members("override onLog(): void { this.onLogs(); }\nonLogs(): void {}"),
  ],
  ["a method of its own", members("onceMore(): void {}")],
  ["a constructor with defaults", members("constructor(x: i32 = 1) { super(); }")],
  ["an id read in the constructor", members("id: u32; constructor() { super(); this.id = this.contextId; }")],
  [
    "a body hook with the call that asks for it",
    members(
      "override onRequestHeaders(n: u32, e: bool): FilterHeadersStatus { return this.bufferRequestBody(9); }\noverride onRequestBodyComplete(n: u32): FilterDataStatus { return FilterDataStatus.Continue; }",
    ),
  ],
  [
    "a test of a header for null",
    inMethod('const a = this.requestHeaders.get("a");\nif (a == null) logInfo("no");\nelse logInfo(a);'),
  ],
  ["! on what is no header", inMethod("if (!endOfStream) logInfo('no');")],
  [
    "a variable that is assigned again",
    inMethod('let a = this.requestHeaders.get("a");\na = "x";\nif (!a) logInfo("no");'),
  ],
  [
    "objects that the root makes",
    withFilter(
      "class A extends HttpContext { constructor(private r: R) { super(); } }\nclass R extends RootContext { override createHttpContext(id: u32): HttpContext { return new A(this); } }\nregisterRootContext<R>();",
    ),
  ],
  [
    "a registration under another name",
    'import { HttpContext, registerHttpContext as serve } from "proxy-wasm-as";\nclass A extends HttpContext {}\nserve<A>();',
  ],
  [
    "a registration through a namespace",
    'import * as sdk from "proxy-wasm-as/assembly";\nclass A extends sdk.HttpContext {}\nsdk.registerHttpContext<A>();',
  ],
  [
    "a registration in a generic function",
    withFilter(
      "class A extends HttpContext {}\nfunction serve<T extends HttpContext>(): void { registerHttpContext<T>(); }\nserve<A>();",
    ),
  ],
  [
    "registrations under different root ids",
    withFilter(
      'class A extends HttpContext {}\nclass B extends HttpContext {}\nregisterHttpContext<A>("a");\nregisterHttpContext<B>("b");',
    ),
  ],
  [
    "a program that uses single files of the library",
    'import { decode } from "proxy-wasm-as/assembly/utf8";\nexport function f(): string { return decode(0, 0); }',
  ],
  ["a program that does not use the library", 'console.log("hello");'],
];

test.each(FINE)("%s is not complained about", async (_name, source) => {
  expect((await compile({ "assembly/index.ts": source })).messages).toEqual([]);
});

test("a filter that a package registers counts", async () => {
  const files = {
    "assembly/index.ts": 'import "filters";\nimport { logInfo } from "proxy-wasm-as";\nlogInfo("hello");',
    "node_modules/filters/index.ts": PLAIN_FILTER,
  };
  expect((await compile(files)).messages).toEqual([]);
});

test("a library of filters can leave the registration to others", async () => {
  const source = withFilter("export abstract class Base extends HttpContext {}");
  const { messages } = await compile({ "assembly/index.ts": source }, { use: ["PROXY_WASM_AS_LIBRARY=1"] });
  // asc itself notes that an exported class is no export of the module.
  expect(messages.filter((it) => it.severity === "error")).toEqual([]);
});

test("a test run by as-pect needs no registration", async () => {
  const files = {
    "assembly/index.ts": withFilter(
      "class A extends HttpContext {}\nimport '@as-pect/assembly/assembly/index';",
    ),
    "node_modules/@as-pect/assembly/assembly/index.ts": "export {};",
  };
  expect((await compile(files)).messages).toEqual([]);
});

test("a second copy of the library is refused where it comes in", async () => {
  const source = PLAIN_FILTER.replace('"proxy-wasm-as";', '"../node_modules/proxy-wasm-as/assembly"; // !');
  const { messages } = await compile({ "assembly/index.ts": source });
  expect(messages[0]).toEqual({
    severity: "error",
    text: "proxy-wasm-as is in this module twice, the second time as 'node_modules/proxy-wasm-as', and what is registered there is never called: import it everywhere by its name, as \"proxy-wasm-as\".",
    file: "assembly/index.ts",
    line: expect.stringMatching(/^import/),
  });
});

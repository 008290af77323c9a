// What a web developer writes and AssemblyScript does not take, with the sentence that explains it.
import { inMethod, PLAIN_FILTER, withFilter } from "./compile.ts";

/** A mistake, the sentence it gets, and asc's own words, which follow in brackets. `// !` marks the line. */
export type Mistake = readonly [name: string, source: string, sentence: string, original: string];

const NO_ASYNC =
  "async and await do not exist in AssemblyScript: a callback returns at once, and the host calls again when there is more.";
const MUST_REPEAT =
  "'onRequestHeaders' must repeat the parameters and the return type of the method it overrides: 'override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus'.";
const NULL_STRING = "Type '~lib/string/String | null' is not assignable to type '~lib/string/String'.";
const DESTRUCTURING =
  "Destructuring does not exist in AssemblyScript: take the values one by one, as in 'const a = object.a'.";

function closure(name: string): [string, string] {
  return [
    `A function inside a function cannot use '${name}' of the outer one, since AssemblyScript has no closures: pass it as a parameter, use a for loop instead of forEach or map, or keep it in a top-level variable.`,
    `Variable '${name}' is used before being assigned. Not implemented: Closures`,
  ];
}

function signature(actual: string): string {
  return `This overload signature is not compatible with its implementation signature. Type '(this: assembly/index/A${actual}' is not assignable to type '(this: ~lib/proxy-wasm-as/assembly/http-context/HttpContext, u32, bool) => i32'.`;
}

/** A filter with one method as given. */
function method(text: string): string {
  return withFilter(`class A extends HttpContext {\n${text}\n}\nregisterHttpContext<A>();`);
}

export const MISTAKES: readonly Mistake[] = [
  [
    "a captured variable",
    inMethod("let k = 5; k++;\nconst f = (x: i32): i32 => x + k; // !\nlogInfo(f(1).toString());"),
    ...closure("k"),
  ],
  [
    "a captured parameter of the callback",
    inMethod("const f = (): u32 => numHeaders; // !\nlogInfo(f().toString());"),
    ...closure("numHeaders"),
  ],
  [
    "a variable captured by forEach",
    inMethod('let n = 0;\n["a"].forEach((v) => { n++; }); // !\nlogInfo(n.toString());'),
    ...closure("n"),
  ],
  [
    "this in an arrow function",
    inMethod('["a"].forEach((v) => { this.requestHeaders.add(v, ""); }); // !'),
    "'this' of the method cannot be used in a function inside it, since AssemblyScript has no closures: use a for loop instead of forEach or map, or pass the object as a parameter.",
    "Property 'requestHeaders' does not exist on type 'assembly/index/A#onRequestHeaders'.",
  ],
  [
    "try and catch",
    inMethod('try { // !\n logInfo("x");\n} catch (e) {}'),
    "try/catch does not exist in AssemblyScript: test for null or for a Status instead. What is thrown cannot be caught, it ends the VM.",
    "Not implemented: Exceptions",
  ],
  [
    "for..of",
    inMethod('for (const name of ["a"]) logInfo(name); // !'),
    "for..of does not exist in AssemblyScript: count instead, as in 'for (let i = 0; i < list.length; i++)'.",
    "Not implemented: Iterators",
  ],
  [
    "for..in",
    inMethod("for (const key in this) {} // !"),
    "for..in does not exist in AssemblyScript: keep what varies in a Map, and go through its keys().",
    "'const' declarations must be initialized. ';' expected.",
  ],
  [
    "a regular expression",
    inMethod('if (/a/.test("a")) logInfo("x"); // !'),
    "Regular expressions do not exist in AssemblyScript: use indexOf, includes, startsWith or split.",
    "Not implemented: Regular expressions",
  ],
  [
    "a union type",
    inMethod('let x: string | undefined = "a"; // !'),
    "Union types do not exist in AssemblyScript, except 'T | null': use one type, or null for what is absent.",
    "Not implemented: union types",
  ],
  [
    "spread",
    inMethod('const a = [...["x"]]; // !'),
    "'...' does not exist in AssemblyScript: copy with concat, slice or a loop.",
    "Not implemented: Spread operator",
  ],
  [
    "an async method",
    method("async onRequestHeaders(n: u32, e: bool): FilterHeadersStatus { // !\n return 0; }"),
    NO_ASYNC,
    "Type expected.",
  ],
  ["an async function", `${PLAIN_FILTER}async function f(): void {} // !`, NO_ASYNC, "Expression expected."],
  ["await", inMethod("await this.n; // !"), NO_ASYNC, "Expression expected."],
  [
    "optional chaining",
    inMethod('const l = this.requestHeaders.get("a")?.length; // !'),
    "'?.' does not exist in AssemblyScript: test first, as in 'if (value != null) { ... }'.",
    "Expression expected.",
  ],
  [
    "??",
    inMethod('const l = this.requestHeaders.get("a") ?? "none"; // !'),
    "'??' does not exist in AssemblyScript: write 'value != null ? value : other'.",
    "Expression expected.",
  ],
  [
    "??=",
    inMethod('this.text ??= "x"; // !'),
    "'??=' does not exist in AssemblyScript: write 'if (value == null) value = ...'.",
    "Expression expected.",
  ],
  ["destructuring an object", inMethod("const { n } = this; // !"), DESTRUCTURING, "Identifier expected."],
  [
    "destructuring an array",
    inMethod('const [a, b] = "x y".split(" "); // !'),
    DESTRUCTURING,
    "Identifier expected.",
  ],
  [
    "a private field with #",
    method("#x: i32 = 0; // !"),
    "'#' fields do not exist in AssemblyScript: write 'private'.",
    "Invalid character.",
  ],
  [
    "import type",
    `import type { HttpContext as H } from "proxy-wasm-as"; // !\n${PLAIN_FILTER}`,
    "'import type' does not exist in AssemblyScript: write 'import { ... }'.",
    "'from' expected.",
  ],
  [
    "a callback in a field",
    method("onRequestHeaders = (n: u32, e: bool): FilterHeadersStatus => { return 0; } // !"),
    "'onRequestHeaders' needs a type. A callback must be a method, as in 'onRequestHeaders(...): FilterHeadersStatus { ... }': a function in a field is never called by the host.",
    "Type expected.",
  ],
  [
    "a missing return type",
    method("override onRequestHeaders(n: u32, e: bool) { // !\n return 0; }"),
    "The return type is missing: AssemblyScript wants it written, as in '(): void' or '(): FilterHeadersStatus'.",
    "Type expected.",
  ],
  [
    "parameters without a type",
    method("override onRequestHeaders(n, e): FilterHeadersStatus { // !\n return 0; }"),
    "The type of the parameter is missing: AssemblyScript wants it written, as in '(numHeaders: u32, endOfStream: bool)'.",
    "Type expected.",
  ],
  [
    "an override with fewer parameters",
    method("override onRequestHeaders(): FilterHeadersStatus { // !\n return 0; }"),
    MUST_REPEAT,
    signature(") => i32"),
  ],
  [
    "an override with JavaScript's types",
    method("override onRequestHeaders(n: number, e: boolean): FilterHeadersStatus { // !\n return 0; }"),
    MUST_REPEAT,
    signature(", f64, bool) => i32"),
  ],
  [
    "an override that returns nothing",
    method("override onRequestHeaders(n: u32, e: bool): void { // !\n }"),
    MUST_REPEAT,
    signature(", u32, bool) => void"),
  ],
  [
    "a misspelt override",
    method("override onRequestHeader(n: u32, e: bool): FilterHeadersStatus { // !\n return 0; }"),
    "'onRequestHeader' is no callback of HttpContext: did you mean 'onRequestHeaders'?",
    "This member cannot have an 'override' modifier because it is not declared in the base class 'HttpContext'.",
  ],
  [
    "an override of nothing",
    method("override frobnicate(): void {} // !"),
    "'frobnicate' overrides nothing: HttpContext has no such method. Take away 'override' if it is a method of your own.",
    "This member cannot have an 'override' modifier because it is not declared in the base class 'HttpContext'.",
  ],
  [
    "any",
    inMethod("const x: any = 5; // !"),
    "'any' does not exist in AssemblyScript: write the type, or make the function generic ('<T>').",
    "Cannot find name 'any'.",
  ],
  [
    "undefined",
    inMethod("if (this.text === undefined) return 0; // !"),
    "'undefined' does not exist in AssemblyScript: what is absent is null.",
    "Cannot find name 'undefined'.",
  ],
  [
    "JSON",
    inMethod('const o = JSON.parse("{}"); // !'),
    "'JSON' does not exist in AssemblyScript: use a package made for it, such as assemblyscript-json or json-as.",
    "Cannot find name 'JSON'.",
  ],
  [
    "fetch",
    inMethod('fetch("http://example.com"); // !'),
    "'fetch' does not exist in a filter: it cannot open connections itself, the proxy calls other services for it (HTTP callouts).",
    "Cannot find name 'fetch'.",
  ],
  [
    "setTimeout",
    inMethod("setTimeout(() => {}, 10); // !"),
    "'setTimeout' is no function in a filter: timers are methods of RootContext, as in 'this.setTimeout(1000, () => { ... })'.",
    "Cannot find name 'setTimeout'.",
  ],
  [
    "a forgotten import",
    inMethod("const list = new HeaderList(); // !"),
    "'HeaderList' is not imported: add it to import { ... } from \"proxy-wasm-as\".",
    "Cannot find name 'HeaderList'.",
  ],
  [
    "null passed on, from a variable",
    inMethod('const x = this.requestHeaders.get("a");\nlogInfo(x); // !'),
    "'x' can be null: test it first, as in 'if (value != null) { ... }', or give a default: 'value != null ? value : \"\"'.",
    NULL_STRING,
  ],
  [
    "null passed on, from a header",
    inMethod('this.responseHeaders.set("a", this.requestHeaders.get("a")); // !'),
    "'this.requestHeaders.get(\"a\")' is null when there is nothing of that name: keep it in a const and test that, as in 'const value = this.requestHeaders.get(\"a\"); if (value != null) { ... }'.",
    NULL_STRING,
  ],
  [
    "null dereferenced",
    inMethod('logInfo(this.requestHeaders.get("a").toUpperCase()); // !'),
    "'this.requestHeaders.get(\"a\")' is null when there is nothing of that name: keep it in a const and test that, as in 'const value = this.requestHeaders.get(\"a\"); if (value != null) { ... }'.",
    NULL_STRING,
  ],
  [
    "null in a field that was tested",
    inMethod("if (this.text != null) logInfo(this.text); // !"),
    "'this.text' can be null, and a test of a field is not remembered: copy it to a const, test that, and use the const.",
    NULL_STRING,
  ],
  [
    "console.log with several values",
    inMethod('console.log("n", numHeaders); // !'),
    "console takes one string: put the values into it, as in 'console.log(`count ${count}`)'.",
    "Expected 1 arguments, but got 2.",
  ],
  [
    "console.log of a number",
    inMethod("console.log(numHeaders); // !"),
    "A string is needed here, and 'numHeaders' is a number or bool (u32): write '${numHeaders}' inside backticks, or call toString().",
    "Type 'u32' is not assignable to type '~lib/string/String'.",
  ],
  [
    "a number added to a string",
    inMethod('console.log("n" + numHeaders); // !'),
    "A string is needed here, and 'numHeaders' is a number or bool (u32): write '${numHeaders}' inside backticks, or call toString().",
    "Type 'u32' is not assignable to type '~lib/string/String'.",
  ],
  [
    "a string added to a number",
    inMethod('console.log(numHeaders + "n"); // !'),
    "A value of type u32 and a string cannot be joined by '+': put the value into a template, as in '`${value} text`', or call toString().",
    "Operator '+' cannot be applied to types 'u32' and '~lib/string/String'.",
  ],
  [
    "console.log of an object",
    inMethod("console.log(this); // !"),
    "A string is needed here, and 'this' is of type A.",
    "Type 'assembly/index/A' is not assignable to type '~lib/string/String'.",
  ],
  [
    "a fraction as an integer",
    inMethod("const x: i32 = Math.floor(1.5); // !"),
    "A value of type f64 does not become i32 by itself: write '<i32>Math.floor(1.5)'.",
    "Conversion from type 'f64' to 'i32' requires an explicit cast.",
  ],
  [
    "an options object",
    inMethod('return this.sendLocalResponse({ status: 403, body: "no" }); // !'),
    "An object literal cannot be passed as 'u32': arguments are given one after the other, as in 'sendLocalResponse(403, \"no\")'.",
    "Type '<object>' is not assignable to type 'u32'.",
  ],
  [
    "an id passed to super",
    method("constructor() { super(1); } // !"),
    "super() takes no arguments: a context knows its id by itself, as this.contextId.",
    "Expected 0 arguments, but got 1.",
  ],
  [
    "a class passed as a value",
    withFilter("class A extends HttpContext {}\nregisterHttpContext(A); // !"),
    "The class goes between angle brackets: 'registerHttpContext<A>()'.",
    "Type argument expected.",
  ],
  [
    "an object passed instead of a class",
    withFilter("class A extends HttpContext {}\nregisterHttpContext(new A()); // !"),
    "The class goes between angle brackets: 'registerHttpContext<A>()'.",
    "Type argument expected.",
  ],
  [
    "no class",
    withFilter("class A extends HttpContext {}\nregisterHttpContext(); // !"),
    "The class goes between angle brackets: 'registerHttpContext<YourClass>()'.",
    "Type argument expected.",
  ],
  [
    "an npm package that is not there",
    `import { x } from "@scope/absent/sub"; // !\n${PLAIN_FILTER}`,
    "The package '@scope/absent' is not installed. Only packages written in AssemblyScript can be used in a filter, not those in JavaScript.",
    "File '~lib/@scope/absent/sub.ts' not found.",
  ],
  [
    "an npm package in JavaScript",
    `import yaml from "yaml"; // !\n${PLAIN_FILTER}`,
    "The package 'yaml' is installed but has no AssemblyScript source for 'yaml': packages written in JavaScript cannot be used in a filter.",
    "File '~lib/yaml.ts' not found.",
  ],
  [
    "a module of Node.js",
    `import * as fs from "node:fs"; // !\n${PLAIN_FILTER}`,
    "'node:fs' belongs to Node.js, and a filter does not run there: it has no files, processes or sockets.",
    "File '~lib/node:fs.ts' not found.",
  ],
  [
    "a file that the library does not have",
    `import { x } from "proxy-wasm-as/absent"; // !\n${PLAIN_FILTER}`,
    "The package proxy-wasm-as has no file 'absent': import { ... } from \"proxy-wasm-as\".",
    "File '~lib/proxy-wasm-as/absent.ts' not found.",
  ],
];

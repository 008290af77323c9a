import { test } from "vitest";
import { writeFileSync } from "node:fs";
import { compile } from "./compile.ts";
const head = `import { FilterHeadersStatus, HttpContext, RootContext, registerHttpContext, registerRootContext, log, LogLevel } from "proxy-wasm-as";
`;
const method = (body: string, more = "") =>
  head +
  `class A extends HttpContext {
  n: i32 = 0;
  name: string = "";
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    ${body}
    return FilterHeadersStatus.Continue;
  }
  ${more}
}
registerHttpContext<A>();
`;
const cases: Record<string, string> = {
  closure: method(`let k = 5; k++; const f = (x: i32): i32 => x + k; log(LogLevel.Info, f(1).toString());`),
  closureParam: method(`const f = (x: u32): u32 => x + numHeaders; log(LogLevel.Info, f(1).toString());`),
  closureMap: method(
    `const names = ["a"]; const pre = numHeaders.toString(); const y = names.map<string>((v) => pre + v); log(LogLevel.Info, y[0]);`,
  ),
  closureForEach: method(
    `const names = ["a"]; let n = 0; names.forEach((v) => { n++; }); log(LogLevel.Info, n.toString());`,
  ),
  closureConst: method(
    `const who = this.requestHeaders.get("a"); const f = (): string => who!; log(LogLevel.Info, f());`,
  ),
  thisArrow: method(`const f = (): i32 => this.n; log(LogLevel.Info, f().toString());`),
  thisArrow2: method(`const names = ["a"]; names.forEach((v) => { this.requestHeaders.add(v, "x"); });`),
  thisArrowCall: method(`const f = (): void => { this.help(); }; f();`, `help(): void {}`),
  tryCatch: method(`try { log(LogLevel.Info, "x"); } catch (e) { log(LogLevel.Info, "y"); }`),
  any: method(`const x: any = 5;`),
  unknown: method(`const x: unknown = 5;`),
  undef: method(`const x: string | undefined = "s";`),
  undef2: method(`const x = this.requestHeaders.get("a"); if (x === undefined) log(LogLevel.Info, "x");`),
  json: method(`const o = JSON.parse("{}");`),
  fetch: method(`fetch("http://x");`),
  timeout: method(`setTimeout(() => {}, 10);`),
  promise: method(`const p = new Promise<string>();`),
  require: method(`const x = require("fs");`),
  buffer: method(`const x = Buffer.from("fs");`),
  textenc: method(`const x = new TextEncoder();`),
  url: method(`const x = new URL("http://a");`),
  encodeURI: method(`const x = encodeURIComponent("a b"); log(LogLevel.Info, x);`),
  typeof_: method(`if (typeof this.n === "number") log(LogLevel.Info, "x");`),
  number: method(`const x: number = 5; log(LogLevel.Info, x.toString());`),
  numParam:
    head +
    `class A extends HttpContext { override onRequestHeaders(numHeaders: number, endOfStream: boolean): FilterHeadersStatus { return FilterHeadersStatus.Continue; } }\nregisterHttpContext<A>();`,
  optChain: method(`const l = this.requestHeaders.get("a")?.length;`),
  nullish: method(`const l = this.requestHeaders.get("a") ?? "none";`),
  orDefault: method(`const l: string = this.requestHeaders.get("a") || "none"; log(LogLevel.Info, l);`),
  nullPassed: method(`const x = this.requestHeaders.get("a"); log(LogLevel.Info, x);`),
  nullPassedDirect: method(`this.responseHeaders.set("a", this.requestHeaders.get("a"));`),
  nullDeref: method(`const x = this.requestHeaders.get("a"); log(LogLevel.Info, x.length.toString());`),
  nullDeref2: method(`log(LogLevel.Info, this.requestHeaders.get("a").toUpperCase());`),
  nullAssign: method(`const x: string = this.requestHeaders.get("a"); log(LogLevel.Info, x);`),
  nullReturn: method(``, `h(): string { return this.requestHeaders.get("a"); }`),
  nullConcat: method(`log(LogLevel.Info, "a" + this.requestHeaders.get("a"));`),
  nullField:
    head +
    `class A extends HttpContext { s: string | null = null; override onRequestHeaders(n: u32, e: bool): FilterHeadersStatus { if (this.s != null) log(LogLevel.Info, this.s); return FilterHeadersStatus.Continue; } }\nregisterHttpContext<A>();`,
  fewer:
    head +
    `class A extends HttpContext {\n override onRequestHeaders(): FilterHeadersStatus { return FilterHeadersStatus.Continue; } }\nregisterHttpContext<A>();`,
  fewer1:
    head +
    `class A extends HttpContext {\n onRequestHeaders(n: u32): FilterHeadersStatus { return FilterHeadersStatus.Continue; } }\nregisterHttpContext<A>();`,
  voidRet:
    head +
    `class A extends HttpContext {\n override onRequestHeaders(n: u32, e: bool): void { } }\nregisterHttpContext<A>();`,
  noRet:
    head +
    `class A extends HttpContext {\n override onRequestHeaders(n: u32, e: bool) { return FilterHeadersStatus.Continue; } }\nregisterHttpContext<A>();`,
  noParamType:
    head +
    `class A extends HttpContext {\n override onRequestHeaders(n, e): FilterHeadersStatus { return FilterHeadersStatus.Continue; } }\nregisterHttpContext<A>();`,
  overrideMiss:
    head +
    `class A extends HttpContext {\n override onRequestHeader(n: u32, e: bool): FilterHeadersStatus { return FilterHeadersStatus.Continue; } }\nregisterHttpContext<A>();`,
  forOf: method(`for (const e of ["a"]) log(LogLevel.Info, e);`),
  regex: method(`if (/a/.test("a")) log(LogLevel.Info, "x");`),
  regexVar: method(`const r = /a/;`),
  union: method(`let x: string | i32 = "a";`),
  async:
    head +
    `class A extends HttpContext {\n async onRequestHeaders(n: u32, e: bool): FilterHeadersStatus { return FilterHeadersStatus.Continue; } }\nregisterHttpContext<A>();`,
  asyncFn: head + `async function f(): void {}\n`,
  await_: method(`await this.n;`),
  console2: method(`console.log("n", numHeaders);`),
  console2s: method(`console.log("n", "m");`),
  consoleNum: method(`console.log(numHeaders);`),
  consoleNull: method(`console.log(this.requestHeaders.get("a"));`),
  consoleObj: method(`console.log(this);`),
  concatNum: method(`console.log("n" + numHeaders);`),
  concatNumL: method(`const x = numHeaders + "n";`),
  lodash: `import _ from "lodash";\n` + method(``),
  scoped: `import { x } from "@scope/thing/sub";\n` + method(``),
  nodefs: `import * as fs from "node:fs";\n` + method(``),
  fs: `import { readFileSync } from "fs";\n` + method(``),
  relMissing: `import { x } from "./nope";\n` + method(``),
  own: `import { x } from "proxy-wasm-as/nope";\n` + method(``),
  regNoT: head + `class A extends HttpContext {}\nregisterHttpContext(A);`,
  regEmpty: head + `class A extends HttpContext {}\nregisterHttpContext();`,
  regWrong: head + `class A {}\nregisterHttpContext<A>();`,
  regRootInHttp: head + `class A extends RootContext {}\nregisterHttpContext<A>();`,
  regAbstract: head + `abstract class A extends HttpContext {}\nregisterHttpContext<A>();`,
  regCtor:
    head + `class A extends HttpContext { constructor(id: u32) { super(); } }\nregisterHttpContext<A>();`,
  regNew: head + `class A extends HttpContext {}\nregisterHttpContext(new A());`,
  superId: head + `class A extends HttpContext { constructor() { super(1); } }\nregisterHttpContext<A>();`,
  noSuper:
    head + `class A extends HttpContext { x: i32; constructor() { this.x = 1; } }\nregisterHttpContext<A>();`,
  ctorRoot:
    head +
    `class R extends RootContext { override createHttpContext(contextId: u32): HttpContext { return new A(this); } }\nclass A extends HttpContext { constructor(private r: R) { super(); } override onRequestHeaders(n: u32, e: bool): FilterHeadersStatus { log(LogLevel.Info, this.contextId.toString()); return FilterHeadersStatus.Continue; } }\nregisterRootContext<R>();`,
  fieldInit:
    head +
    `class A extends HttpContext { x: i32; override onRequestHeaders(n: u32, e: bool): FilterHeadersStatus { return FilterHeadersStatus.Continue; } }\nregisterHttpContext<A>();`,
  destruct: method(`const { a } = this;`),
  destructArr: method(`const [a, b] = "x y".split(" ");`),
  spread: method(`const a = [...["x"]];`),
  objLit: method(`const o = { a: 1 };`),
  generator: head + `function* g(): i32 {}`,
  privateHash: head + `class A extends HttpContext { #x: i32 = 0; }\nregisterHttpContext<A>();`,
  template: method("log(LogLevel.Info, `n ${numHeaders}`);"),
  boolRet: method(``, `override onDone(): void {}`),
  statusNum:
    head +
    `class A extends HttpContext {\n override onRequestHeaders(n: u32, e: bool): FilterHeadersStatus { return 5; } }\nregisterHttpContext<A>();`,
  noReturn:
    head +
    `class A extends HttpContext {\n override onRequestHeaders(n: u32, e: bool): FilterHeadersStatus { log(LogLevel.Info, "x"); } }\nregisterHttpContext<A>();`,
  mathf: method(`const x: i32 = Math.floor(1.5);`),
  in_: method(`if ("a" in this) {}`),
  throwStr: method(`throw "x";`),
  thenCatch: method(`this.n.then(() => {});`),
  bufReplace: method(`this.requestBody.nope();`),
  includesStr: method(`if (["a"].includes("a")) console.log("x");`),
  optParam: head + `function f(a?: string): void { console.log(a); } f();`,
  iface: head + `interface O { a: i32 } const o: O = { a: 1 }; `,
  iface2: head + `interface O { a?: i32 } `,
  record: head + `const m: Record<string, string> = {};`,
  typeLit: head + `const m: { a: string } = { a: "x" };`,
  enumStr: head + `enum E { A = "a" }`,
  arrowField:
    head +
    `class A extends HttpContext { onRequestHeaders = (n: u32, e: bool): FilterHeadersStatus => { return FilterHeadersStatus.Continue; } }\nregisterHttpContext<A>();`,
  labelled: method(`outer: for (;;) { break outer; }`),
  labelled2: method(`for (let i = 0; i < 2; i++) { const f = (): i32 => i; console.log(f().toString()); }`),
  forIn: method(`for (const k in this) {}`),
  bigint: method(`const x = 10n;`),
  exponent: method(`const x = 2 ** 3;`),
  parseInt_: method(`const x: i32 = parseInt("5"); console.log(x.toString());`),
  eqStr: method(
    `const m = this.requestHeaders.get(":method"); if (m === "GET") console.log("x"); if (m == "GET") console.log("y");`,
  ),
  nullishAssign: method(`this.name ??= "x";`),
  declareClass: head + `export default class extends HttpContext {}`,
  importType: `import type { HttpContext as H } from "proxy-wasm-as";\n` + method(``),
  objArg: method(`return this.sendLocalResponse({ status: 403, body: "x" });`),
  date: method(`const d = new Date(); console.log(d.toISOString());`),
  keyof: head + `type K = keyof HttpContext;`,
  void0: method(`return;`),
  retNull: method(`return null;`),
  strIndex: method(`const s = "abc"; const c = s[0]; console.log(c);`),
  mapObj: method(`const m = new Map(); m.set("a", "b");`),
  lenCmp: method(`if (this.requestHeaders.get("a").length > 0) console.log("x");`),
};
const only = process.env["ONLY"]?.split(",");
test("p", async () => {
  let out = "";
  for (const [name, text] of Object.entries(cases)) {
    if (only && !only.includes(name)) continue;
    let r;
    try {
      r = await compile({ "assembly/index.ts": text }, { transform: !process.env["RAW"] });
    } catch (e) {
      out += `== ${name}\nCRASH ${String(e)}\n`;
      continue;
    }
    out +=
      `== ${name}\n` +
      r.messages.map((m) => `${m.severity} ${m.text}   @@ ${m.file}: ${m.line}`).join("\n") +
      "\n";
  }
  writeFileSync("/tmp/pr/out.txt", out);
}, 600000);

// Which calls are converted and which stay as they are, and what asc says about converted ones.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "assemblyscript";
import ts from "typescript";
import { describe, expect, test } from "vitest";

import { findCallbackMethods } from "../../../src/transform/closures/methods.ts";
import { Files } from "../../../src/transform/closures/names.ts";
import { Diagnostics } from "../../../src/transform/diagnostics.ts";
import ProxyWasmTransform from "../../../src/transform/index.ts";
import { encodeMessages } from "../../../src/transform/library-messages.ts";
import { installRuntime } from "../../../src/transform/runtime.ts";
import { isSdkName, putLibraryFirst } from "../../../src/transform/sdk.ts";
import { buildFilter } from "../../support/asc.ts";
import { compile, PLAIN_FILTER, ROOT, withFilter } from "../compile.ts";

const CLOSURES =
  "A function inside a function cannot use 'k' of the outer one, since AssemblyScript has no closures: pass it as a parameter, use a for loop instead of forEach or map, or keep it in a top-level variable.";

/** A root with this method, which it calls when it starts. */
function root(text: string, members = ""): string {
  return withFilter(`class R extends RootContext {
  n: i32 = 0;
  text: string | null = null;
  ${members}
  override onVmStart(size: u32): bool {
${text}
    return true;
  }
}
registerRootContext<R>();`);
}

/** The transform without the part that is tested here. */
class WithoutConversion extends ProxyWasmTransform {
  override afterParse(): void {
    putLibraryFirst(this.program);
    encodeMessages(this.program);
    installRuntime(this.program, new Diagnostics(this.program, this.baseDir));
  }
}

test.each([
  ["a filter without callbacks", PLAIN_FILTER],
  [
    "callbacks that capture nothing, or constants alone",
    root(
      'const limit = 5;\nconst text = "a";\nthis.setTimeout(1, (id) => { if (id == limit) console.log(text); });\nthis.setInterval(1, () => console.log("b"));',
    ),
  ],
])("%s: the module is the same as without the conversion", async (_name, source) => {
  const files = { "assembly/index.ts": source };
  const [converted, plain] = [
    await compile(files, { release: true }),
    await compile(files, { release: true, transforms: [WithoutConversion] }),
  ];
  expect(plain.printed).toBe("");
  expect(converted.wasm && Buffer.from(converted.wasm)).toEqual(plain.wasm && Buffer.from(plain.wasm));
});

test("all methods of the library that take a callback have the form that is converted", async () => {
  let found: string[] = [];
  class Spy {
    declare readonly program: Program;
    afterParse(): void {
      const { sources } = this.program;
      const library = sources.filter((it) => isSdkName(it.internalPath));
      found = [...findCallbackMethods(library, new Files(sources)).values()]
        .flat()
        .map(
          ({ owner, name, sibling, handler }) =>
            `${owner}.${name}, ${sibling}: ${handler.name}.${handler.method}`,
        );
    }
  }
  await compile({ "assembly/index.ts": PLAIN_FILTER }, { transforms: [Spy] });
  expect(found.toSorted()).toEqual([
    "BaseContext.grpcCall, grpcCallWith: GrpcCallHandler.onResponse",
    "BaseContext.httpCall, httpCallWith: HttpCallHandler.onResponse",
    "RootContext.setInterval, setIntervalWith: TimerHandler.onTimer",
    "RootContext.setTimeout, setTimeoutWith: TimerHandler.onTimer",
    "SharedData.update, updateWith: SharedDataUpdater.update",
    "SharedData.updateBytes, updateBytesWith: SharedDataBytesUpdater.update",
  ]);
});

describe("a method of the user's own that is called as one of the library", () => {
  test("in another class, is not converted", async () => {
    const { messages } = await compile({
      "assembly/index.ts": root("const k = size;\nnew Mine().setTimeout(1, (x) => x + k); // !").replace(
        "class R",
        "class Mine { setTimeout(n: u32, f: (x: u32) => u32): u32 { return f(n); } }\nclass R",
      ),
    });
    expect(messages).toEqual([expect.objectContaining({ line: expect.stringMatching(/\/\/ !$/) })]);
    expect(messages[0]?.text).toContain(CLOSURES);
  });

  test("instead of the library's, is not converted", async () => {
    const { messages } = await compile({
      "assembly/index.ts": root(
        "const k = size;\nthis.setTimeout(1, () => { k.toString(); }); // !",
        "setTimeout(milliseconds: u32, callback: (id: u32) => void): u32 { callback(0); return 0; }",
      ),
    });
    expect(messages[0]?.text).toContain(CLOSURES);
  });
});

describe("what asc says about a converted callback", () => {
  /** The message, at the line that ends in `// !`. */
  const CASES: readonly (readonly [name: string, text: string, message: string])[] = [
    [
      "an unknown member of the object",
      "const k = size;\nthis.setTimeout(1, () => {\nthis.nope(k); // !\n});",
      "Property 'nope' does not exist on type 'assembly/index/R'.",
    ],
    [
      "a value of the wrong type",
      "const k = size.toString();\nthis.setTimeout(1, () => {\nconst n: i32 = k; // !\n});",
      "Type '~lib/string/String' is not assignable to type 'i32'.",
    ],
    [
      "a parameter of the wrong type",
      "const k = size;\nthis.setTimeout(1, (id: string) => { console.log(`${k}${id}`); }); // !",
      "The callback gets a value of type u32 as 'id': write 'id: u32', or no type at all. [Type 'u32' is not assignable to type '~lib/string/String'.]",
    ],
    [
      "a variable that was tested, and is assigned twice",
      'let v = this.text;\nif (v) {\nv = v + "a";\nthis.setTimeout(1, () => { console.log(v); }); // !\n}',
      "The callback's copy of 'v' can be null, whatever was tested before the call: test it in the callback, or copy it to a const behind the test and use that in the callback. [Type '~lib/string/String | null' is not assignable to type '~lib/string/String'.]",
    ],
    [
      "a variable that was tested in another case of a switch",
      "const v = this.text;\nswitch (size) {\ncase 1:\nif (v == null) return false;\nbreak;\ncase 2:\nthis.setTimeout(1, () => { console.log(v); }); // !\n}",
      "The callback's copy of 'v' can be null, whatever was tested before the call: test it in the callback, or copy it to a const behind the test and use that in the callback. [Type '~lib/string/String | null' is not assignable to type '~lib/string/String'.]",
    ],
    [
      "a function that may be null",
      "const f: ((x: i32) => i32) | null = size > 3 ? null : (x: i32): i32 => x;\nthis.setTimeout(1, () => { if (f) f(1); }); // !",
      "A callback cannot get a copy of 'f' while it can be null, as it is a function: put the call into 'if (f != null) { ... }'. [Type '((i32) => i32) | null' is not assignable to type '(i32) => i32'.]",
    ],
  ];
  test.each(CASES)("%s", async (_name, text, message) => {
    const { messages } = await compile({ "assembly/index.ts": root(text) });
    expect(messages).toEqual([
      { severity: "error", text: message, file: "assembly/index.ts", line: expect.stringMatching(/\/\/ !$/) },
    ]);
  });

  test("about the same code twice: once", async () => {
    const { messages } = await compile({
      "assembly/index.ts": withFilter(
        'class A extends HttpContext { root: R = new R(); n: i32 = 0;\noverride onLog(): void {\nthis.root.setTimeout(1, () => {\nthis.n++;\nconst a = this.requestHeaders.get("a");\nif (!a) this.n--; // !\n});\n} }\nclass R extends RootContext {}\nregisterHttpContext<A>();',
      ),
    });
    expect(messages).toEqual([
      expect.objectContaining({ severity: "warning", line: expect.stringMatching(/\/\/ !$/) }),
    ]);
  });
});

describe("a capturing function elsewhere gets a hint", () => {
  const CASES: readonly (readonly [name: string, text: string, hint: string])[] = [
    ["map", "const k = size;\n[1].map<i32>((v) => v + k); // !", CLOSURES],
    [
      "map without a type",
      "[1].map((v) => v + this.n); // !",
      "The type of the result is missing: write 'map<i32>(...)' with the type that the function returns.",
    ],
    [
      "a variable",
      "const k = size;\nconst f = (id: u32): void => { k.toString(); }; // !\nthis.setTimeout(1, f);",
      "A function that is kept in a variable cannot use 'k' of the function around it: write it in the call, as in 'setTimeout(..., (...) => { ... })'; there it gets a copy.",
    ],
    [
      "a variable, with this",
      "const f = (id: u32): void => { this.n++; }; // !\nthis.setTimeout(1, f);",
      "A function that is kept in a variable cannot use 'this' of the function around it: write it in the call, as in 'setTimeout(..., (...) => { ... })'; there it gets a copy.",
    ],
  ];
  test.each(CASES)("%s", async (_name, text, hint) => {
    const { messages } = await compile({ "assembly/index.ts": root(text) });
    expect(messages).toEqual([expect.objectContaining({ line: expect.stringMatching(/\/\/ !$/) })]);
    expect(messages[0]?.text.startsWith(hint)).toBe(true);
  });

  test("but not one that uses constants alone", async () => {
    const text = 'const k = 5;\nconst s = "a";\n[1].map<i32>((v) => v + k + s.length);';
    expect((await compile({ "assembly/index.ts": root(text) })).messages).toEqual([]);
  });
});

test("an editor with TypeScript finds nothing wrong in callbacks that capture", () => {
  const folder = join(ROOT, "tests/guest/assembly");
  const { options } = ts.parseJsonConfigFileContent(
    { extends: "assemblyscript/std/assembly.json", files: [] },
    ts.sys,
    folder,
  );
  const program = ts.createProgram([join(folder, "timers.ts")], options);
  expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)).toEqual([]);
});

test("the source map leads to the lines of the user, and to no file that does not exist", async () => {
  const wasm = await buildFilter(root("const k = size;\nthis.setTimeout(1, () => { this.n += k; });"), {
    target: "debug",
  });
  const { sources } = JSON.parse(readFileSync(`${wasm}.map`, "utf8")) as { sources: string[] };
  expect(sources).toContain("assembly/index.ts");
  expect(sources.filter((it) => !/^(assembly\/|~lib\/)/.test(it))).toEqual([]);
});

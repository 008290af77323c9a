// The transform when something is wrong with it or around it: the build must go on, and say so.
import type { Program } from "assemblyscript";
import { expect, test } from "vitest";
import ProxyWasmTransform, { pruneReport } from "../../src/transform/index.ts";
import { closest, editDistance } from "../../src/transform/spelling.ts";
import { compile, PLAIN_FILTER } from "./compile.ts";

/** A transform that changes the program before ours looks at it. */
function before(change: (program: Program) => void): new () => object {
  return class {
    declare readonly program: Program;
    afterInitialize(): void {
      change(this.program);
    }
  };
}

test("a failure of the transform is a warning, and the module is made", async () => {
  const broken = before((program) => {
    program.elementsByDeclaration.values = () => {
      throw new Error("unexpected");
    };
  });
  const { messages, wasm } = await compile(
    { "assembly/index.ts": PLAIN_FILTER },
    { release: true, transforms: [broken, ProxyWasmTransform] },
  );
  expect(messages).toEqual([
    expect.objectContaining({
      severity: "warning",
      text: expect.stringMatching(
        /^proxy-wasm-as: the preset's transform failed and was left out of this build: Error: unexpected\n/,
      ),
    }),
  ]);
  expect(wasm).not.toBeNull();
});

test("a failing check leaves the others and the pruning alone", async () => {
  let program: Program | undefined;
  const broken = before((it) => {
    program = it;
    for (const source of it.sources) {
      if (source.internalPath === "assembly/index") {
        Object.defineProperty(source, "internalPath", {
          get: () => {
            if (new Error().stack?.includes("checkHeaderTests")) throw new Error("unexpected");
            return "assembly/index";
          },
        });
      }
    }
  });
  const { messages } = await compile(
    { "assembly/index.ts": PLAIN_FILTER },
    { transforms: [broken, ProxyWasmTransform] },
  );
  expect(messages.map((it) => it.text.split("\n")[0])).toEqual([
    "proxy-wasm-as: the check of tests for a header failed and was left out of this build: Error: unexpected",
  ]);
  expect(program && pruneReport(program)?.kept).toEqual(["proxy_on_delete", "proxy_on_request_headers"]);
});

test("a failing explanation leaves asc's own message", async () => {
  const broken = class {
    declare readonly program: Program;
    constructor() {
      Object.defineProperty(this.program, "filesByName", {
        get: () => {
          if (new Error().stack?.includes("explain")) throw new Error("unexpected");
          return files;
        },
      });
    }
  };
  const files = new Map();
  const { messages } = await compile(
    { "assembly/index.ts": PLAIN_FILTER.replace('"b"', "absent") },
    { transforms: [broken, ProxyWasmTransform] },
  );
  expect(messages).toContainEqual(
    expect.objectContaining({
      severity: "warning",
      text: expect.stringMatching(/^proxy-wasm-as: the explanation of a compiler message failed/),
    }),
  );
  expect(messages).toContainEqual(
    expect.objectContaining({ severity: "error", text: "Cannot find name 'absent'." }),
  );
});

test("a transform that is listed twice works once", async () => {
  const { messages } = await compile(
    { "assembly/index.ts": PLAIN_FILTER.replace('"b"', "undefined") },
    { transforms: [ProxyWasmTransform, ProxyWasmTransform] },
  );
  expect(messages.map((it) => it.text)).toEqual([
    "'undefined' does not exist in AssemblyScript: what is absent is null. [Cannot find name 'undefined'.]",
  ]);
});

test("an asc of another copy of assemblyscript is told, and nothing is removed", async () => {
  /** Gives the program the methods of its class, but not the class that we know. */
  class OtherCopy {
    declare readonly program: Program;
    constructor() {
      const own = Object.getPrototypeOf(this.program) as object;
      const base = Object.getPrototypeOf(own) as object;
      const methods = { ...Object.getOwnPropertyDescriptors(base), ...Object.getOwnPropertyDescriptors(own) };
      Object.setPrototypeOf(this.program, Object.defineProperties({}, methods));
    }
  }
  let program: Program | undefined;
  const { messages } = await compile(
    { "assembly/index.ts": PLAIN_FILTER },
    {
      transforms: [
        OtherCopy,
        ProxyWasmTransform,
        before((it) => {
          program = it;
        }),
      ],
    },
  );
  expect(messages).toEqual([
    expect.objectContaining({
      severity: "warning",
      text: expect.stringContaining("asc comes from another copy of the package assemblyscript"),
    }),
  ]);
  expect(program && pruneReport(program)).toBeNull();
});

test("names are compared as a reader does", () => {
  expect(editDistance("onLog", "onLgo")).toBe(1);
  expect(editDistance("", "abc")).toBe(3);
  expect(closest("OnRequestHeader", ["onRequestBody", "onRequestHeaders"])).toBe("onRequestHeaders");
  expect(closest("onLoad", ["onLog", "onDone"])).toBeNull();
  expect(closest("anything", [])).toBeNull();
});

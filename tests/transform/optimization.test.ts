// What the preset does to a module after asc: constants are there from the start, and only builds for size are touched.
import binaryen from "binaryen";
import { afterEach, expect, test } from "vitest";

import { optimizeFurther } from "../../src/transform/optimization.ts";
import { foldStart } from "../../src/transform/start.ts";
import { compile, inMethod } from "./compile.ts";

const modules: binaryen.Module[] = [];

afterEach(() => {
  for (const module of modules.splice(0)) module.dispose();
});

/** A module with globals, and this in its start function. */
function parse(start: string): binaryen.Module {
  const module = binaryen.parseText(`(module
    (import "env" "f" (func $f))
    (global $~started (mut i32) (i32.const 0))
    (global $a (mut i32) (i32.const 0))
    (global $b (mut i64) (i64.const 0))
    (export "_initialize" (func $~start))
    (export "read" (func $read))
    (func $read (result i32) (i32.add (global.get $a) (i32.wrap_i64 (global.get $b))))
    (func $~start ${start}))`);
  modules.push(module);
  return module;
}

const GUARD = "(if (global.get $~started) (then (return))) (global.set $~started (i32.const 1))";
const SET_A = "(global.set $a (i32.const 7))";
const SET_B = "(global.set $b (i64.const 8))";
const CALL = "(call $f)";

function initial(module: binaryen.Module, name: string): string {
  return (
    /const (-?\d+)/.exec(binaryen.emitText(binaryen.getGlobalInfo(module.getGlobal(name)).init))?.[1] ?? ""
  );
}

function body(module: binaryen.Module): string {
  const text = binaryen.emitText(binaryen.getFunctionInfo(module.getFunction("~start")).body);
  return text.replace(/\s+/g, " ");
}

test("constants become first values, and a start function without more becomes empty", () => {
  const module = parse(GUARD + SET_A + SET_B);
  expect(foldStart(module, binaryen)).toBe(true);
  expect([initial(module, "a"), initial(module, "b")]).toEqual(["7", "8"]);
  expect(body(module)).toContain("nop");
  expect(module.validate()).toBe(1);
  expect(foldStart(module, binaryen)).toBe(false);
});

test("a constant without asc's question before it", () => {
  const module = parse(SET_A);
  expect(foldStart(module, binaryen)).toBe(true);
  expect(initial(module, "a")).toBe("7");
});

test("what comes after a call stays, and so does asc's question", () => {
  const module = parse(GUARD + SET_A + CALL + SET_B);
  expect(foldStart(module, binaryen)).toBe(true);
  expect([initial(module, "a"), initial(module, "b")]).toEqual(["7", "0"]);
  expect(body(module)).toMatch(/~started.*call \$f.*global\.set \$b/);
  expect(body(module)).not.toContain("$a");
  expect(module.validate()).toBe(1);
});

test.each([
  ["a call first", GUARD + CALL + SET_A],
  ["a value that is worked out", `${GUARD}(global.set $a (i32.wrap_i64 (global.get $b)))${SET_B}`],
  ["a condition", `${GUARD}(if (global.get $a) (then ${SET_A}))`],
  ["a block that is left early", `(block $out (br_if $out (global.get $a)) ${SET_A})`],
  ["nothing at all", ""],
])("nothing changes with %s", (_name, start) => {
  const module = parse(start);
  expect(foldStart(module, binaryen)).toBe(false);
  expect([initial(module, "a"), initial(module, "b")]).toEqual(["0", "0"]);
});

test("the last of two constants counts", () => {
  const module = parse(`${GUARD}${SET_A}(global.set $a (i32.const 9))`);
  foldStart(module, binaryen);
  expect(initial(module, "a")).toBe("9");
});

type Options = Parameters<typeof optimizeFurther>[1];

test("asc's passes still run, with the settings they had", () => {
  const module = parse(GUARD + SET_A);
  const seen: unknown[] = [];
  module.runPasses = (passes) => {
    seen.push([
      passes,
      binaryen.getOptimizeLevel(),
      binaryen.getShrinkLevel(),
      binaryen.getAlwaysInlineMaxSize(),
    ]);
  };
  optimizeFurther(module, { shrinkLevelHint: 2 } as Options, binaryen);
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(1);
  binaryen.setAlwaysInlineMaxSize(6);
  module.runPasses(["dce"]);
  expect(seen).toEqual([[["dce"], 3, 1, 6]]);
  expect(module.emitText()).not.toContain("global.set");
});

test("a build for speed, and one without optimization, stay as asc made them", () => {
  const module = parse(SET_A);
  const { runPasses } = module;
  optimizeFurther(module, { shrinkLevelHint: 0 } as Options, binaryen);
  expect(module.runPasses).toBe(runPasses);
});

test("a release build needs nothing to be done when it starts", async () => {
  const { wasm } = await compile({ "assembly/index.ts": inMethod("this.n++;") }, { release: true });
  const module = binaryen.readBinary(wasm ?? new Uint8Array());
  modules.push(module);
  expect(module.emitText()).toMatch(/\(export "_initialize" \(func \$(\w+)\)\)[\s\S]*\(func \$\1\s*\)/);
});

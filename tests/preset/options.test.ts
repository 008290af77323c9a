// What a user's asconfig may say besides the three lines: the preset gives way, or says why it cannot.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { buildFilter, tryBuild } from "../support/asc.ts";
import { filter } from "./filter.ts";
import { inspect } from "./inspect.ts";

const FILTER = filter(`assert(numHeaders > 0, "no headers at all"); console.log("x".repeat(numHeaders));`);

/** Whether the module has this text among its data, where AssemblyScript puts it as UTF-16. */
function holds(path: string, text: string): boolean {
  return readFileSync(path).includes(Buffer.from(text, "utf16le"));
}

test("asserts are kept in a release build, unless noAssert is true", async () => {
  expect(holds(await buildFilter(FILTER), "no headers at all")).toBe(true);
  const options = { noAssert: true };
  expect(holds(await buildFilter(FILTER, { options }), "no headers at all")).toBe(false);
});

test("the incremental runtime can be chosen", async () => {
  const minimal = inspect(await buildFilter(FILTER));
  const incremental = inspect(await buildFilter(FILTER, { options: { runtime: "incremental" } }));
  expect(incremental.bytes).toBeGreaterThan(minimal.bytes);
  expect({ ...incremental, bytes: 0 }).toEqual({ ...minimal, bytes: 0 });
});

test("a target's own optimizeLevel wins over the preset's", async () => {
  const asconfig = {
    extends: "proxy-wasm-as/asconfig.json",
    entries: ["assembly/index.ts"],
    targets: { release: { outFile: "filter.wasm", optimizeLevel: 0, shrinkLevel: 0 } },
  };
  const [plain, own] = [await buildFilter(FILTER), await buildFilter(FILTER, { asconfig })].map(inspect);
  expect(own?.bytes).toBeGreaterThan(plain?.bytes ?? Infinity);
});

test("a release build can keep its names", async () => {
  expect(inspect(await buildFilter(FILTER)).hasNames).toBe(false);
  expect(inspect(await buildFilter(FILTER, { options: { debug: true } })).hasNames).toBe(true);
});

test("without extends, asc says which line is missing", async () => {
  const asconfig = { entries: ["assembly/index.ts"], targets: { release: { outFile: "filter.wasm" } } };
  const { code, output } = await tryBuild(FILTER, { asconfig });
  expect(output).toContain(
    'asconfig.json lacks the build preset: add "extends": "proxy-wasm-as/asconfig.json". Without it no proxy can load the module.',
  );
  expect(code).not.toBe(0);
});

test("a runtime that never frees memory is refused", async () => {
  const { code, output } = await tryBuild(FILTER, { options: { runtime: "stub" } });
  expect(output).toContain(
    'runtime "stub" never frees memory and would exhaust the proxy: use "minimal" (the preset has it) or "incremental".',
  );
  expect(code).not.toBe(0);
});

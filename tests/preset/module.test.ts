// The module that the preset makes of a filter, as a proxy sees it before it runs.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

import { buildFile, buildFilter } from "../support/asc.ts";
import { wat } from "../support/wat.ts";
import { filter } from "./filter.ts";
import { inspect } from "./inspect.ts";

const HELLO = "examples/hello/assembly/index.ts";

/** What every host looks for, and the one callback that hello has. */
const HELLO_EXPORTS = [
  "_initialize",
  "memory (memory)",
  "proxy_abi_version_0_2_1",
  "proxy_on_memory_allocate",
  "proxy_on_response_headers",
];

test("a start section is seen where there is one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-module-"));
  try {
    const path = join(folder, "start.wasm");
    writeFileSync(
      path,
      await wat(`(module (memory 1) (func $start) (start $start) (data (i32.const 0) "x"))`),
    );
    expect(inspect(path).hasStartSection).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the smallest filter imports the one function it uses, and exports the one callback it has", async () => {
  const hello = inspect(await buildFile(HELLO));
  expect(hello.imports).toEqual(["env.proxy_add_header_map_value"]);
  expect(hello.exports).toEqual(HELLO_EXPORTS);
  expect(hello.hasStartSection).toBe(false);
});

test("a debug build has the same exports", async () => {
  const hello = inspect(await buildFile(HELLO, { target: "debug" }));
  expect(hello.exports).toEqual(HELLO_EXPORTS);
  expect(hello.hasStartSection).toBe(false);
});

const TOP_LEVEL = `
const table = new Map<string, i32>();
for (let i = 0; i < 10; i++) table.set(i.toString(), i);
console.log("loaded");
console.error(table.size.toString());
assert(table.has("9"), "nine");
if (table.has("10")) throw new Error("ten");
trace("loaded", 2, 1.5, 2.5);
console.log(Math.random().toString());
console.log(Date.now().toString());
if (process.env.has("A")) console.log(process.env.get("A"));
`;

test.each(["release", "debug"] as const)(
  "top-level code of any kind is no start section in a %s build",
  async (target) => {
    const facts = inspect(await buildFilter(filter(`console.log("x");`, TOP_LEVEL), { target }));
    // Not `env.abort`, `env.seed`, `env.trace`, `env.console.log`: no proxy has them.
    const foreign = facts.imports.filter(
      (name) => !/^(?:env\.proxy_|wasi_snapshot_preview1\.)\w+$/.test(name),
    );
    expect(foreign).toEqual([]);
    expect(facts.hasStartSection).toBe(false);
    for (const name of ["_initialize", "proxy_abi_version_0_2_1", "proxy_on_memory_allocate"]) {
      expect(facts.exports).toContain(name);
    }
  },
);

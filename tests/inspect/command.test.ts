// The command inspect: its text, its JSON, its exit codes and errors.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { buildFile } from "../support/asc.ts";
import { command } from "../commands/support.ts";
import { compileWat } from "../host/guest.ts";
import type { Inspection } from "../../src/inspect/index.ts";

const folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-inspect-"));
let hello: string;

beforeAll(async () => {
  hello = await buildFile("examples/hello/assembly/index.ts");
  writeFileSync(
    join(folder, "bad.wasm"),
    compileWat(
      `(module (import "env" "abort" (func (param i32 i32 i32 i32))) (func (export "proxy_abi_version_0_2_1"))
        (func (export "malloc") (param i32) (result i32) (i32.const 0)) (memory 2 2))`,
    ),
  );
  writeFileSync(join(folder, "text.wat"), "  (module)");
  writeFileSync(join(folder, "empty.wasm"), "");
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a module that Envoy loads is shown on one screen", async () => {
  const { code, out, err } = await command(["inspect", hello, "--top", "2"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(
    /^\/.*filter\.wasm: Proxy-Wasm ABI 0\.2\.1, [\d,]+ bytes \(gzip [\d,]+\)\nEnvoy 1\.40 loads it\.\n/,
  );
  expect(out).toContain("  env.proxy_add_header_map_value  i32, i32, i32, i32, i32 -> i32\n");
  expect(out).toMatch(/\n {2}callbacks +proxy_on_response_headers\n/);
  expect(out).toMatch(
    /\n {2}ABI version +proxy_abi_version_0_2_1\n {2}allocator +proxy_on_memory_allocate\n/,
  );
  expect(out).toMatch(
    /Size by function \(\d+ functions, [\d,]+ bytes; the 2 largest\)\n {2}\d+ {2}.*\n {2}\d+ {2}.*\n\n/,
  );
});

test("one that Envoy refuses says why, and ends with 1", async () => {
  const { code, out } = await command(["inspect", "bad.wasm"], { cwd: folder });
  expect(code).toBe(1);
  expect(out).toMatch(
    /\nEnvoy 1\.40 refuses it\.\n {2}refused {2}the module imports the function env\.abort, which Envoy does not offer.*extend "proxy-wasm-as\/asconfig\.json".* \[missing-import\]\n/,
  );
  expect(out).toContain("  env.abort  i32, i32, i32, i32 -> void  not offered by Envoy\n");
  expect(out).toContain("Memory      2 pages (128 KiB) at the start, at most 2 pages (128 KiB)\n");
});

test("--json has everything", async () => {
  const { code, out } = await command(["inspect", "bad.wasm", "--json"], { cwd: folder });
  const found = JSON.parse(out) as Inspection & { file: string };
  expect(code).toBe(1);
  expect(found).toMatchObject({
    file: "bad.wasm",
    abiVersion: "0.2.1",
    verdict: "refused",
    imports: [{ module: "env", name: "abort", kind: "function", offered: false }],
    memory: { minimum: 2, maximum: 2, imported: false },
    startSection: false,
  });
  expect(found.exports.map(({ name, role }) => `${name} ${role}`)).toEqual([
    "proxy_abi_version_0_2_1 abi",
    "malloc allocator",
  ]);
});

describe("files that are no modules", () => {
  test.each([
    ["absent.wasm", 2, "cannot read absent.wasm: there is no such file\n  Give the path of a module"],
    [".", 2, "cannot read .: it is a folder\n  Give the path of a module"],
    ["empty.wasm", 1, "empty.wasm: this is not a valid WebAssembly module: "],
    ["text.wat", 1, "  This is the text format: turn it into a binary first"],
  ])("%s", async (file, exitCode, message) => {
    const { code, out, err } = await command(["inspect", file], { cwd: folder });
    expect([code, out]).toEqual([exitCode, ""]);
    expect(err).toContain(message);
  });
});

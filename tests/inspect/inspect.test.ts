// What `inspect` finds in modules: ours, and hand-written ones for everything that a proxy minds.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { buildFile } from "../support/asc.ts";
import { compileWat } from "../host/guest.ts";
import { inspect } from "../../src/inspect/index.ts";
import { tryStart } from "../../src/inspect/trial.ts";

const ABI = `(func (export "proxy_abi_version_0_2_1"))`;
const ALLOCATOR = `(func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 0))`;
const MEMORY = `(memory (export "memory") 1)`;
const CALLBACK = `(func (export "proxy_on_log") (param i32))`;
const WELL = `${ABI} ${ALLOCATOR} ${MEMORY} ${CALLBACK}`;

/** Level and code of everything that is found. */
async function findings(body: string): Promise<string[]> {
  const { findings, verdict } = await inspect(compileWat(`(module ${body})`));
  const worst = findings.some(({ level }) => level === "crash")
    ? "crash"
    : findings.some(({ level }) => level === "refused")
      ? "refused"
      : "loads";
  expect(verdict).toBe(worst);
  return findings.map(({ level, code }) => `${level} ${code}`);
}

test("nothing is found in a module that does what the ABI says", async () => {
  expect(await findings(WELL)).toEqual([]);
});

describe("what Envoy refuses, or dies of", () => {
  test.each([
    ["no ABI version", `${ALLOCATOR} ${MEMORY} ${CALLBACK}`, "refused abi-version"],
    ["an ABI version that is none", WELL.replace("0_2_1", "0_3_0"), "refused abi-version"],
    ["no allocator", `${ABI} ${MEMORY} ${CALLBACK}`, "refused missing-allocator"],
    [
      "a callback of the wrong type",
      WELL.replace(`(param i32))`, `(param i64))`).replace(
        'memory_allocate") (param i64',
        'memory_allocate") (param i32',
      ),
      "refused export-type",
    ],
    [
      "an import of AssemblyScript",
      `(import "env" "abort" (func (param i32 i32 i32 i32))) ${WELL}`,
      "refused missing-import",
    ],
    [
      "an import of the wrong type",
      `(import "env" "proxy_log" (func (param i32))) ${WELL}`,
      "refused import-type",
    ],
    ["an imported global", `(import "env" "g" (global i32)) ${WELL}`, "refused missing-import"],
    [
      "a start function that traps",
      `(func (export "_initialize") unreachable) ${WELL}`,
      "refused initialize-failed",
    ],
    [
      "a start function that calls what it may not",
      `(import "env" "proxy_done" (func $done (result i32))) (func (export "_initialize") (drop (call $done))) ${WELL}`,
      "refused initialize-failed",
    ],
    ["too much memory", WELL.replace(`"memory") 1`, `"memory") 16385`), "refused memory-limit"],
    ["v128 in an exported type", `(func (export "vector") (param v128)) ${WELL}`, "crash vector-export"],
    [
      "a start section that calls the host",
      `(import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
       (func $start (drop (call $log (i32.const 0) (i32.const 0) (i32.const 0)))) (start $start) ${WELL}`,
      "crash start-section-hostcall",
    ],
  ])("%s", async (_, body, found) => {
    expect(await findings(body)).toEqual([found]);
  });

  test("several things at once are all found, the worst first", async () => {
    expect(
      await findings(
        `(import "env" "a" (func)) (import "env" "b" (func)) (func (export "v") (param v128)) ${ABI} ${CALLBACK}`,
      ),
    ).toEqual([
      "crash vector-export",
      "refused missing-import",
      "refused missing-import",
      "refused missing-allocator",
      "warning memory-not-exported",
    ]);
  });

  test("a start section that leaves the host alone is fine", async () => {
    expect(await findings(`(func $start) (start $start) ${WELL}`)).toEqual([]);
  });

  test("a start function that does what the embedded host cannot is not called bad", async () => {
    const poll = `(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
      (func (export "_initialize") (drop (call $poll (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))`;
    expect(await findings(`${poll} ${WELL}`)).toEqual(["note start-not-tried"]);
  });

  test("a start function that never ends is ended", async () => {
    const endless = compileWat(`(module (func (export "_initialize") (loop (br 0))) ${WELL})`);
    expect(await tryStart(endless, 50)).toEqual({
      code: "initialize-failed",
      message: "the module's start function has not ended after 0.05 seconds",
    });
  });
});

describe("older versions of the ABI", () => {
  test("have fewer imports", async () => {
    const level = `(import "env" "proxy_get_log_level" (func (param i32) (result i32)))`;
    const resume = `(import "env" "proxy_continue_stream" (func (param i32) (result i32)))`;
    const [first, second] = [WELL.replace("0_2_1", "0_1_0"), WELL.replace("0_2_1", "0_2_0")];
    expect(await findings(`${level} ${WELL}`)).toEqual([]);
    expect(await findings(`${level} ${second}`)).toEqual(["refused missing-import", "note old-abi"]);
    expect(await findings(`${resume} ${second}`)).toEqual(["note old-abi"]);
    expect(await findings(`${resume} ${first}`)).toEqual(["refused missing-import", "warning old-abi"]);
  });

  test("0.1.0 has functions of its own, and shorter callbacks", async () => {
    const first = `${WELL.replace("0_2_1", "0_1_0")}
      (func (export "proxy_on_request_headers") (param i32 i32) (result i32) (i32.const 0))`;
    const own = `(import "env" "proxy_continue_request" (func (result i32)))`;
    expect(await findings(`${own} ${first}`)).toEqual(["warning old-abi", "note no-response-body"]);
    expect(await findings(`${own} ${WELL}`)).toEqual(["refused missing-import"]);
    expect(await findings(first.replace("0_1_0", "0_2_1"))).toEqual([
      "refused export-type",
      "note no-response-body",
    ]);
  });

  test("the first that is exported counts", async () => {
    const both = `(func (export "proxy_abi_version_0_2_0")) ${WELL}`;
    expect((await inspect(compileWat(`(module ${both})`))).abiVersion).toBe("0.2.0");
  });
});

describe("what Envoy loads, but not as its author thinks", () => {
  test.each([
    ["no callback", `${ABI} ${ALLOCATOR} ${MEMORY}`, "warning no-callbacks"],
    [
      "a callback that is none",
      `(func (export "proxy_on_request_header")) ${WELL}`,
      "warning unknown-callback",
    ],
    ["memory under no name", WELL.replace(`(export "memory")`, ""), "warning memory-not-exported"],
    [
      "main without _initialize",
      `(func (export "main") (param i32 i32) (result i32) (i32.const 0)) ${WELL}`,
      "warning main-not-called",
    ],
    [
      "both start functions",
      `(func (export "_start")) (func (export "_initialize")) ${WELL}`,
      "warning start-not-called",
    ],
    [
      "news of growth to the host",
      `(import "env" "emscripten_notify_memory_growth" (func (param i32))) ${WELL}`,
      "warning growth-notice",
    ],
    [
      "an allocator that other hosts do not know",
      WELL.replace("proxy_on_memory_allocate", "malloc"),
      "note malloc-only",
    ],
    [
      "some HTTP callbacks",
      `(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 0)) ${WELL}`,
      "note no-response-body",
    ],
  ])("%s", async (_, body, found) => {
    expect(await findings(body)).toEqual([found]);
  });

  test("imported memory is as good as any", async () => {
    const { memory, findings } = await inspect(
      compileWat(`(module (import "env" "memory" (memory 2 8)) ${ABI} ${ALLOCATOR} ${CALLBACK})`),
    );
    expect(memory).toEqual({ minimum: 2, maximum: 8, imported: true });
    expect(findings).toEqual([]);
  });
});

describe("sizes", () => {
  test("sections add up to the file", async () => {
    const wasm = readFileSync(await buildFile("examples/auth-header/assembly/index.ts"));
    const { bytes, gzipBytes, sections, functions, data, names } = await inspect(wasm);
    expect(bytes).toBe(wasm.length);
    expect(gzipBytes).toBeLessThan(bytes);
    expect(sections.reduce((sum, each) => sum + each.bytes, 8)).toBe(bytes);
    const code = sections.find(({ name }) => name === "code")?.bytes ?? 0;
    const bodies = functions.reduce((sum, each) => sum + each.bytes, 0);
    expect(bodies).toBeLessThan(code);
    expect(bodies).toBeGreaterThan(code * 0.9);
    expect(functions.map((each) => each.bytes)).toEqual(
      functions.map((each) => each.bytes).sort((a, b) => b - a),
    );
    expect(names).toBe(false);
    expect(data.map(({ preview }) => preview)).toContain("authorization header required");
  });

  test("functions have the names of the name section, or else of exports", async () => {
    const source = "examples/auth-header/assembly/index.ts";
    const debug = await inspect(readFileSync(await buildFile(source, { target: "debug" })));
    expect(debug.names).toBe(true);
    expect(debug.functions.every(({ name }) => name !== null)).toBe(true);
    expect(debug.functions.map(({ name }) => name)).toContain(
      "~lib/proxy-wasm-as/assembly/runtime/heap/allocate",
    );
    const release = await inspect(readFileSync(await buildFile(source)));
    expect(release.functions.find(({ name }) => name === "proxy_on_request_headers")).toBeDefined();
    expect(release.functions.find(({ name }) => name === null)).toBeDefined();
  });

  test("text in data is found as ASCII and as UTF-16, and what is no text is not", async () => {
    const wide = [...Buffer.from("wide text", "utf16le")].map(
      (byte) => `\\${byte.toString(16).padStart(2, "0")}`,
    );
    const { data } = await inspect(
      compileWat(`(module ${WELL} (data (i32.const 0) "\\00\\01plain text\\ff") (data (i32.const 64) "${wide.join("")}")
        (data (i32.const 128) "\\01\\02\\03abc"))`),
    );
    expect(data).toEqual([
      { index: 1, bytes: 18, preview: "wide text" },
      { index: 0, bytes: 13, preview: "plain text" },
      { index: 2, bytes: 6, preview: null },
    ]);
  });

  test("who made the module is told, and broken custom sections are let be", async () => {
    const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
    const section = (body: number[]): Buffer => Buffer.from([0, body.length, ...body]);
    const producers = [
      ...text("producers"),
      2,
      ...[...text("language"), 1, ...text("Rust"), ...text("2021")],
      ...[...text("processed-by"), 1, ...text("rustc"), ...text("1.90")],
    ];
    const plain = compileWat(`(module ${WELL})`);
    const whole = await inspect(Buffer.concat([plain, section(producers)]));
    expect(whole.producers).toEqual(["Rust 2021", "rustc 1.90"]);
    const broken = await inspect(
      Buffer.concat([plain, section([...text("name"), 1, 200, 1]), section(producers.slice(0, -3))]),
    );
    expect(broken.producers).toEqual([]);
    expect(broken.verdict).toBe("loads");
  });
});

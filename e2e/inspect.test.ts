// What `inspect` says of a module is what a real Envoy does with it: other SDKs' modules, ours, and hand-written ones.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { buildFile } from "../tests/support/asc.ts";
import { compileWat } from "../tests/host/guest.ts";
import { goPeer, rustPeer, type Peer } from "./support/peers.ts";
import { inspect, type Inspection } from "../src/inspect/index.ts";
import { validate } from "../src/envoy/index.ts";

const folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-inspect-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Inspects a module, and holds what is found against Envoy. */
async function inspectInEnvoy(wasm: string): Promise<Inspection> {
  const found = await inspect(readFileSync(wasm));
  const loads = await validate({ http: { filters: [{ wasm }] } }).then(
    () => "loads",
    (error: { exit?: { signal: string | null } }) => (error.exit?.signal ? "crash" : "refused"),
  );
  expect(found.verdict, JSON.stringify(found.findings)).toBe(loads);
  return found;
}

/** The module, or a skipped test that says why there is none. */
function need(peer: Peer, skip: (note: string) => void): string {
  if ("wasm" in peer) return peer.wasm;
  skip(peer.missing);
  return "";
}

test("a module of the Rust SDK", { timeout: 300_000 }, async ({ skip }) => {
  const found = await inspectInEnvoy(need(await rustPeer(), skip));
  expect(found).toMatchObject({
    verdict: "loads",
    abiVersion: "0.2.1",
    names: true,
    startSection: false,
    findings: [],
  });
  expect(found.producers.join()).toMatch(/Rust.*rustc \d/);
  expect(found.functions.map(({ name }) => name)).toContain("proxy_on_request_headers");
  expect(found.exports.filter(({ role }) => role === "callback")).toHaveLength(25);
});

test("a module of the Go SDK", { timeout: 300_000 }, async ({ skip }) => {
  const found = await inspectInEnvoy(need(await goPeer(), skip));
  expect(found).toMatchObject({ verdict: "loads", abiVersion: "0.2.0", names: true, startSection: false });
  // Its runtime waits with poll_oneoff, which the embedded host does not have.
  expect(found.findings.map(({ level, code }) => `${level} ${code}`)).toEqual([
    "note start-not-tried",
    "note old-abi",
  ]);
  expect(found.producers.join()).toMatch(/Go go\d/);
  expect(found.functions.map(({ name }) => name)).toContain("main.main");
});

test("a module of ours, in both builds", async () => {
  for (const target of ["release", "debug"] as const) {
    const found = await inspectInEnvoy(await buildFile("examples/hello/assembly/index.ts", { target }));
    expect(found.verdict).toBe("loads");
    expect(found.names).toBe(target === "debug");
  }
});

const ABI = `(func (export "proxy_abi_version_0_2_1"))`;
const FIRST = `(func (export "proxy_abi_version_0_1_0"))`;
const ALLOCATOR = `(func (export "malloc") (param i32) (result i32) (i32.const 0))`;
const MEMORY = `(memory (export "memory") 1)`;
const LOG = `(import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))`;
const CALL = "(drop (call $log (i32.const 0) (i32.const 0) (i32.const 0)))";

test.each([
  ["nothing but the ABI", `${ABI} ${ALLOCATOR} ${MEMORY}`, "loads"],
  ["no memory", `${ABI} ${ALLOCATOR}`, "loads"],
  [
    "the first ABI, with functions of its own",
    `(import "env" "proxy_continue_request" (func (result i32))) (import "env" "proxy_clear_route_cache" (func (result i32))) (import "env" "proxy_get_configuration" (func (param i32 i32) (result i32))) (import "env" "proxy_continue_response" (func (result i32))) ${FIRST} ${ALLOCATOR} ${MEMORY} (func (export "proxy_on_request_headers") (param i32 i32) (result i32) (i32.const 0))`,
    "loads",
  ],
  [
    "the first ABI, with functions of the next",
    `(import "env" "proxy_continue_stream" (func (param i32) (result i32))) ${FIRST} ${ALLOCATOR} ${MEMORY}`,
    "refused",
  ],
  [
    "the first ABI, with callbacks of the next",
    `${FIRST} ${ALLOCATOR} ${MEMORY} (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 0))`,
    "refused",
  ],
  ["no ABI", `${ALLOCATOR} ${MEMORY}`, "refused"],
  ["no allocator", `${ABI} ${MEMORY}`, "refused"],
  ["an unknown import", `(import "env" "abort" (func)) ${ABI} ${ALLOCATOR} ${MEMORY}`, "refused"],
  [
    "a start function that may not do what it does",
    `(import "env" "proxy_done" (func $done (result i32))) ${ABI} ${ALLOCATOR} ${MEMORY} (func (export "_initialize") (drop (call $done)))`,
    "refused",
  ],
  [
    "a start section that logs",
    `${LOG} ${ABI} ${ALLOCATOR} ${MEMORY} (func $start ${CALL}) (start $start)`,
    "crash",
  ],
  [
    "a start section that does nothing",
    `${ABI} ${ALLOCATOR} ${MEMORY} (func $start) (start $start)`,
    "loads",
  ],
  ["v128 in an exported type", `${ABI} ${ALLOCATOR} ${MEMORY} (func (export "v") (param v128))`, "crash"],
])("a module with %s", async (name, body, verdict) => {
  const wasm = join(folder, `${name.replace(/\W+/g, "-")}.wasm`);
  writeFileSync(wasm, compileWat(`(module ${body})`));
  expect((await inspectInEnvoy(wasm)).verdict).toBe(verdict);
});

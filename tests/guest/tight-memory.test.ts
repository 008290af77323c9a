// A memory that cannot grow: the library's reads and writes say so, and the filter goes on.
import { expect, test } from "vitest";

import { buildFile } from "../support/asc.ts";
import { seeded } from "./random.ts";
import { finish, startStub, type Answers, type Stub } from "./stub-host.ts";

async function startTight(pages: number, answers: Answers): Promise<Stub> {
  const wasm = await buildFile("tests/guest/assembly/tight.ts", { options: { maximumMemory: pages } });
  return startStub(wasm, answers);
}

interface Counts {
  reads: number;
  failedReads: number;
  writes: number;
  failedWrites: number;
}

function counts(stub: Stub): Counts {
  const exports = stub.exports as Record<string, () => number>;
  return Object.fromEntries(
    ["reads", "failedReads", "writes", "failedWrites"].map((name) => [name, exports[name]!()]),
  ) as unknown as Counts;
}

test.each([1, 5, 40])("in %i pages, what is too large fails and all else goes on", async (pages) => {
  const random = seeded(pages);
  const answers: Answers = {};
  const stub = await startTight(pages, answers);
  const bytes = pages * 65536;
  const open: number[] = [];
  for (let id = 2; id < 3000; id++) {
    const large = !random(4);
    answers.header = "v".repeat(large ? random(bytes) : random(200));
    answers.body = new Uint8Array(large ? random(bytes) : random(2000)).fill(97);
    stub.call("proxy_on_context_create", id, 1);
    stub.call("proxy_on_request_headers", id, 3, 0);
    stub.call("proxy_on_request_body", id, answers.body.length, 1);
    open.push(id);
    if (open.length > 20) finish(stub, open.splice(random(20), 1)[0]!);
  }
  const { reads, failedReads, writes, failedWrites } = counts(stub);
  expect(failedReads).toBeGreaterThan(200);
  expect(failedWrites).toBeGreaterThan(0);
  // Small ones always succeed: three in four, for headers and for bodies.
  expect(reads).toBeGreaterThan(2 * 3000 * 0.7);
  expect(writes).toBeGreaterThan(2 * 3000 * 0.7);
  expect(stub.pages).toBeLessThanOrEqual(pages);
});

test("a filter's own object that is too large ends the VM, as without this library", async () => {
  const stub = await startTight(40, {});
  const make = stub.exports.make as (size: number) => number;
  const makeBlock = stub.exports.makeBlock as (size: number) => number;
  expect(make(500_000)).toBe(500_000);
  expect(() => make(5_000_000)).toThrow(WebAssembly.RuntimeError);
  for (const size of [5_000_000, 0x3fffffff, 0x7fffffff, -1, -16, -27, -28])
    expect(() => makeBlock(size), String(size)).toThrow(WebAssembly.RuntimeError);
  expect(makeBlock(100)).toBeGreaterThan(0);
});

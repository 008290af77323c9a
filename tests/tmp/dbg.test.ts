import { test } from "vitest";
import { buildFile } from "/tmp/w/runtime/tests/support/asc.ts";
import * as F from "/tmp/w/runtime/tests/guest/heap-fuzz.ts";
test("x", async () => {
  const wasm = await buildFile("tests/guest/assembly/heap.ts", { options: process.env.RT ? { runtime: process.env.RT } : {} });
  console.log(await F.fuzzHeap(wasm, { seed: 1, steps: 100 }));
});

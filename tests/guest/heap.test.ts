// The memory manager and collector under random work: every block, every object, every collection is looked at.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { buildFile, repository } from "../support/asc.ts";
import { fuzzHeap } from "./heap-fuzz.ts";

const GUEST = "tests/guest/assembly/heap.ts";
const files = {
  "heap-exports.ts": readFileSync(join(repository, "tests/guest/assembly/heap-exports.ts"), "utf8"),
};

/** `npm run fuzz:heap` sets these. */
const MINUTES = Number(process.env.HEAP_MINUTES ?? 0);
const SEED = Number(process.env.HEAP_SEED ?? 1);

describe.skipIf(MINUTES)("some thousand steps", () => {
  test.each([1, 2])("with collections where they come by themselves, seed %i", async (seed) => {
    const result = await fuzzHeap(await buildFile(GUEST, { files }), { seed, steps: 1000 });
    console.log(`seed ${seed}:`, JSON.stringify(result));
    expect(result.collections).toBeGreaterThan(20);
    expect(result.mostBlocks).toBeGreaterThan(500);
  });

  test("with a collection after every callback", async () => {
    const result = await fuzzHeap(await buildFile(GUEST, { files }), {
      seed: 3,
      steps: 700,
      collectAlways: true,
    });
    expect(result.collections).toBeGreaterThan(300);
  });

  test("in a debug build", async () => {
    const result = await fuzzHeap(await buildFile(GUEST, { target: "debug", files }), {
      seed: 4,
      steps: 500,
    });
    expect(result.collections).toBeGreaterThan(10);
  });
});

test.runIf(MINUTES)(
  `for ${MINUTES} minutes`,
  async () => {
    const wasm = await buildFile(GUEST, { files });
    const end = Date.now() + MINUTES * 60_000;
    let [steps, collections, hashes, pages] = [0, 0, 0, 0];
    let seed = SEED;
    for (; Date.now() < end; seed++) {
      // Short ones meet the states of a fresh heap, long ones those of an old one.
      const length = [200, 1000, 5000][seed % 3]!;
      const result = await fuzzHeap(wasm, { seed, steps: length, collectAlways: seed % 4 === 0 });
      steps += length;
      collections += result.collections;
      hashes += result.hashes;
      pages = Math.max(pages, result.pages);
    }
    console.log(
      `seeds ${SEED} to ${seed - 1}: ${steps} steps, ${collections} collections, ${hashes} comparisons of all objects, at most ${pages} pages`,
    );
  },
  (MINUTES + 10) * 60_000,
);

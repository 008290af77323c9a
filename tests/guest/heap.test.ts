// The memory manager and collector under random work: every block, every object, every collection is looked at.
import { describe, expect, test } from "vitest";

import { buildFile } from "../support/asc.ts";
import { fuzzHeap } from "./heap-fuzz.ts";

const GUEST = "tests/guest/assembly/heap.ts";

describe.each(["release", "debug"] as const)("target %s", (target) => {
  test("random work, with collections where they come by themselves", async () => {
    const wasm = await buildFile(GUEST, { target });
    for (let seed = 1; seed <= 4; seed++) {
      const result = await fuzzHeap(wasm, { seed, steps: 1500 });
      console.log(seed, result);
      expect(result.collections).toBeGreaterThan(20);
    }
  });

  test("random work, with a collection after every callback", async () => {
    const wasm = await buildFile(GUEST, { target });
    for (let seed = 1; seed <= 2; seed++) {
      const result = await fuzzHeap(wasm, { seed, steps: 800, collectAlways: true });
      console.log(seed, result);
      expect(result.collections).toBeGreaterThan(400);
    }
  });
});

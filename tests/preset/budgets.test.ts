// What a filter costs, exactly: bytes, imports and exports of the module; calls and objects of one request.
// BUDGETS_RECORD=1 writes budgets.json anew: look at the difference before you commit it.
import { readdirSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { checkCollected, readHeap, type HeapExports } from "../guest/heap-walk.ts";
import { finish, request, startStub } from "../guest/stub-host.ts";
import { buildFile, buildFilter, filesOfExample, repository } from "../support/asc.ts";
import { inspect } from "./inspect.ts";

interface Budget {
  bytes: number;
  exports: string[];
  imports: string[];
  /** Of one request and response without bodies, after the first ones. */
  request: Calls;
  /** The same with a body of 1 KiB each. */
  withBodies: Calls;
}

interface Calls {
  /** From the host, allocations of results included. */
  guestCalls: number;
  hostCalls: number;
  /** Managed objects that were made. */
  objects: number;
}

const recordPath = join(import.meta.dirname, "budgets.json");
const recorded = JSON.parse(readFileSync(recordPath, "utf8")) as Record<string, Budget>;
const measured: Record<string, Budget> = {};
const HEAP_EXPORTS = readFileSync(join(repository, "tests/guest/assembly/heap-exports.ts"), "utf8");

const sources = new Map<string, string>();
for (const name of readdirSync(join(repository, "examples"))) {
  const path = `examples/${name}/assembly/index.ts`;
  if (existsSync(join(repository, path))) sources.set(name, path);
}
for (const name of ["f1", "f2", "f3", "f3-eager", "f4"])
  sources.set(`bench/${name}`, `bench/filters/${name}.ts`);

/** Objects in the heap that nobody has freed, used or not: none is freed but by a collection. */
function countObjects(exports: HeapExports): number {
  return readHeap(exports).blocks.filter(({ mark }) => mark !== 0).length;
}

async function measureCalls(wasm: string, bodySize: number): Promise<Calls> {
  const stub = await startStub(wasm, { header: "text/plain", body: new Uint8Array(bodySize).fill(97) });
  const heap = stub.exports as unknown as HeapExports;
  for (let id = 2; id < 5; id++) {
    request(stub, id, bodySize);
    finish(stub, id);
  }
  const before = { ...stub.counts, objects: countObjects(heap) };
  request(stub, 5, bodySize);
  finish(stub, 5);
  return {
    guestCalls: stub.counts.guestCalls - before.guestCalls,
    hostCalls: stub.counts.hostCalls - before.hostCalls,
    objects: countObjects(heap) - before.objects,
  };
}

test.each([...sources.keys()])("%s", async (name) => {
  const path = sources.get(name) ?? "";
  const files = path.startsWith("examples/") ? filesOfExample(name) : {};
  const { bytes, exports, imports } = inspect(await buildFile(path, { files }));
  // The same filter with a window into its heap; what it does with a request is the same.
  const watched = await buildFilter(`${readFileSync(join(repository, path), "utf8")}\n${HEAP_EXPORTS}`, {
    files,
  });
  const budget = {
    bytes,
    exports,
    imports,
    request: await measureCalls(watched, 0),
    withBodies: await measureCalls(watched, 1024),
  };
  measured[name] = budget;
  if (process.env["BUDGETS_RECORD"] !== "1") expect(budget).toEqual(recorded[name]);
});

test("the smallest filter is called once a request, and allocates nothing", () => {
  expect(recorded["hello"]?.request).toEqual({ guestCalls: 1, hostCalls: 1, objects: 0 });
});

test("a collection would have been seen", async () => {
  const stub = await startStub(
    await buildFilter(`${readFileSync(join(repository, "bench/filters/f2.ts"), "utf8")}\n${HEAP_EXPORTS}`),
    { header: "x".repeat(2000) },
  );
  const heap = stub.exports as unknown as HeapExports;
  const seen: number[] = [];
  for (let id = 2; id < 60; id++) {
    request(stub, id);
    finish(stub, id);
    seen.push(countObjects(heap));
  }
  expect(Math.max(...seen)).toBeGreaterThan(seen.at(-1) ?? Infinity);
  expect(() => checkCollected(heap, readHeap(heap))).toThrow();
});

afterAll(() => {
  if (process.env["BUDGETS_RECORD"] === "1")
    writeFileSync(recordPath, `${JSON.stringify(measured, null, 2)}\n`);
});

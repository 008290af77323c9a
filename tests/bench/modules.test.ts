// What the benchmark measures: its filters build, do the same as the hand-written ones, and can be counted.
import { beforeAll, describe, expect, test } from "vitest";

import { checkEmbedded } from "../../bench/behaviour/embedded.ts";
import { FILTERS, type Module } from "../../bench/modules.ts";
import { buildOurs } from "../../bench/ours.ts";
import { buildWat } from "../../bench/peers/wat.ts";
import { measureSizes, sizeOf } from "../../bench/size.ts";
import { Guest } from "../../bench/vm/guest.ts";
import { countCalls } from "../../bench/vm/sample.ts";

let modules: Module[] = [];

beforeAll(async () => {
  modules = [...(await buildOurs()), ...(await buildWat())];
}, 240_000);

function find(sdk: Module["sdk"], filter: Module["filter"]): Module {
  const found = modules.find((module) => module.sdk === sdk && module.filter === filter);
  if (found === undefined) throw new Error(`There is no ${sdk} ${filter}.`);
  return found;
}

test("all modules of a filter do the same", async () => {
  const { modules: good, mistakes, unchecked } = await checkEmbedded(modules);
  expect(mistakes).toEqual([]);
  expect(unchecked).toEqual([]);
  expect(good).toEqual(modules);
});

test.each([
  ["f1", "f2"],
  ["f2", "f1"],
  ["f3", "f1"],
  ["f4", "f1"],
] as const)("the check notices when %s does what %s should do", async (wrong, filter) => {
  const { modules: good, mistakes } = await checkEmbedded([{ ...find("ours", wrong), filter }]);
  expect(good).toEqual([]);
  expect(mistakes[0]).toMatch(new RegExp(`^proxy-wasm-as ${filter.toUpperCase()}: .* and should be `));
});

test("part `size` measures examples and filters", () => {
  const { tables } = measureSizes(modules, new Map([["hello", find("ours", "f1").wasm]]));
  expect(tables.map((table) => table.title)).toEqual([
    "Examples",
    "F1, add a header",
    "F2, authorization",
    "F3, all headers",
    "F4, body",
  ]);
  expect(tables[0]?.rows.map(([name]) => name)).toEqual(["hello"]);
  expect(tables[3]?.rows.map(([name]) => name)).toEqual([
    "proxy-wasm-as",
    "proxy-wasm-as, eager",
    "hand-written WAT",
  ]);
  const size = sizeOf("F1", find("ours", "f1").wasm);
  expect(size.gzip).toBeLessThan(size.bytes);
  expect(size.imports).toContain("env.proxy_add_header_map_value");
  expect(size.exports).toContain("proxy_on_response_headers");
});

describe("the hand-written modules", () => {
  test.each([
    ["f1", { host: 1, guest: 1, allocations: 0 }],
    ["f2", { host: 2, guest: 4, allocations: 1 }],
    ["f3", { host: 4, guest: 2, allocations: 1 }],
    ["f4", { host: 3, guest: 3, allocations: 1 }],
  ] as const)("%s makes only the calls it must", (filter, calls) => {
    const { wasm } = find("wat", filter);
    expect(countCalls(wasm, filter === "f4")).toEqual(calls);
  });

  test("keep nothing of a stream that has ended", () => {
    for (const filter of FILTERS) {
      const guest = new Guest(find("wat", filter).wasm, { body: filter === "f4", counting: false });
      guest.open(2, 1000);
      guest.close(2, 1000);
      const { pages } = guest;
      guest.walk(1002, 20_000, 0);
      expect(guest.pages, filter).toBe(pages);
    }
  });
});

test("a filter of this library costs no more calls than its callbacks and what it asks the host", () => {
  const calls = countCalls(find("ours", "f2").wasm, false);
  expect(calls.host).toBe(2);
  expect(calls.guest).toBeLessThanOrEqual(6);
});

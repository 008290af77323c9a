// Metrics, shared data, queues and foreign functions of the guest library in a real Envoy.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { EARLY, TASKS } from "../tests/guest/state-cases.ts";
import { buildFile } from "../tests/support/asc.ts";
import { http1 } from "../tests/support/http-client.ts";
import { load } from "./support/load.ts";

const GUEST = "tests/guest/assembly/state.ts";

/** What the filter logs in a request with this task; `enough` lines are waited for. */
async function lines(envoy: Envoy, task: string, enough: number): Promise<string[]> {
  const from = envoy.log.wasm.length;
  expect((await http1(envoy.port, { headers: [["x-do", task]] })).status).toBe(200);
  const seen = (): string[] => envoy.log.wasm.slice(from).map((line) => line.text);
  await expect.poll(() => seen().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(enough);
  return seen();
}

describe("with one worker", () => {
  let envoy: Envoy;

  beforeAll(async () => {
    const wasm = await buildFile(GUEST);
    envoy = await startEnvoy({
      http: { filters: [{ wasm, name: "state" }] },
      statsTags: ["method", "code", "path", "empty"],
    });
  });
  afterAll(() => envoy?.stop());

  test("top-level code is refused what Envoy would not let it do, in each VM", async () => {
    // The module's own VM, the trial run's, the main thread's and the worker's.
    await expect.poll(() => envoy.log.wasm.length).toBe(4 * EARLY.length);
    expect(envoy.log.wasm.slice(0, EARLY.length).map((line) => line.text)).toEqual(EARLY);
  });

  // Each task once: what it leaves behind is there for the next.
  test.each(Object.entries(TASKS))("%s: as in the embedded host", async (task, expected) => {
    expect(await lines(envoy, task, expected.length)).toEqual(expected);
  });

  test("metrics show in Envoy's statistics, and to Prometheus with labels", async () => {
    expect(await envoy.stat("wasmcustom.state_counter")).toBe(5);
    expect(await envoy.stat("wasmcustom.state_gauge")).toBe(7);
    expect(await envoy.stat("wasmcustom.method=.=GET;.;code=.=200;.;state_counter")).toBe(2);
    const prometheus = async (): Promise<string[]> =>
      (await envoy.admin("/stats/prometheus")).split("\n").filter((line) => line.startsWith("state_"));
    // Histograms are merged from time to time.
    await expect.poll(prometheus, { timeout: 20_000 }).toContain("state_histogram_count{} 2");
    const seen = await prometheus();
    expect(seen).toContain('state_histogram_count{method="GET",code="200"} 1');
    expect(seen.filter((line) => /^state_(?:counter|early)/.test(line)).sort()).toEqual([
      'state_counter{code="404"} 9',
      'state_counter{method="GET",code="200"} 2',
      'state_counter{path="/a_._code_.=500_.__",empty=""} 1',
      "state_counter{} 5",
      "state_early{} 1",
    ]);
    expect(seen).toEqual(
      expect.arrayContaining(["state_gauge{} 7", 'state_gauge{method="GET",code="200"} 3']),
    );
  });
});

describe("with four workers", () => {
  let envoy: Envoy;

  beforeAll(async () => {
    const wasm = await buildFile(GUEST);
    envoy = await startEnvoy({ http: { filters: [{ wasm, name: "state" }] }, concurrency: 4 });
  });
  afterAll(() => envoy?.stop());

  test("10,000 changes of one value, from nothing, are 10,000", async () => {
    const good = await load(envoy.port, { requests: 10_000, headers: ["x-do: count"], connections: 40 });
    expect(good).toBe(10_000);
    expect(await lines(envoy, "read", 1)).toEqual(['count = "10000"']);
  });

  test("a counter has the increments of all", async () => {
    await load(envoy.port, { requests: 4000, connections: 40 });
    await expect.poll(() => envoy.stat("wasmcustom.state_counter")).toBe(4000);
  });
});

// Metrics, shared data, queues and foreign functions of the guest library, in the embedded host.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";

import {
  compileModule,
  createHost,
  type EnvironmentOptions,
  type GuestModule,
  type PluginOptions,
  type TestHost,
} from "../../src/testing/index.ts";
import { buildFile, buildFilter } from "../support/asc.ts";
import { EARLY, TASKS } from "./state-cases.ts";

let wasm: GuestModule;

beforeAll(async () => {
  wasm = await compileModule(readFileSync(await buildFile("tests/guest/assembly/state.ts")));
}, 60_000);

function host(options: EnvironmentOptions & Partial<PluginOptions> = {}): Promise<TestHost> {
  return createHost({ wasm, ...options });
}

async function lines(on: TestHost, task: string, worker = 0): Promise<string[]> {
  const { logs } = await on.request({ headers: { "x-do": task }, worker });
  return logs.map((entry) => entry.text);
}

test("top-level code is refused what no proxy would let it do, and the module loads", async () => {
  const { logs } = await host();
  expect(logs.map((entry) => entry.text)).toEqual(EARLY);
  expect(logs.map((entry) => entry.level)).toEqual(EARLY.map(() => "warn"));
});

test.each(Object.entries(TASKS))("%s", async (task, expected) => {
  expect(await lines(await host(), task)).toEqual(expected);
});

describe("metrics", () => {
  test("carry their tags in their names, and values that cannot pass for others", async () => {
    const on = await host();
    await lines(on, "tagged");
    expect(Object.keys(on.metrics.all())).toEqual([
      "method=.=GET;.;code=.=200;.;state_counter",
      "method=.=GET;.;code=.=200;.;state_gauge",
      "method=.=GET;.;code=.=200;.;state_histogram",
      "path=.=/a_._code_.=500_._\u005f;.;empty=.=;.;state_counter",
      "code=.=404;.;state_counter",
    ]);
    expect(on.metrics.counter("method=.=GET;.;code=.=200;.;state_counter")).toBe(2);
  });

  test("are defined once a VM, and counted over all workers", async () => {
    let defined = 0;
    let incremented = 0;
    const on = await host({
      workers: 4,
      intercept: (name, call) => {
        const original = call as (...parameters: unknown[]) => number;
        if (name === "proxy_define_metric")
          return (type, text, length, id) => (defined++, original(type, text, length, id));
        if (name === "proxy_increment_metric") return (id, offset) => (incremented++, original(id, offset));
        return call;
      },
    });
    for (let i = 0; i < 400; i++) await on.request({ worker: i % 4 });
    expect(on.metrics.counter("state_counter")).toBe(400);
    expect({ defined, incremented }).toEqual({ defined: 4, incremented: 400 });
  });

  test("are refused from the ten thousandth name of a VM on, which the log says once", async () => {
    const on = await host();
    expect(await lines(on, "many")).toEqual([
      "proxy-wasm-as: metric many_10000 refused: this VM has 10,000 already, and a proxy keeps each",
      "many = 2",
    ]);
    expect(Object.keys(on.metrics.all())).toHaveLength(10_000);
  });

  test("answer the proxy's status where it does not allow them", async () => {
    const on = await host({
      capabilities: [
        "proxy_on_context_create",
        "proxy_on_request_headers",
        "proxy_log",
        "proxy_get_header_map_value",
        "proxy_get_log_level",
        "proxy_on_vm_start",
        "proxy_on_configure",
      ],
    });
    const seen = await lines(on, "metrics");
    expect(seen.filter((line) => line.includes(" = "))).toEqual([
      "value = 0",
      "increment = 10",
      "increment 4 = 10",
      "increment 0 = 0",
      "increment 2^63 = 2",
      "value = 0",
      "value again = 0",
      "same name = 0",
      "set = 10",
      "add -3 = 10",
      "gauge = 0",
      "gauge as counter = 0",
      "record = 1010",
      "early = 10",
    ]);
  });
});

describe("shared data", () => {
  test("is counted exactly by four workers", async () => {
    const on = await host({ workers: 4 });
    for (let i = 0; i < 1000; i++) await on.request({ headers: { "x-do": "count" }, worker: i % 4 });
    expect(on.sharedData.get("count")?.text).toBe("1000");
  });

  test("can be changed by a function that uses local variables", async () => {
    const wasm =
      await buildFilter(`import { FilterHeadersStatus, HttpContext, registerHttpContext, SharedData } from "proxy-wasm-as";
class A extends HttpContext {
  override onRequestHeaders(n: u32, e: bool): FilterHeadersStatus {
    const step = this.requestHeaders.get("x-step");
    if (step == null) return FilterHeadersStatus.Continue;
    SharedData.update("k", (old) => {
      let now: string = step;
      if (old != null) now = old + step;
      return now;
    });
    const v = SharedData.get("k");
    if (v != null) this.requestHeaders.set("x-now", v.text());
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<A>();`);
    const on = await createHost({ wasm });
    await on.request({ headers: { "x-step": "a" } });
    const { upstream } = await on.request({ headers: { "x-step": "b" } });
    expect(upstream?.headers.get("x-now")).toBe("ab");
  });

  test("belongs to the vm_id", async () => {
    const on = await createHost({
      plugins: [
        { wasm, vmId: "a" },
        { wasm, vmId: "b" },
      ],
    });
    await on.request({ headers: { "x-do": "count" } });
    expect([on.sharedData.get("count", "a")?.text, on.sharedData.get("count", "b")?.text]).toEqual([
      "1",
      "1",
    ]);
    expect(on.sharedData.get("count")).toBeNull();
  });
});

test("a queue tells its root of each item", async () => {
  const on = await host();
  await lines(on, "queues");
  await on.queues.enqueue("own", "from outside");
  expect(on.logs.at(-1)?.text).toBe("ready = from outside");
});

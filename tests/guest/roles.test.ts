// The library in every place that a proxy has for a plugin, on the embedded host.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";

import { compileModule, createHost, type GuestModule, type LogEntry } from "../../src/testing/index.ts";
import { buildFile } from "../support/asc.ts";

let wasm: GuestModule;
beforeAll(async () => {
  wasm = await compileModule(readFileSync(await buildFile("tests/guest/assembly/roles.ts")));
}, 60_000);

const texts = (logs: readonly LogEntry[]): string[] => logs.map((entry) => entry.text);

describe("a background service", () => {
  test("has its configuration and ticks until it stops them", async () => {
    const host = await createHost({ wasm, kinds: ["service"], rootId: "service", configuration: "settings" });
    await host.advance(100);
    expect(texts(host.logs)).toEqual([
      "service settings",
      "service tick 1",
      "proxy-wasm-as: requestHeaders cannot be used in this callback",
      "service tick 2",
      "service tick 3",
    ]);
  });
});

describe("an access logger", () => {
  test("is called once for each request, and reads its headers and properties", async () => {
    const host = await createHost({
      ...{ wasm, kinds: ["access-log"], rootId: "logger", configuration: "access" },
      upstream: { status: 201, trailers: { "x-sum": "7" } },
      properties: { "source.address": "1.2.3.4:5" },
    });
    await host.request({ method: "POST", path: "/a", body: "x" });
    await host.request({ path: "/b" });
    expect(texts(host.logs)).toEqual([
      "proxy-wasm-as: responseHeaders cannot be used in this callback",
      "access 1 POST /a 201 7 :authority via_upstream 1.2.3.4 write 2",
      "access 2 GET /b 201 7 :authority via_upstream 1.2.3.4 write 2",
    ]);
  });

  test("reads null for the headers of a connection", async () => {
    const host = await createHost({
      ...{ wasm, kinds: ["access-log"], rootId: "logger", configuration: "access" },
      properties: { "source.address": "1.2.3.4:5" },
    });
    await (await host.tcp()).close();
    expect(texts(host.logs).slice(1)).toEqual(["access 1 null null null null none null 1.2.3.4 write 2"]);
  });
});

describe("a stats sink", () => {
  const options = { kinds: ["stats-sink"], rootId: "sink" } as const;

  test("reads counters and gauges, and stops where Envoy writes no more (C12)", async () => {
    const host = await createHost({ wasm, ...options, configuration: "requests" });
    await host.statsUpdate({
      counters: { other: 1, requests: [7n, 3n] },
      gauges: { "server.live": 1, "a.gauge": 2n ** 63n },
    });
    await host.statsUpdate({ counters: { requests: [9n, 2n] }, gauges: {} });
    await host.statsUpdate({});
    expect(texts(host.logs)).toEqual([
      ...["requests counter 7 +3", "server.live gauge 1 +0", "some truetrue"],
      "requests counter 9 +2",
    ]);
  });

  test("reads more than a slice, with names across its end", async () => {
    const host = await createHost({ wasm, ...options, configuration: "requests" });
    const many = Array.from({ length: 3000 }, (_, i) => [`cluster.number.${i}.${"x".repeat(i % 50)}`, i]);
    const gauges = Object.fromEntries([...many, ["server.live", 1]]) as Record<string, number>;
    await host.statsUpdate({ counters: { ...Object.fromEntries(many), requests: 5 }, gauges });
    expect(texts(host.logs)).toEqual(["requests counter 5 +5", "server.live gauge 1 +0", "some truetrue"]);
  });

  test.each([0, 3, 4, 11, 12, 13, 30])("survives an update of %i bytes", async (length) => {
    const host = await createHost({ wasm, ...options, configuration: "requests" });
    await host.statsUpdate(Buffer.alloc(length, 1));
    expect(texts(host.logs)).toEqual(["some falsefalse"]);
  });

  test("reads nothing outside its callback, and the log says so", async () => {
    const host = await createHost({ wasm, ...options, configuration: "outside" });
    await host.advance(10);
    expect(texts(host.logs)).toEqual([
      "proxy-wasm-as: StatsUpdate.next refused: only onStatsUpdate can read stats",
    ]);
  });
});

describe("a filter of a cluster", () => {
  const options = {
    plugins: [
      { rootId: "named", configuration: "listener" },
      { rootId: "upstream", kinds: ["upstream-http"] as const },
    ],
    properties: { "upstream.address": "1.2.3.4:5" },
    upstream: { body: "hello" },
  };
  const create = () =>
    createHost({ ...options, plugins: options.plugins.map((plugin) => ({ wasm, ...plugin })) });

  test("sees request and response behind the listener's filters, but no log", async () => {
    const host = await create();
    const { upstream, response, logs } = await host.request({ method: "POST", body: "x" });
    expect(upstream?.headers.get("x-upstream-filter")).toBe("1");
    expect(response.headers.get("x-upstream-filter")).toBe("1");
    expect(response.headers.get("x-name")).toBe("listener");
    expect(texts(logs)).toEqual(["requestHeaders 1.2.3.4, requestBody, responseHeaders, responseBody, done"]);
  });

  test("answers, and only the listener's filters see that", async () => {
    const host = await create();
    const { upstream, response, logs } = await host.request({ headers: { "x-deny": "1" } });
    expect([upstream, response.status, response.text()]).toEqual([null, 403, "denied by the cluster"]);
    expect(response.headers.get("x-upstream-filter")).toBeNull();
    expect(response.headers.get("x-name")).toBe("listener");
    expect(texts(logs)).toEqual(["requestHeaders 1.2.3.4, done"]);
  });
});

describe("several roots in one VM", () => {
  test("under a right, a wrong and a missing root id: the right one, and the first with a warning", async () => {
    const plugins = [
      { wasm, rootId: "upstream" },
      { wasm, rootId: "nobody", configuration: "wrong" },
      { wasm, configuration: "missing" },
    ];
    const host = await createHost({ plugins });
    const { response } = await host.request();
    expect(response.headers.getAll("x-name")).toEqual(["missing", "wrong"]);
    expect(texts(host.logs).filter((text) => text.includes("no context is registered"))).toEqual([
      "proxy-wasm-as: no context is registered for root_id 'nobody'; the first one registered serves it",
    ]);
  });

  test("have each their own configuration, also as network filters", async () => {
    const plugins = ["a", "b", "c"].map((name) => ({ wasm, rootId: "named", name, configuration: name }));
    const host = await createHost({ plugins });
    expect((await host.request()).response.headers.getAll("x-name")).toEqual(["c", "b", "a"]);
    const tcp = await host.tcp();
    expect((await tcp.downstreamData("x")).forwarded.toString()).toBe("c:b:a:x");
  });

  test("act as themselves in each other's callbacks: timer and done", async () => {
    const plugins = ["a", "b"].map((name) => ({ wasm, rootId: "meddler", name, configuration: name }));
    const host = await createHost({ plugins });
    await host.advance(50);
    expect(texts(host.logs)).toEqual(["done of another 1", "tick of a"]);
  });
});

describe("a root that is not done when it is asked", () => {
  test("ends when it says so, once", async () => {
    const host = await createHost({ wasm, rootId: "slow" });
    await host.shutDown();
    await host.advance(100);
    expect(texts(host.logs)).toEqual([
      "done too early 1",
      "not yet: done in onDone 1",
      "done 0",
      "and after it",
      "again 1",
      "slow is deleted",
    ]);
  });

  test("is not waited for when the proxy ends", async () => {
    const host = await createHost({ wasm, rootId: "slow" });
    await host.dispose();
    expect(texts(host.logs)).toEqual(["done too early 1", "not yet: done in onDone 1"]);
  });
});

// One module in every place that Envoy has for a plugin: services, access loggers, stats sinks, clusters, several roots.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { type Envoy, type HttpListenerOptions, startEnvoy, toBootstrap, toYaml } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { header, headerAll } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { http2 } from "../tests/support/http2-client.ts";
import { startTcpEcho, TcpClient, type TcpServer } from "../tests/support/tcp.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

let wasm: string;
let upstream: Upstream;
let echo: TcpServer;
beforeAll(async () => {
  [upstream, echo, wasm] = await Promise.all([
    startUpstream(),
    startTcpEcho(),
    buildFile("tests/guest/assembly/roles.ts"),
  ]);
});
afterAll(() => Promise.all([upstream?.stop(), echo?.stop()]));

describe("in one Envoy", () => {
  let envoy: Envoy;
  let logged = 0;
  beforeAll(async () => {
    const plugin = { wasm, vmId: "one" };
    const named = ["a", "b", "c"].map((name) => ({
      ...{ ...plugin, name, rootId: "named", configuration: name },
    }));
    const logger = { ...plugin, name: "logger", rootId: "logger", configuration: "access" };
    envoy = await startEnvoy({
      http: [
        { name: "each", filters: named },
        {
          name: "ids",
          filters: [
            { ...plugin, name: "right", rootId: "upstream" },
            { ...plugin, name: "wrong", rootId: "nobody", configuration: "wrong" },
            { ...plugin, name: "missing", configuration: "missing" },
          ],
        },
        { name: "logged", accessLoggers: [logger] },
        {
          name: "clustered",
          filters: [{ ...plugin, name: "listener", rootId: "named", configuration: "listener" }],
          routes: [{ cluster: "clustered" }],
        },
        {
          name: "behind",
          networkFilters: [
            {
              wasm: await buildFile("tests/guest/assembly/tcp.ts"),
              ...{ name: "bytes", vmId: "tcp", configuration: "peers" },
            },
          ],
        },
      ],
      tcp: [
        { name: "each-tcp", filters: named, cluster: "echo" },
        { name: "logged-tcp", accessLoggers: [logger], cluster: "echo" },
      ],
      clusters: {
        upstream: upstream.port,
        echo: echo.port,
        clustered: { port: upstream.port, filters: [{ ...plugin, name: "up", rootId: "upstream" }] },
      },
      wasmServices: [
        { ...plugin, name: "service", rootId: "service", configuration: "settings" },
        { ...plugin, name: "threads", rootId: "service", configuration: "threads", singleton: false },
        ...["a", "b"].map((name) => ({
          ...plugin,
          name,
          rootId: "meddler",
          configuration: name,
          vmId: "two",
        })),
      ],
      statsSinks: [
        { ...plugin, name: "sink", rootId: "sink", configuration: "http.each.downstream_rq_2xx" },
        { ...plugin, name: "outside", rootId: "sink", configuration: "outside" },
      ],
      statsFlushIntervalMs: 200,
    });
  });
  afterAll(async () => {
    expect(envoy.log.entries.filter(({ text }) => /envoy bug|assert failure|Uncaught/.test(text))).toEqual(
      [],
    );
    await envoy?.stop();
  });
  beforeEach(() => {
    logged = envoy.log.wasm.length;
    upstream.handler = () => ({ body: "from upstream" });
  });

  /** What was logged, from the beginning or since the test began. */
  const texts = (from = 0): string[] => envoy.log.wasm.slice(from).map((line) => line.text);
  const count = (text: string): number => texts().filter((each) => each === text).length;

  test("plugins of one VM have each their own configuration", async () => {
    expect(headerAll((await http1(envoy.ports.each!)).headers, "x-name")).toEqual(["c", "b", "a"]);
  });

  test("one module serves HTTP and TCP, with the same plugins (field reports 21, 76)", async () => {
    const client = await TcpClient.open(envoy.ports["each-tcp"]!);
    client.write("x");
    expect((await client.read(7)).toString()).toBe("c:b:a:x");
    client.close();
    expect(headerAll((await http1(envoy.ports.each!)).headers, "x-name")).toEqual(["c", "b", "a"]);
  });

  test("three roots with a right, a wrong and a missing root id (field report 11)", async () => {
    const response = await http1(envoy.ports.ids!);
    expect(headerAll(response.headers, "x-name")).toEqual(["missing", "wrong"]);
    expect(header(response.headers, "x-upstream-filter")).toBe("1");
    expect(texts()).toContain(
      "proxy-wasm-as: no context is registered for root_id 'nobody'; the first one registered serves it",
    );
  });

  test("a service has its configuration, and ticks until it stops them", async () => {
    await expect.poll(() => count("service tick 3")).toBe(3);
    // Twice: once as a canary that is thrown away before it can tick. Not a singleton: main thread, worker, canary.
    expect(count("service settings")).toBe(2);
    expect(count("service threads")).toBe(3);
    expect(count("service tick 1")).toBe(3);
  });

  test("a root acts as itself in the callback of another: timer and done", async () => {
    await expect.poll(() => texts()).toContain("tick of a");
    expect(texts()).toContain("done of another 1");
    expect(texts()).not.toContain("tick of b");
  });

  test("an access logger is called once for each request, and reads its headers and properties", async () => {
    upstream.handler = () => ({ status: 201, body: "x", trailers: [["x-sum", "7"]] });
    await http2(envoy.ports.logged!, { method: "POST", path: "/a", body: "x" });
    await http2(envoy.ports.logged!, { path: "/b" });
    const lines = (): string[] => texts(logged).filter((text) => text.startsWith("access "));
    await expect
      .poll(lines)
      .toEqual([
        expect.stringMatching(/^access \d+ POST \/a 201 7 :\S+ via_upstream 127\.0\.0\.1 write 2$/),
        expect.stringMatching(/^access \d+ GET \/b 201 7 :\S+ via_upstream 127\.0\.0\.1 write 2$/),
      ]);
  });

  test("an access logger of a malformed request reads null, and is called all the same", async () => {
    await http1(envoy.ports.logged!, { raw: ["GET / HTTP/1.1\r\nbad header\r\n\r\n"] });
    await expect
      .poll(() => texts(logged).filter((text) => text.startsWith("access ")))
      .toEqual([expect.stringMatching(/^access \d+ null null 400 null none .* write 2$/)]);
  });

  test("an access logger of a connection reads null for its headers", async () => {
    const client = await TcpClient.open(envoy.ports["logged-tcp"]!);
    client.write("x");
    await client.read(1);
    client.close();
    await expect
      .poll(() => texts(logged).filter((text) => text.startsWith("access ")))
      .toEqual([expect.stringMatching(/^access \d+ null null null null none null 127\.0\.0\.1 write 2$/)]);
  });

  test("a stats sink reads counters and gauges, and stops where Envoy writes no more (C12)", async () => {
    await http1(envoy.ports.each!);
    const total = await envoy.stat("http.each.downstream_rq_2xx");
    await expect
      .poll(() =>
        texts()
          .filter((text) => text.startsWith("http.each.downstream_rq_2xx counter"))
          .at(-1),
      )
      .toMatch(new RegExp(` ${total} \\+\\d+$`));
    const deltas = texts().flatMap((text) => {
      const delta = /^http.each.downstream_rq_2xx counter \d+ \+(\d+)$/.exec(text)?.[1];
      return delta === undefined ? [] : [Number(delta)];
    });
    expect(deltas.reduce((sum, delta) => sum + delta, 0)).toBe(total);
    expect(texts()).toEqual(expect.arrayContaining(["server.live gauge 1 +0", "some truetrue"]));
    expect(texts()).not.toContain("goes on after its end");
    expect(texts()).toContain("proxy-wasm-as: StatsUpdate.next refused: only onStatsUpdate can read stats");
    expect(texts()).not.toContain("stats outside");
  });

  test("a filter of a cluster sees request and response behind the listener's filters, but no log", async () => {
    const response = await http1(envoy.ports.clustered!, { method: "POST", body: "x" });
    expect(header(upstream.last().headers, "x-upstream-filter")).toBe("1");
    expect(header(response.headers, "x-upstream-filter")).toBe("1");
    expect(header(response.headers, "x-name")).toBe("listener");
    await expect
      .poll(() => texts(logged))
      .toEqual(["requestHeaders 127.0.0.1, requestBody, responseHeaders, responseBody, done"]);
  });

  test("a filter of a cluster answers, and only the listener's filters see that", async () => {
    upstream.requests.length = 0;
    const response = await http1(envoy.ports.clustered!, { headers: [["x-deny", "1"]] });
    expect([response.status, response.body.toString()]).toEqual([403, "denied by the cluster"]);
    expect(header(response.headers, "x-upstream-filter")).toBeUndefined();
    expect(header(response.headers, "x-name")).toBe("listener");
    expect(upstream.requests).toEqual([]);
    await expect.poll(() => texts(logged)).toEqual(["requestHeaders 127.0.0.1, done"]);
  });

  test("a network filter in front of HTTP sees the connection", async () => {
    expect((await http1(envoy.ports.behind!)).body.toString()).toBe("from upstream");
    await expect.poll(() => texts(logged)).toEqual([expect.stringMatching(/^downstream close [12]$/)]);
  });
});

describe("a root that is not done when it is asked (field report 18)", () => {
  const slow = () => ({ wasm, name: "slow", rootId: "slow", vmId: "slow" });
  const vms = (envoy: Envoy): Promise<number | undefined> => envoy.stat("wasm.envoy.wasm.runtime.v8.active");

  /** Runs an Envoy with a listener that has the filter, and takes that listener away. */
  async function withoutItsListener(
    staying: HttpListenerOptions,
    then: (envoy: Envoy, count: (text: string) => number) => Promise<void>,
  ): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-lds-"));
    const file = join(folder, "lds.yaml");
    const write = (listeners: readonly object[]): void => {
      const type = "type.googleapis.com/envoy.config.listener.v3.Listener";
      const typed = listeners.map((listener) => ({ "@type": type, ...listener }));
      writeFileSync(`${file}.new`, toYaml({ version_info: String(typed.length), resources: typed }));
      renameSync(`${file}.new`, file);
    };
    const { static_resources: resources } = toBootstrap({ http: { name: "going", filters: [slow()] } });
    write(resources.listeners as object[]);
    const envoy = await startEnvoy({
      http: { name: "staying", ...staying },
      override: (bootstrap) => {
        bootstrap.dynamic_resources = {
          lds_config: { path_config_source: { path: file }, resource_api_version: "V3" },
        };
      },
      args: ["--drain-time-s", "1"],
    });
    try {
      expect((await http1(envoy.ports.going!)).status).toBe(200);
      expect(await vms(envoy)).toBe(3);
      write([]);
      await then(envoy, (text) => envoy.log.wasm.filter((line) => line.text === text).length);
      expect((await http1(envoy.ports.staying!)).status).toBe(200);
      expect(envoy.alive).toBe(true);
    } finally {
      await envoy.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test("goes on while another plugin keeps its VM, and is deleted when it says done", async () => {
    const stays = { ...slow(), name: "stays", rootId: "named", configuration: "stays" };
    await withoutItsListener({ filters: [stays] }, async (envoy, count) => {
      // One root on the main thread, one on the worker.
      await expect.poll(() => count("slow is deleted"), { timeout: 20_000 }).toBe(2);
      for (const text of ["not yet: done in onDone 1", "done 0", "and after it", "again 1"])
        expect(count(text)).toBe(2);
      expect(await vms(envoy)).toBe(3);
    });
  });

  test("is not waited for where nothing else uses its VM: Envoy closes that, and nothing is left", async () => {
    await withoutItsListener({}, async (envoy, count) => {
      await expect.poll(() => count("not yet: done in onDone 1"), { timeout: 20_000 }).toBe(2);
      // Envoy forgets the stat with the last VM.
      await expect.poll(async () => (await vms(envoy)) ?? 0, { timeout: 20_000 }).toBe(0);
      expect(count("done 0")).toBe(0);
    });
  });
});

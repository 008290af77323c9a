// The examples of shared state, properties and foreign functions in a real Envoy: what their READMEs promise, and more.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { header } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { load } from "./support/load.ts";

let envoy: Envoy;

function inEnvoy(options: () => Promise<Parameters<typeof startEnvoy>[0]>): void {
  beforeAll(async () => {
    envoy = await startEnvoy(await options());
  });
  afterAll(() => envoy?.stop());
}

const build = (example: string): Promise<string> => buildFile(`examples/${example}/assembly/index.ts`);

describe("rate-limit", () => {
  inEnvoy(async () => ({
    // No time in which these tests run would bring another token.
    http: { filters: [{ wasm: await build("rate-limit"), configuration: "0.000001 25" }] },
    concurrency: 4,
  }));

  test("four workers let exactly the burst pass", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => http1(envoy.port)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(25);
    const refused = await http1(envoy.port);
    expect([refused.status, header(refused.headers, "retry-after")]).toEqual([429, "1000000"]);
    expect(refused.body.toString()).toBe("too many requests\n");
  });
});

describe("request-metrics", () => {
  inEnvoy(async () => ({
    http: { filters: [{ wasm: await build("request-metrics") }] },
    statsTags: ["method", "code"],
    concurrency: 2,
  }));

  test("method and status are labels, over all workers; a malformed request is counted, too", async () => {
    await load(envoy.port, { requests: 100, connections: 10 });
    await http1(envoy.port, { method: "POST" });
    // Both are refused by Envoy itself, and never get to the filter but for the log.
    await http1(envoy.port, { method: "INVENTED" });
    await http1(envoy.port, { raw: ["GET / HTTP/1.1\r\n\r\n"] });
    const requests = async (): Promise<string[]> =>
      (await envoy.admin("/stats/prometheus"))
        .split("\n")
        .filter((line) => /^requests(_in_flight)?\{/.test(line));
    await expect
      .poll(async () => (await requests()).sort())
      .toEqual([
        "requests_in_flight{} 0",
        'requests{method="GET",code="200"} 100',
        'requests{method="GET",code="400"} 1',
        'requests{method="POST",code="200"} 1',
        'requests{method="other",code="400"} 1',
      ]);
  });
});

describe("queue-worker", () => {
  inEnvoy(async () => {
    const wasm = await build("queue-worker");
    return {
      http: { filters: [{ wasm, name: "front", rootId: "front", vmId: "front" }] },
      wasmServices: [{ wasm, name: "worker", rootId: "worker", vmId: "worker" }],
      concurrency: 2,
    };
  });

  test("of 1,000 items from two workers none is lost, and none handled twice", async () => {
    expect(await load(envoy.port, { requests: 1000, connections: 20 })).toBe(1000);
    await expect.poll(() => envoy.stat("wasmcustom.requests_handled"), { timeout: 20_000 }).toBe(1000);
    const handled = (): number => envoy.log.wasm.filter(({ text }) => text === "handled GET / 200").length;
    await expect.poll(handled).toBe(1000);
    expect(envoy.log.wasm.filter(({ text }) => text.startsWith("nobody takes"))).toEqual([]);
  });
});

describe("route-by-header", () => {
  const state = [{ key: "envoy.string", string_match: { exact: "blue" } }];
  const version = [{ name: "x-version", string_match: { exact: "beta" } }];
  inEnvoy(async () => ({
    http: {
      filters: [{ wasm: await build("route-by-header") }],
      routes: [
        {
          fields: { match: { prefix: "/", filter_state: state } },
          directResponse: { status: 200, body: "blue" },
        },
        {
          fields: { match: { prefix: "/", headers: version } },
          directResponse: { status: 200, body: "beta" },
        },
        { directResponse: { status: 200, body: "stable" } },
      ],
    },
  }));

  test.each([
    [[], "stable"],
    [[["x-user", "beta-bob"]], "beta"],
    [[["x-version", "beta"]], "stable"],
    [[["x-tenant", "blue"]], "blue"],
    [[["x-tenant", "red"]], "stable"],
  ] as const)("a request with %j goes to %s", async (headers, route) => {
    expect((await http1(envoy.port, { headers })).body.toString()).toBe(route);
  });
});

describe("cel-policy", () => {
  inEnvoy(async () => ({
    http: {
      filters: [
        {
          ...{ wasm: await build("cel-policy"), name: "policy" },
          configuration: 'request.method == "GET" || request.headers["x-role"] == "writer"',
        },
      ],
      accessLog: "%RESPONSE_CODE_DETAILS%",
    },
  }));

  test("what the policy allows passes, what it denies or has no value for does not", async () => {
    const status = async (method: string, ...headers: [string, string][]): Promise<number> =>
      (await http1(envoy.port, { method, headers })).status;
    expect(await status("GET")).toBe(200);
    expect(await status("POST", ["x-role", "writer"])).toBe(200);
    expect(await status("POST", ["x-role", "reader"])).toBe(403);
    expect(await status("POST")).toBe(403);
    await expect.poll(() => envoy.accessLog.slice(-2)).toEqual(["denied_by_policy", "denied_by_policy"]);
  });

  test("a policy that cannot be read keeps Envoy from starting, with the reason in its log", async () => {
    const wasm = await build("cel-policy");
    let log = "";
    const started = startEnvoy({
      http: { filters: [{ wasm, configuration: "request.method ==" }] },
      onLog: (chunk) => (log += chunk.toString()),
    });
    await expect(started).rejects.toThrow("onVmStart or onConfigure returned false");
    expect(log).toMatch(/expr_create parse error: .*Syntax error/);
  });
});

describe("telemetry", () => {
  inEnvoy(async () => ({
    http: [
      { name: "in", filters: [{ wasm: await build("telemetry") }] },
      { name: "out", filters: [{ wasm: await build("telemetry") }], routes: [{ cluster: "gone" }] },
    ],
    clusters: { gone: 1 },
    statsTags: ["reporter", "response_code", "response_flags", "request_protocol", "destination_workload"],
    node: { id: "n", cluster: "c", metadata: { WORKLOAD_NAME: "mine", NAMESPACE: "apps" } },
    override: (bootstrap) => {
      const [inbound] = bootstrap.static_resources.listeners;
      inbound.traffic_direction = "INBOUND";
      const [host] = inbound.filter_chains[0].filters[0].typed_config.route_config.virtual_hosts;
      host.routes = [{ match: { prefix: "/ok" }, direct_response: { status: 200 } }];
    },
  }));

  test("requests have the labels of Istio, and flags of failures their letters", async () => {
    await http1(envoy.ports.in ?? 0, { path: "/ok" });
    await http1(envoy.ports.in ?? 0, { path: "/ok" });
    await http1(envoy.ports.in ?? 0, { path: "/none" });
    await http1(envoy.ports.out ?? 0);
    const labels = async (): Promise<string[]> =>
      (await envoy.admin("/stats/prometheus"))
        .split("\n")
        .filter((line) => line.includes("istio_requests_total{") || line.includes("_requests_total{"))
        .map((line) => {
          const label = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(line)?.[1] ?? "";
          const names = [
            "reporter",
            "destination_workload",
            "request_protocol",
            "response_code",
            "response_flags",
          ];
          return [...names.map(label), line.split(" ").at(-1)].join(" ");
        })
        .sort();
    await expect
      .poll(labels)
      .toEqual([
        "destination mine http 200 - 2",
        "destination mine http 404 NR 1",
        "source unknown http 503 UF 1",
      ]);
  });

  test("time and bytes are histograms", async () => {
    const names = ["request_duration_milliseconds", "request_bytes", "response_bytes"];
    const seen = async (): Promise<string[]> => {
      const text = await envoy.admin("/stats/prometheus?histogram_buckets=summary");
      return names.filter((name) =>
        new RegExp(`istio_${name}_count\\{.*response_code="200".*\\} 2`).test(text),
      );
    };
    await expect.poll(seen, { timeout: 20_000 }).toEqual(names);
  });
});

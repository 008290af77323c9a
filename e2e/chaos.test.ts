// Anything through our API, in any callback and order: Envoy must neither crash nor lose its filter.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { type GrpcServer, startGrpcServer } from "../tests/support/grpc-server.ts";
import { http1 } from "../tests/support/http-client.ts";
import { http2 } from "../tests/support/http2-client.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

/** `CHAOS_SEEDS=1-100000` tries others; with CHAOS_TRACE=1 a failure shows what the filter did. */
const [FIRST, LAST] = (process.env.CHAOS_SEEDS ?? "1-400").split("-").map(Number) as [number, number];
const AT_ONCE = 40;
const TRACED: [string, string][] = process.env.CHAOS_TRACE ? [["x-trace", "1"]] : [];

let upstream: Upstream;
/** What calls reach. */
let other: Upstream;
let grpc: GrpcServer;
beforeAll(async () => {
  grpc = await startGrpcServer();
  other = await startUpstream({
    handler: ({ path }) => {
      if (path === "/1") return { reset: true };
      if (path === "/2") return { body: ["cut", 2, "off"], reset: true };
      if (path === "/3") return "never";
      return { delayMs: path === "/4" ? 20 : 0, body: path, trailers: path === "/5" ? [["x-sum", "1"]] : [] };
    },
  });
  upstream = await startUpstream({
    handler: () => ({ body: ["answer", 2, "in parts"], trailers: [["x-sum", "1"]] }),
  });
});
afterAll(async () => {
  await upstream?.stop();
  await other?.stop();
  await grpc?.stop();
});

/** Four kinds of request: without body, with one in parts, over HTTP/2 with trailers, and one that leaves early. */
function send(port: number, seed: number): Promise<unknown> {
  const headers: [string, string][] = [["x-seed", String(seed)], ...TRACED];
  const timeoutMs = 1500;
  switch (seed % 4) {
    case 0:
      return http1(port, { headers, timeoutMs });
    case 1:
      return http1(port, { method: "POST", headers, body: ["a part", 2, "x".repeat(40)], timeoutMs });
    case 2:
      return http2(port, {
        method: "POST",
        headers,
        body: ["a", 2, "b"],
        trailers: [["x-sum", "1"]],
        timeoutMs,
      });
    default:
      return http1(port, { method: "POST", headers, body: ["a part", 5, "y"], abortAfterMs: 8, timeoutMs });
  }
}

test.each([false, true])(
  "random calls leave Envoy running (allow_on_headers_stop_iteration: %s)",
  async (allowOnHeadersStopIteration) => {
    const wasm = await buildFile("tests/guest/assembly/chaos.ts");
    const envoy = await startEnvoy({
      http: { filters: [{ wasm, name: "f", allowOnHeadersStopIteration }], streamIdleTimeoutMs: 150 },
      clusters: {
        ...{ upstream: upstream.port, other: other.port, grpc: { port: grpc.port, http2: true } },
        // Nothing listens on port 1.
        ...{ empty: {}, refused: { port: 1, http2: true } },
      },
    });
    try {
      for (let seed = FIRST; seed <= LAST; seed += AT_ONCE) {
        const seeds = Array.from({ length: Math.min(AT_ONCE, LAST - seed + 1) }, (_, i) => seed + i);
        const sent = Promise.allSettled(seeds.map((each) => send(envoy.port, each)));
        if ((await Promise.race([sent, sleep(20_000)])) === undefined)
          throw new Error(`a client of seeds ${seeds[0]} to ${seeds.at(-1)} got no end`);
        const served = await http1(envoy.port).catch(() => null);
        if (served?.status === 200) continue;
        const exit = await Promise.race([envoy.exit, sleep(2000)]);
        if (TRACED.length) console.log(envoy.log.wasm.map((line) => line.text).join("\n"));
        const end = exit ? `ended (${JSON.stringify(exit)})` : `answered ${served?.status}`;
        throw new Error(`Envoy ${end} at seeds ${seeds[0]} to ${seeds.at(-1)}:\n${envoy.log.tail()}`);
      }
      expect(
        envoy.log.entries.filter((entry) => /failed: Uncaught|envoy bug|assert failure/i.test(entry.text)),
      ).toEqual([]);
    } finally {
      await envoy.stop();
    }
  },
  120_000,
);

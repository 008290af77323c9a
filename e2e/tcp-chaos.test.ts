// Anything through our API of TCP connections, in any callback and order: Envoy must neither crash nor lose its filter.
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { http1 } from "../tests/support/http-client.ts";
import { startTcp, type TcpServer } from "../tests/support/tcp.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

/** `TCP_CHAOS_SEEDS=1-100000` tries others; with CHAOS_TRACE=1 a failure shows what the filter did. */
const [FIRST, LAST] = (process.env.TCP_CHAOS_SEEDS ?? "1-400").split("-").map(Number) as [number, number];
const AT_ONCE = 40;
const TRACED = Boolean(process.env.CHAOS_TRACE);

let upstream: TcpServer;
let web: Upstream;
beforeAll(async () => {
  web = await startUpstream({ handler: () => ({ delayMs: 3, body: "answer" }) });
  // Echoes; some connections get a greeting, some are ended or reset by it.
  upstream = await startTcp(
    (piece, all, socket) => {
      socket.write(piece);
      if (all.includes("end")) socket.end("last words");
      if (all.includes("reset")) socket.resetAndDestroy();
    },
    (socket) => void socket.write("hello"),
  );
});
afterAll(() => Promise.all([upstream?.stop(), web?.stop()]));

/** Five kinds of client: one that leaves at once, that half-closes, that resets, that lets the upstream end or reset. */
async function talk(port: number, seed: number): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.on("error", () => {});
  socket.on("data", () => {});
  if (seed % 7 !== 0) socket.write(`seed ${seed} `);
  await sleep(1 + (seed % 4));
  switch (seed % 5) {
    case 0:
      break;
    case 1:
      socket.write("more");
      socket.end("and the end");
      await sleep(15);
      break;
    case 2:
      socket.resetAndDestroy();
      break;
    case 3:
      socket.write("end");
      await sleep(10);
      socket.write("after it");
      await sleep(10);
      break;
    default:
      socket.write("x".repeat(100_000));
      await sleep(10);
      socket.write("reset");
      await sleep(10);
  }
  socket.destroy();
  await closed;
}

test("random calls on connections leave Envoy running", async () => {
  const wasm = await buildFile("tests/guest/assembly/tcp-chaos.ts");
  const plugin = { wasm, vmId: "one", configuration: TRACED ? "trace" : "" };
  const common = {
    accessLoggers: [{ ...plugin, name: "first" }],
    perConnectionBufferLimitBytes: 20_000,
    idleTimeoutMs: 300,
  };
  const envoy = await startEnvoy({
    tcp: [
      { ...common, name: "one", filters: [{ ...plugin, name: "first" }] },
      {
        ...{ ...common, name: "two" },
        filters: [
          { ...plugin, name: "first" },
          { ...plugin, name: "second", vmId: "two" },
        ],
      },
    ],
    http: {},
    // `upstream` is no HTTP server: calls to it fail.
    clusters: { upstream: upstream.port, web: web.port },
    override: (bootstrap) => {
      for (const listener of bootstrap.static_resources.listeners) listener.stat_prefix = listener.name;
    },
  });
  try {
    const served = (): Promise<{ status: number } | null> => http1(envoy.ports.http!).catch(() => null);
    for (let seed = FIRST; seed <= LAST; seed += AT_ONCE) {
      const seeds = Array.from({ length: Math.min(AT_ONCE, LAST - seed + 1) }, (_, i) => seed + i);
      const sent = Promise.allSettled(
        seeds.map((each) => talk(envoy.ports[each % 2 ? "one" : "two"]!, each)),
      );
      if ((await Promise.race([sent, sleep(20_000)])) === undefined)
        throw new Error(`a client of seeds ${seeds[0]} to ${seeds.at(-1)} got no end`);
      if (await served()) continue;
      const exit = await Promise.race([envoy.exit, sleep(2000)]);
      if (TRACED) console.log(envoy.log.wasm.map((line) => line.text).join("\n"));
      const end = exit ? `ended (${JSON.stringify(exit)})` : "does not answer";
      throw new Error(`Envoy ${end} at seeds ${seeds[0]} to ${seeds.at(-1)}:\n${envoy.log.tail()}`);
    }
    expect(
      envoy.log.entries.filter((entry) => /failed: Uncaught|envoy bug|assert failure/i.test(entry.text)),
    ).toEqual([]);
    // No connection stays behind: those that the filter held are ended by the idle timeout or by their client. Where two
    // filters have a connection, Envoy may keep it open: one of them resumes it, and the other one closes it meanwhile.
    const active = (): Promise<number | undefined> => envoy.stat("listener.one.downstream_cx_active");
    await expect.poll(active, { timeout: 5000 }).toBe(0);
  } finally {
    await envoy.stop();
  }
}, 120_000);

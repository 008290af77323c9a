// Timers in a real Envoy: beside its own tick, on each thread, and holding a stream. No figures: the machine may be slow.
import { afterAll, beforeAll, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { http1 } from "../tests/support/http-client.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

let upstream: Upstream;
let envoy: Envoy;

beforeAll(async () => {
  upstream = await startUpstream();
  envoy = await startEnvoy({
    http: {
      filters: [
        {
          wasm: await buildFile("tests/guest/assembly/timers.ts"),
          name: "timers",
          configuration: "every 20 a\nthree-times 10 b\nonce 30 c\ntick 25\nevery 4294967295 d\nchain 5 e",
        },
      ],
    },
    clusters: { upstream: upstream.port },
  });
});
afterAll(async () => {
  await envoy?.stop();
  await upstream?.stop();
});

const texts = (): string[] => envoy.log.wasm.map((line) => line.text);
const count = (text: string): number => texts().filter((it) => it === text).length;

test("intervals, one-shots and onTick come side by side, each on every thread", async () => {
  await expect.poll(() => count("a 1")).toBeGreaterThan(10);
  await expect.poll(() => count("onTick")).toBeGreaterThan(10);
  await expect.poll(() => count("chain 0")).toBeGreaterThan(10);
  await expect.poll(() => count("c 3")).toBeGreaterThan(0);
  await expect.poll(() => count("b 0")).toBe(count("c 3"));
  expect(count("cleared 0 1")).toBe(count("b 0"));
  expect(count("b 2")).toBe(count("b 0"));
  expect(texts().filter((it) => it.startsWith("d "))).toEqual([]);
});

test("a stream waits for a timer of its root", async () => {
  const answers = await Promise.all(
    ["30", "10", "1"].map((wait) => http1(envoy.port, { headers: [["wait", wait]] })),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  for (const wait of ["30", "10", "1"]) expect(count(`${wait} 0`)).toBe(1);
});

test("a client that leaves before does no harm", async () => {
  await http1(envoy.port, { headers: [["wait", "300"]], abortAfterMs: 50 });
  await expect.poll(() => count("proxy-wasm-as: resumeRequest refused: the stream is over")).toBe(1);
  expect((await http1(envoy.port, { headers: [["wait", "1"]] })).status).toBe(200);
});

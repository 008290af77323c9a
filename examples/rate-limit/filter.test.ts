// Tests of the rate-limit filter, without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/rate-limit.wasm", import.meta.url);

test("a burst passes, what is above it is told when to try again, and time fills the bucket", async () => {
  const host = await createHost({ wasm, configuration: "0.5 2" });
  const status = async (): Promise<number> => (await host.request()).response.status;
  expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
  expect((await host.request()).response.headers.get("retry-after")).toBe("2");
  await host.advance(2000);
  expect([await status(), await status()]).toEqual([200, 429]);
  await host.advance(60_000);
  expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
});

test("all threads take from one bucket", async () => {
  const host = await createHost({ wasm, configuration: "1 10", workers: 4 });
  let passed = 0;
  for (let i = 0; i < 40; i++) {
    const { upstream } = await host.request({ worker: i % 4 });
    if (upstream !== null) passed++;
  }
  expect(passed).toBe(10);
});

test("what was in the shared data before does no harm", async () => {
  const host = await createHost({ wasm, configuration: "1 1" });
  host.sharedData.set("rate-limit", "no bucket");
  expect((await host.request()).response.status).toBe(200);
  expect((await host.request()).response.status).toBe(429);
});

test.each(["no numbers", "0", "-1 5", "5 0.5"])("the configuration %s is refused", async (configuration) => {
  await expect(createHost({ wasm, configuration })).rejects.toThrow("not requests a second and a burst");
});

// Clocks, randomness and environment of a filter in the embedded host; e2e/preset.test.ts has the same in Envoy.
import { beforeAll, describe, expect, test } from "vitest";

import { createHost, type EnvironmentOptions, type TestHost } from "../../src/testing/index.ts";
import { buildFile, buildFilter } from "../support/asc.ts";
import { filter } from "../preset/filter.ts";

const NOW = new Date("2026-03-04T05:06:07.008Z");

let wasm: string;
beforeAll(async () => {
  wasm = await buildFile("tests/preset/assembly/system.ts");
}, 60_000);

function host(options: EnvironmentOptions = {}): Promise<TestHost> {
  return createHost({ wasm, now: NOW, environment: { MODE: "test", EMPTY: "" }, ...options });
}

async function ask(on: TestHost, worker = 0): Promise<(name: string) => string | null> {
  const { response } = await on.request({ worker });
  return (name) => response.headers.get(name);
}

test("the clock is the host's, in top-level code and in callbacks, and moves with it", async () => {
  const on = await host();
  expect(on.logs[0]?.text).toBe(`loaded at ${NOW.getTime()}`);
  expect((await ask(on))("x-iso")).toBe(NOW.toISOString());
  await on.advance(1500);
  const value = await ask(on);
  expect(value("x-now")).toBe(String(NOW.getTime() + 1500));
  expect(value("x-process-time")).toBe(String(NOW.getTime() + 1500));
  expect(value("x-parsed")).toBe(String(Date.parse("2001-02-03T04:05:06.007Z")));
});

test("the monotonic clocks measure what passes between two callbacks", async () => {
  const on = await host();
  const stream = on.openStream();
  await stream.requestHeaders({}, { endStream: true });
  await on.advance(25);
  await stream.respond({ status: 200 });
  const value = (name: string): string | null => stream.response?.headers.get(name) ?? null;
  expect([value("x-elapsed"), value("x-hrtime")]).toEqual(["25.0", "25000000"]);
});

test("the environment is what the options say, and no other", async () => {
  const value = await ask(await host());
  expect([value("x-mode"), value("x-environment")]).toEqual(["test", "EMPTY,MODE"]);
});

describe("randomness", () => {
  test("differs from request to request, and from worker to worker", async () => {
    const on = await host({ workers: 2 });
    const answers = [await ask(on, 0), await ask(on, 0), await ask(on, 1)];
    for (const name of ["x-bytes", "x-random"]) {
      expect(new Set(answers.map((value) => value(name))).size).toBe(3);
    }
  });

  test("is the same for the same seed, and another for another", async () => {
    const random = async (seed: number): Promise<string | null> =>
      (await ask(await host({ seed })))("x-bytes");
    expect(await random(7)).toBe(await random(7));
    expect(await random(7)).not.toBe(await random(8));
  });

  test("of top-level code differs from VM to VM", async () => {
    const seeded = await buildFilter(filter("", `console.log("seeded " + Math.random().toString());`));
    const { logs } = await createHost({ wasm: seeded, workers: 4 });
    expect(new Set(logs.map((entry) => entry.text)).size).toBe(4);
  });
});

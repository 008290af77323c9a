// Timers of a root context, in the embedded host, where time stands still until a test lets it pass.
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";

import { createHost, type HostOptions } from "../../src/testing/index.ts";
import { buildFile } from "../support/asc.ts";

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = readFileSync(await buildFile("tests/guest/assembly/timers.ts"));
}, 120_000);

type Options = Omit<Extract<HostOptions, { wasm: unknown }>, "wasm">;

/** What a root with these timers logs within so many milliseconds, each line behind its time. */
async function lines(timers: string, milliseconds: number, options: Options = {}): Promise<string[]> {
  const host = await createHost({ wasm, configuration: timers.replaceAll(", ", "\n"), ...options });
  const found: string[] = [];
  let seen = 0;
  for (let time = 0; time <= milliseconds; time += 5) {
    if (time) await host.advance(5);
    expect(host.trap).toBeNull();
    found.push(...host.logs.slice(seen).map(({ text }) => `${time} ${text}`));
    seen = host.logs.length;
  }
  return found;
}

/** Changes what the module tells the host about its tick; `periods` keeps what it said. */
function ticks(change: (period: number) => number, periods: number[] = []): Options {
  return {
    intercept: (name, original) =>
      name === "proxy_set_tick_period_milliseconds"
        ? (period: number) => {
            periods.push(period);
            return (original as (period: number) => number)(change(period));
          }
        : original,
  };
}

const CASES: readonly (readonly [name: string, timers: string, lines: readonly string[]])[] = [
  [
    "intervals and a one-shot share the tick",
    "every 100 a, every 70 b, once 150 c",
    ["70 b 2", "100 a 1", "140 b 2", "150 c 3", "200 a 1", "210 b 2"],
  ],
  [
    "an interval ends itself by the id it gets, and then is no more",
    "three-times 50 x",
    ["50 x 2", "100 x 1", "150 x 0", "150 cleared 0 1"],
  ],
  ["a timer is set in the callback of another", "chain 60 x", ["60 chain 0", "120 chain 0", "180 chain 0"]],
  ["an interval is ended by another timer", "every 80 a, clear-other 90 a", ["80 a 1", "90 clear a 0"]],
  ["a one-shot is ended before it is due", "once 30 b, clear-other 10 b", ["10 clear b 0"]],
  [
    "a one-shot that was due is not there to be ended",
    "once 10 b, clear-other 30 b",
    ["10 b 1", "30 clear b 1"],
  ],
  ["an unknown id is NotFound", "unknown", ["0 unknown true"]],
  [
    "what is due at one time comes in the order in which it was set",
    "once 20 a, once 20 b",
    ["20 a 1", "20 b 2"],
  ],
  [
    "onTick keeps its period beside timers, and ends alone",
    "tick 80, every 60 a, untick 130",
    ["0 tick 0", "60 a 2", "80 onTick", "120 a 2", "130 untick 0", "180 a 2"],
  ],
  [
    "the period of onTick is set anew",
    "tick 10, tick 90",
    ["0 tick 0", "0 tick 0", "90 onTick", "180 onTick"],
  ],
  ["a callback that captures nothing", "plain 20, plain 10", ["10 plain 2", "20 plain 1"]],
  ["the longest times there are", "every 4294967295 a, once 4294967295 b", []],
];

test.each(CASES)("%s", async (_name, timers, expected) => {
  expect(await lines(timers, 215)).toEqual(expected);
});

test("0 milliseconds are 1, so that a timer that sets itself again lets the host go on", async () => {
  const host = await createHost({ wasm, configuration: "chain 0 x" });
  await host.advance(20);
  expect(host.logs).toHaveLength(20);
});

test("a time of more than 24 days is waited for in parts", async () => {
  const periods: number[] = [];
  const host = await createHost({ wasm, configuration: "once 3000000000 b", ...ticks((it) => it, periods) });
  await host.advance(2999999999);
  expect(host.logs).toEqual([]);
  await host.advance(1);
  expect(host.logs.map(({ text }) => text)).toEqual(["b 1"]);
  expect(periods).toEqual([2147483647, 852516353, 0]);
});

test("the host ticks when something is due, and not at all when nothing is left", async () => {
  const periods: number[] = [];
  await lines(
    "every 100 a, once 30 b, clear-other 130 a",
    200,
    ticks((it) => it, periods),
  );
  expect(periods).toEqual([100, 30, 70, 30, 0]);
});

test("late ticks do not add up, and leave out what they have missed", async () => {
  expect(
    await lines(
      "every 50 a",
      255,
      ticks((it) => it + 20),
    ),
  ).toEqual(["70 a 1", "120 a 1", "170 a 1", "220 a 1"]);
  expect(
    await lines(
      "every 10 a",
      80,
      ticks((it) => it + 25),
    ),
  ).toEqual(["35 a 1", "65 a 1"]);
});

test("a tick that comes too early waits for the rest", async () => {
  expect(
    await lines(
      "every 50 a",
      155,
      ticks((it) => Math.max(1, it - 20)),
    ),
  ).toEqual(["50 a 1", "100 a 1", "150 a 1"]);
});

test("a host without the monotonic clock of WASI is asked for its own", async () => {
  const options: Options = {
    intercept: (name, original) => (name === "clock_time_get" ? () => 52 : original),
  };
  expect(await lines("every 50 a", 105, options)).toEqual(["50 a 1", "100 a 1"]);
});

test("a host that does not tick makes the id 0", async () => {
  const options: Options = {
    intercept: (name, original) => (name === "proxy_set_tick_period_milliseconds" ? () => 12 : original),
  };
  expect(await lines("id 50 a, tick 10", 105, options)).toEqual(["0 a 0", "0 tick 12"]);
});

test("what a handler holds lives as long as its timer", async () => {
  const host = await createHost({ wasm, configuration: "garbage 1 x" });
  await host.advance(600);
  expect(host.logs.map(({ text }) => text)).toEqual(["kept x"]);
});

test("a stream waits for a timer of its root", async () => {
  const host = await createHost({ wasm, configuration: "every 1000 a" });
  const answers = [host.request({ headers: { wait: "30" } }), host.request({ headers: { wait: "10" } })];
  await host.advance(50);
  expect((await Promise.all(answers)).map(({ response }) => response.status)).toEqual([200, 200]);
  expect(host.logs.map(({ text }) => text)).toEqual(["waits true", "waits true", "10 0", "30 0"]);
});

test("a stream that is gone when its timer comes cannot be resumed any more", async () => {
  const host = await createHost({ wasm });
  const stream = host.openStream();
  await stream.requestHeaders({ wait: "10" }, { endStream: true });
  await stream.reset();
  await host.advance(20);
  expect(host.trap).toBeNull();
  expect(host.logs.map(({ text }) => text)).toEqual([
    "waits true",
    "proxy-wasm-as: resumeRequest refused: the stream is over",
    "10 2",
  ]);
});

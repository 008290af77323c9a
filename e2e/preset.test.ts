// What the preset promises, in a real Envoy: the system's features, loading, and what a failing filter leaves behind.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Envoy, startEnvoy, type WasmLogLine, type WasmPluginOptions } from "../src/envoy/index.ts";
import { buildFile, buildFilter, repository } from "../tests/support/asc.ts";
import { header } from "../tests/support/bytes.ts";
import { type Http1Request, http1 } from "../tests/support/http-client.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";
import { filter } from "../tests/preset/filter.ts";

const SYSTEM = "tests/preset/assembly/system.ts";
const TRAP = "tests/preset/assembly/trap.ts";

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream?.stop());

function start(plugin: WasmPluginOptions): Promise<Envoy> {
  return startEnvoy({
    http: { filters: [plugin] },
    clusters: { upstream: upstream.port },
    componentLogLevels: { wasm: "trace" },
  });
}

/** What every VM has logged that starts so: the module's own, the trial run's, the main thread's, one worker's. */
async function logged({ log }: Envoy, start: string): Promise<WasmLogLine[]> {
  const lines = (): WasmLogLine[] => log.wasm.filter((line) => line.text.startsWith(start));
  await log.waitFor(() => lines().length === 4);
  return lines();
}

describe.each(["release", "debug"] as const)("a %s build that uses the system", (target) => {
  let envoy: Envoy;
  let started: number;

  beforeAll(async () => {
    const wasm = await buildFile(SYSTEM, { target });
    started = Date.now();
    envoy = await start({
      ...{ wasm, name: "system" },
      environmentVariables: { keyValues: { MODE: "test", EMPTY: "", SUM: "1+1=2" } },
    });
  });
  afterAll(() => envoy?.stop());

  async function ask(): Promise<(name: string) => string> {
    const response = await http1(envoy.port);
    expect(response.status).toBe(200);
    return (name) => header(response.headers, name) ?? "";
  }

  test("logs from top-level code, once per VM", async () => {
    const lines = await logged(envoy, "loaded at ");
    for (const { level, text } of lines) {
      expect(level).toBe("info");
      expect(Number(text.slice("loaded at ".length))).toBeGreaterThanOrEqual(started);
    }
  });

  test("has the clock of the machine", async () => {
    const before = Date.now();
    const value = await ask();
    const now = Number(value("x-now"));
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
    expect(value("x-iso")).toBe(new Date(now).toISOString());
    expect(Number(value("x-process-time"))).toBeGreaterThanOrEqual(now);
    expect(Number(value("x-process-time"))).toBeLessThanOrEqual(Date.now());
    expect(value("x-parsed")).toBe(String(Date.parse("2001-02-03T04:05:06.007Z")));
  });

  test("has clocks that only go forward, in milliseconds and in nanoseconds", async () => {
    upstream.handler = () => ({ delayMs: 20 });
    const value = await ask();
    // A timer of Node's may end up to a millisecond early.
    expect(Number(value("x-elapsed"))).toBeGreaterThanOrEqual(19);
    expect(Number(value("x-hrtime"))).toBeGreaterThanOrEqual(19e6);
    expect(Number(value("x-hrtime"))).toBeLessThan(1e6 * (Date.now() - started));
  });

  test("has the environment that the configuration gives it, and no other", async () => {
    const value = await ask();
    expect(value("x-mode")).toBe("test");
    expect(value("x-environment")).toBe("EMPTY,MODE,SUM");
  });

  test("has random numbers that differ from request to request", async () => {
    const [first, second] = [await ask(), await ask()];
    for (const name of ["x-bytes", "x-random"]) expect(first(name)).not.toBe(second(name));
    expect(first("x-bytes").split(",")).toHaveLength(16);
    for (const value of [first, second]) {
      expect(Number(value("x-random"))).toBeGreaterThanOrEqual(0);
      expect(Number(value("x-random"))).toBeLessThan(1);
    }
  });

  test("measures and traces into the log", async () => {
    const from = envoy.log.length;
    await ask();
    const measured = await envoy.log.waitFor(
      (entry) => /^work: .*\dms$/.test(entry.wasm?.text ?? ""),
      5000,
      from,
    );
    expect(measured.level).toBe("info");
    const traced = await envoy.log.waitFor(
      (entry) => entry.wasm?.text === "trace: traced 1.5, -2.0",
      5000,
      from,
    );
    expect(traced.level).toBe("trace");
  });
});

test("random numbers differ from VM to VM", async () => {
  const wasm = await buildFilter(filter("", `console.log("seeded " + Math.random().toString());`));
  await using envoy = await start({ wasm });
  const seeds = await logged(envoy, "seeded ");
  expect(new Set(seeds.map((line) => line.text)).size).toBe(seeds.length);
});

/** Where the filter that fails has this text: `file:line`, as asc names it. */
function place(text: string): string {
  const line = readFileSync(join(repository, TRAP), "utf8")
    .split("\n")
    .findIndex((each) => each.includes(text));
  if (line < 0) throw new Error(`${TRAP} has no ${text}.`);
  return `assembly/index.ts:${line + 1}:`;
}

/** Ways to fail, and what the log says of each. Where the standard library checks, its place is there. */
const FAILURES: readonly [how: string, message: string, place: string][] = [
  ["index", "Index out of range", "~lib/array.ts:"],
  ["get", "Key does not exist", "~lib/map.ts:"],
  ["throw", "this filter gave up", place("throw new Error")],
  ["null", "Unexpected 'null' (not assigned or failed cast)", place('"x-absent")!')],
  ["assert", "no headers expected", place("assert(")],
];

function failing(how: string): Http1Request {
  return { headers: [["x-fail", how]] };
}

test.each(FAILURES)(
  "a release build that fails by %s logs what happened and where",
  async (how, message, at) => {
    await using envoy = await start({ wasm: await buildFile(TRAP), name: "trap" });
    expect((await http1(envoy.port, failing(how))).status).toBe(503);
    const entry = await envoy.log.waitFor((each) => each.wasm?.text.startsWith("abort: ") ?? false);
    expect(entry.level).toBe("critical");
    expect(entry.wasm?.text.startsWith(`abort: ${message} at ${at}`), entry.wasm?.text).toBe(true);
    await envoy.log.waitFor("Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable");
  },
);

test("a debug build that fails shows the names of the functions it was in", async () => {
  await using envoy = await start({ wasm: await buildFile(TRAP, { target: "debug" }), name: "trap" });
  expect((await http1(envoy.port, failing("index"))).status).toBe(503);
  const entry = await envoy.log.waitFor("exports/proxy_on_request_headers");
  const frames = [...entry.text.matchAll(/^ +\d+: +0x[0-9a-f]+ - (.*)$/gm)].map(([, name]) => name);
  const own = ["assembly/index/Trap#readBeyond", "assembly/index/Trap#onRequestHeaders"];
  expect(frames.filter((name) => name?.startsWith("assembly/"))).toEqual(own);
});

describe("after a filter has failed", () => {
  const WHOLE = { status: 200, filtered: "yes" };

  async function startAndFail(failurePolicy: WasmPluginOptions["failurePolicy"]): Promise<Envoy> {
    const envoy = await start({ wasm: await buildFile(TRAP), failurePolicy, reloadBackoffMs: 20 });
    expect(await request(envoy)).toEqual(WHOLE);
    expect((await http1(envoy.port, failing("throw"))).status).toBe(503);
    return envoy;
  }

  async function request(envoy: Envoy): Promise<{ status: number; filtered: string | undefined }> {
    const { status, headers } = await http1(envoy.port);
    return { status, filtered: header(headers, "x-filtered") };
  }

  test("FAIL_CLOSED answers 503 from then on", async () => {
    await using envoy = await startAndFail("FAIL_CLOSED");
    for (let i = 0; i < 3; i++) expect(await request(envoy)).toEqual({ status: 503, filtered: undefined });
  });

  test("FAIL_OPEN lets requests pass without the filter", async () => {
    await using envoy = await startAndFail("FAIL_OPEN");
    for (let i = 0; i < 3; i++) expect(await request(envoy)).toEqual({ status: 200, filtered: undefined });
  });

  test("FAIL_RELOAD serves again with a new VM", async () => {
    await using envoy = await startAndFail("FAIL_RELOAD");
    let answer = await request(envoy);
    for (
      const end = Date.now() + 10_000;
      answer.status === 503 && Date.now() < end;
      answer = await request(envoy)
    ) {
      await sleep(20);
    }
    expect(answer).toEqual(WHOLE);
  });
});

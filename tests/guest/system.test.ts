// What the library takes from the system, and every callback of a stream, on the embedded host.
import { describe, expect, test } from "vitest";

import { createHost, type LogEntry } from "../../src/testing/index.ts";
import { buildFile, buildFilter } from "../support/asc.ts";

const texts = (logs: readonly LogEntry[]): string[] => logs.map((entry) => entry.text);

test("clocks, random numbers and environment are those of the host", async () => {
  const wasm = await buildFile("tests/preset/assembly/system.ts");
  const now = new Date("2020-02-03T04:05:06.789Z");
  const answer = async (seed: number) => {
    const host = await createHost({ wasm, now, seed, environment: { MODE: "test" } });
    const { headers } = (await host.request()).response;
    return (name: string) => headers.get(name);
  };
  const [one, same, other] = [await answer(1), await answer(1), await answer(2)];
  expect([one("x-now"), one("x-iso"), one("x-mode")]).toEqual([
    String(now.getTime()),
    now.toISOString(),
    "test",
  ]);
  for (const name of ["x-random", "x-bytes"]) {
    expect(same(name)).toBe(one(name));
    expect(other(name)).not.toBe(one(name));
  }
});

test("a line below the level of the proxy is not even put together", async () => {
  const wasm = await buildFilter(`
    import { isLogEnabled, LogLevel, logDebug, registerRootContext, RootContext } from "proxy-wasm-as";
    class Root extends RootContext {
      override onConfigure(size: u32): bool {
        if (isLogEnabled(LogLevel.Debug)) logDebug("costly");
        console.log(isLogEnabled(LogLevel.Info).toString());
        return true;
      }
    }
    registerRootContext<Root>();
  `);
  expect(texts((await createHost({ wasm })).logs)).toEqual(["true"]);
  expect(texts((await createHost({ wasm, logLevel: "debug" })).logs)).toEqual(["costly", "true"]);
  expect(texts((await createHost({ wasm, logLevel: "warn" })).logs)).toEqual([]);
});

describe("the callbacks of a stream", () => {
  test("every callback of a stream comes, in order", async () => {
    const wasm = await buildFile("tests/guest/assembly/lifecycle.ts");
    const upstream = { body: "x" };
    const host = await createHost({ wasm, configuration: "c", vmConfiguration: "vm", upstream });
    expect(texts(host.logs)).toEqual(["vmStart 2 vm", "configure 1 c"]);
    const { logs, response } = await host.request({
      path: "/x",
      body: ["a", "b"],
      trailers: { "x-sum": "3" },
    });
    expect(response.trailers?.get("x-made")).toBe("here");
    expect(texts(logs)).toEqual([
      "log requestHeaders,requestBody,requestBody,requestTrailers 3,responseHeaders /x 200",
      "done",
      "delete",
    ]);
    await host.dispose();
    expect(texts(host.logs).slice(-2)).toEqual(["root done", "root delete"]);
  });

  test("a property that a filter has set is there in onLog", async () => {
    const host = await createHost({ wasm: await buildFile("tests/guest/assembly/lifecycle.ts") });
    const { logs } = await host.request({ path: "/kept" });
    expect(texts(logs)[0]).toMatch(/ \/kept 200$/);
  });

  test("the trailers of a response are seen", async () => {
    const wasm = await buildFile("examples/response-rewrite/assembly/index.ts");
    const host = await createHost({ wasm });
    const upstream = {
      headers: { "content-type": "text/plain" },
      body: ["teh ", "end"],
      trailers: { "x-sum": "7" },
    };
    const { response } = await host.request({ upstream });
    expect([response.text(), response.trailers?.get("x-sum")]).toEqual(["the end", "7"]);
  });
});

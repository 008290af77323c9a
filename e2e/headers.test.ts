// Header maps in a real Envoy: reading, writing, bytes, limits, and what is refused.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { header, headerAll } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

describe.each([
  ["a release build", {}],
  ["a release build with the incremental collector", { options: { runtime: "incremental" } }],
  ["a debug build", { target: "debug" as const }],
])("%s", (_, build) => {
  let upstream: Upstream;
  let envoy: Envoy;

  beforeAll(async () => {
    upstream = await startUpstream();
    envoy = await startEnvoy({
      http: {
        filters: [{ wasm: await buildFile("tests/guest/assembly/headers.ts", build), name: "f" }],
        maxRequestHeadersKb: 96,
        maxHeadersCount: 200,
      },
      clusters: { upstream: { port: upstream.port, maxHeadersCount: 200, maxResponseHeadersKb: 96 } },
    });
  });
  afterAll(async () => {
    await envoy?.stop();
    await upstream?.stop();
  });

  let logged = 0;
  beforeEach(() => {
    logged = envoy.log.wasm.length;
    upstream.handler = () => ({});
  });

  const request = (task: string, ...headers: [string, string][]): ReturnType<typeof http1> =>
    http1(envoy.port, { headers: [["x-do", task], ...headers] });

  /** What the filter and the library wrote since the test began. */
  const lines = (): string[] => envoy.log.wasm.slice(logged).map((line) => line.text);

  describe("reading", () => {
    test("missing is null, empty is empty, the first of several, or all", async () => {
      const { headers } = await request(
        "read",
        ["x-empty", ""],
        ["x-many", "1"],
        ["x-many", "2"],
        ["X-Many", ""],
      );
      expect(header(headers, "x-missing")).toBe("null");
      expect(header(headers, "x-empty")).toBe('""');
      expect(header(headers, "x-first")).toBe('"1"');
      expect(header(headers, "x-all")).toBe("1|2|");
      expect(header(headers, "x-none")).toBe("0");
      expect(header(headers, "x-has")).toBe("truefalse");
      expect(header(headers, "x-size")).toBe("true");
    });

    test("bytes that are no UTF-8 pass unchanged, and read as replacement characters", async () => {
      const { headers } = await request("bytes", ["x-raw", "1 \xC0\xA7\xA1\xB1"]);
      expect(header(upstream.last().headers, "x-copy")).toBe("1 \xC0\xA7\xA1\xB1");
      expect(header(upstream.last().headers, "x-added")).toBe("1 \xC0\xA7\xA1\xB1");
      expect(header(headers, "x-raw-length")).toBe("6");
      expect(header(headers, "x-text-length")).toBe("6"); // "1", " ", and one U+FFFD for each of four bytes
      expect(header(headers, "x-absent-bytes")).toBe("true");
    });

    test("a hundred headers and one of 50 KiB", async () => {
      const many = Array.from({ length: 100 }, (_, i): [string, string] => [`x-${i}`, String(i)]);
      const { headers } = await request("count", ...many, ["x-large", "x".repeat(50 * 1024)]);
      expect(header(headers, "x-count")).toBe(header(headers, "x-number"));
      expect(Number(header(headers, "x-count"))).toBeGreaterThan(102);
      expect(header(headers, "x-largest")).toBe(String(50 * 1024));
      expect(header(upstream.last().headers, "x-large")?.length).toBe(50 * 1024);
    });

    test("in onLog headers of both directions are there, trailers are null", async () => {
      await request("log");
      await envoy.log.waitFor(/log: /);
      await expect.poll(lines).toContain('log: "log"null"200"nullnull');
    });
  });

  describe("writing", () => {
    test("add, set and remove", async () => {
      const { headers } = await request("edit", ["x-many", "1"], ["x-many", "2"], ["x-gone", "1"]);
      const seen = upstream.last().headers;
      expect(headerAll(seen, "x-new")).toEqual(["one", "two"]);
      expect(headerAll(seen, "x-many")).toEqual(["only"]);
      expect(headerAll(seen, "x-gone")).toEqual([]);
      expect(header(headers, "x-add")).toBe("00");
      expect(header(headers, "x-set")).toBe("0");
      expect(header(headers, "x-remove")).toBe("00");
    });

    test.each([
      ["setAll", ["this"]],
      ["clear", []],
    ])("%s keeps what routing needs (envoy-facts 4)", async (task, only) => {
      const { status, headers } = await request(task, ["x-many", "1"]);
      expect(status).toBe(200);
      expect(header(headers, "x-set-all")).toBe("0");
      expect(upstream.last().path).toBe("/");
      expect(headerAll(upstream.last().headers, "x-many")).toEqual([]);
      expect(headerAll(upstream.last().headers, "x-only")).toEqual(only);
    });

    test("C11: setAll with more than Envoy reads is refused, and the headers stay", async () => {
      const { status, headers } = await request("setAll too many", ["x-other", "1"]);
      expect(status).toBe(200);
      expect(header(headers, "x-set-all")).toBe("2");
      expect(header(headers, "x-set-large")).toBe("2");
      expect(header(upstream.last().headers, "x-other")).toBe("1");
      await expect
        .poll(() => lines().filter((line) => /setAll refused: more than 1,024 headers/.test(line)))
        .toHaveLength(2);
    });

    test("a map that is not there in this callback: null, a status, and one line in the log", async () => {
      for (let i = 0; i < 2; i++) {
        const { headers } = await request("wrong phase");
        expect(header(headers, "x-response")).toBe("null");
        expect(header(headers, "x-write")).toBe("2");
      }
      await expect.poll(lines).toEqual(["proxy-wasm-as: responseHeaders cannot be used in this callback"]);
    });

    test("request headers in the response are null (envoy-facts 2.2)", async () => {
      const { headers } = await request("late");
      expect(header(headers, "x-late")).toBe("null");
      await expect.poll(lines).toEqual(["proxy-wasm-as: requestHeaders cannot be used in this callback"]);
    });
  });

  describe("C10: CR, LF and NUL", () => {
    test("in a request are refused with BadArgument", async () => {
      const { status, headers } = await request("bad request");
      expect(status).toBe(200);
      expect(header(headers, "x-statuses")).toBe("2".repeat(11));
      const names = upstream.last().headers.map(([name]) => name.toLowerCase());
      expect(names.filter((name) => /evil|injected|é/.test(name))).toEqual([]);
      await expect.poll(lines).toContain("proxy-wasm-as: add x-evil refused: CR, LF or NUL in the value");
      await expect.poll(lines).toContain("proxy-wasm-as: set refused: bad header name");
    });

    test("in a response are refused, and the client sees no injected header", async () => {
      const { raw, headers } = await request("bad response");
      expect(header(headers, "x-statuses")).toBe("2".repeat(11));
      expect(raw.toString("latin1")).not.toMatch(/injected|evil/);
    });

    test("in a local response are refused, and the rest of it is sent", async () => {
      const response = await request("bad reply");
      expect(response.status).toBe(403);
      expect(response.body.toString()).toBe("no");
      expect(header(response.headers, "x-good")).toBe("1");
      expect(response.raw.toString("latin1")).not.toMatch(/injected|evil/);
      await expect.poll(lines).toContain("list: 2220");
      await expect
        .poll(lines)
        .toContain("proxy-wasm-as: sendLocalResponse header :status refused: the status is an argument");
    });
  });
});

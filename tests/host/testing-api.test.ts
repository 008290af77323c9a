// What the test API does beyond Envoy's rules: options, waiting, failures.
import { describe, expect, it } from "vitest";
import { createHost, HeaderList, HostError } from "../../src/testing/index.ts";
import { callback, guest, logText } from "./guest.ts";
import type { HostOptions } from "../../src/testing/index.ts";

const NOTHING = guest(() => "");

describe("createHost", () => {
  it.each([
    [{ workers: 0 }, /workers is 0/],
    [{ failurePolicy: "OPEN" }, /failurePolicy is "OPEN"; use one of FAIL_CLOSED/],
    [{ kinds: ["tcp"] }, /kinds has "tcp"/],
    [{ wasm: 7 }, /must be a path/],
  ])("refuses %j", async (options, message) => {
    await expect(createHost({ wasm: NOTHING, ...options } as unknown as HostOptions)).rejects.toMatchObject({
      code: "bad-option",
      message,
    });
  });

  it("keeps the cause of an error", async () => {
    const error = (await createHost({ wasm: "/nowhere.wasm" }).catch(
      (reason: unknown) => reason,
    )) as HostError;
    expect([error.name, (error.cause as NodeJS.ErrnoException).code]).toEqual(["HostError", "ENOENT"]);
  });

  it("needs no plugin at all", async () => {
    const host = await createHost({ plugins: [] });
    expect((await host.request()).response.status).toBe(200);
    expect(() => host.plugin()).toThrow(/no plugin 0/);
    await expect(host.request({ worker: 3 })).rejects.toMatchObject({ code: "bad-option" });
  });
});

describe("a request", () => {
  it("has sensible defaults, which headers can override", async () => {
    const host = await createHost({ wasm: NOTHING });
    const plain = await host.request();
    expect([plain.upstream?.method, plain.upstream?.path, plain.upstream?.authority]).toEqual([
      "GET",
      "/",
      "example.com",
    ]);
    const given = await host.request({ headers: { ":method": "PUT", ":authority": "a.test" } });
    expect([given.upstream?.method, given.upstream?.authority]).toEqual(["PUT", "a.test"]);
  });

  it("declares the length of a body given whole, and not of one in parts", async () => {
    const host = await createHost({ wasm: NOTHING });
    const whole = await host.request({ method: "POST", body: "é", upstream: { body: "ü" } });
    expect([
      whole.upstream?.headers.get("content-length"),
      whole.response.headers.get("content-length"),
    ]).toEqual(["2", "2"]);
    const parts = await host.request({ method: "POST", body: ["a", "b"], upstream: { body: ["c", "d"] } });
    expect([
      parts.upstream?.headers.has("content-length"),
      parts.response.headers.has("content-length"),
    ]).toEqual([false, false]);
    expect([parts.upstream?.chunks.map(String), parts.response.chunks.map(String)]).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("can be one of many at once, each with its own logs and stream", async () => {
    const wasm = guest((text) => callback("proxy_on_request_headers", logText(text("seen"))));
    const host = await createHost({ wasm, upstream: async (request) => ({ body: request.path }) });
    const paths = Array.from({ length: 50 }, (_, index) => `/${index}`);
    const walks = await Promise.all(paths.map((path) => host.request({ path })));
    expect(walks.map((walk) => walk.response.text())).toEqual(paths);
    expect(new Set(host.logs.map((entry) => entry.context)).size).toBe(50);
  });

  it("carries JSON, repeated headers and trailers both ways", async () => {
    const host = await createHost({ wasm: NOTHING });
    const { upstream, response } = await host.request({
      method: "POST",
      headers: [
        ["a", "1"],
        ["A", "2"],
      ],
      body: JSON.stringify({ n: 1 }),
      trailers: { t: "x" },
      upstream: { body: "[2]", headers: { b: ["3", "4"] }, trailers: [["u", "y"]] },
    });
    expect([upstream?.json(), upstream?.headers.getAll("a"), upstream?.trailers?.get("t")]).toEqual([
      { n: 1 },
      ["1", "2"],
      "x",
    ]);
    expect([
      response.json(),
      response.headers.getAll("B"),
      response.trailers?.get("u"),
      response.complete,
    ]).toEqual([[2], ["3", "4"], "y", true]);
  });

  it("that fails does so for whoever waits, and at once for those who come later", async () => {
    const wasm = guest(
      () =>
        callback("proxy_on_request_headers", "", 4) +
        callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))") +
        callback("proxy_on_tick", "(drop (call $proxy_continue_stream (i32.const 0)))"),
    );
    const host = await createHost({ wasm });
    const walk = host.request();
    await expect(host.advance(5)).rejects.toMatchObject({ code: "no-stream" });
    await expect(walk).rejects.toMatchObject({ code: "no-stream" });
    await expect(host.request()).rejects.toMatchObject({ code: "no-stream" });
  });

  it("is unharmed by a step that was refused", async () => {
    const host = await createHost({ wasm: NOTHING });
    await expect(host.openStream().responseBody("x")).rejects.toMatchObject({ code: "wrong-phase" });
    expect((await host.request()).response.status).toBe(200);
  });

  it("whose upstream breaks off after its headers is cut for the client", async () => {
    const stream = (await createHost({ wasm: NOTHING })).openStream();
    await stream.requestHeaders({}, { endStream: true });
    await stream.responseHeaders();
    const step = await stream.failUpstream("reset");
    expect([step.finished, stream.response?.status, stream.response?.reset]).toEqual([
      true,
      200,
      "upstream_reset_after_response_started",
    ]);
  });
});

describe("headers as results", () => {
  it("tell absent from empty, text from bytes", () => {
    const headers = new HeaderList([
      ["a", ""],
      ["b", "\xc3\xa9"],
    ]);
    expect([
      headers.get("a"),
      headers.get("c"),
      headers.has("A"),
      headers.get("B"),
      headers.getBytes("b"),
      headers.length,
    ]).toEqual(["", null, true, "é", Buffer.from("é"), 2]);
    expect(headers.entries()).toEqual([
      ["a", ""],
      ["b", "é"],
    ]);
  });
});

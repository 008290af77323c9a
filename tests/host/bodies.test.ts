// Bodies, trailers and flow control (envoy-facts 2.1, 3 and 5).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { callback, guest, logAnswer, logStatus, logText } from "./guest.ts";
import type { HostOptions, LogEntry } from "../../src/testing/index.ts";

const texts = (logs: readonly LogEntry[]) => logs.map((entry) => entry.text);
const read = (type: number, start = 0, length = -1) =>
  logAnswer(`(call $proxy_get_buffer_bytes (i32.const ${type}) (i32.const ${start}) (i32.const ${length})`);
/** Logs size and end of stream of a body callback, then the body. */
const SEEN = `${logStatus("(local.get 1)")} ${logStatus("(local.get 2)")}`;
const host = (wasm: Uint8Array, options: Partial<HostOptions> = {}) => createHost({ wasm, ...options });
const POST = {
  ":method": "POST",
  ":path": "/",
  ":authority": "a",
  ":scheme": "http",
  "x-forwarded-proto": "http",
};

describe("bodies", () => {
  it("calls no body callback for a request of headers alone (2.1)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_headers", logStatus("(local.get 2)")) +
        callback("proxy_on_request_body", logText(text("body"))),
    );
    expect(texts((await (await host(wasm)).request()).logs)).toEqual(["01"]);
  });

  it("ends a body over HTTP/1.1 with an extra empty part, and over HTTP/2 with the last one (2.1)", async () => {
    const wasm = guest(() => callback("proxy_on_request_body", SEEN));
    const running = await host(wasm);
    expect(texts((await running.request({ method: "POST", body: "abc" })).logs)).toEqual([
      "03",
      "00",
      "00",
      "01",
    ]);
    expect(
      texts((await running.request({ method: "POST", body: ["ab", "c"], protocol: "HTTP/2" })).logs),
    ).toEqual(["02", "00", "01", "01"]);
  });

  it("gives body parts before trailers no end of stream (2.1)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_body", SEEN) +
        callback(
          "proxy_on_request_trailers",
          `${logStatus("(local.get 1)")}
      ${logAnswer(`(call $proxy_get_header_map_value (i32.const 1) ${text("x-t")}`)}`,
        ),
    );
    const { upstream, logs } = await (
      await host(wasm)
    ).request({ method: "POST", body: "abc", trailers: { "X-T": "v" } });
    expect(texts(logs)).toEqual(["03", "00", "01", "v"]);
    expect(upstream?.trailers?.get("x-t")).toBe("v");
  });

  it("reads with clipping, and nothing beyond the end (5)", async () => {
    const wasm = guest(() =>
      callback(
        "proxy_on_request_body",
        read(0) + read(0, 1, 2) + read(0, 2, 99) + read(0, 3, 1) + read(0, 9, 1) + read(0, 0, 0),
      ),
    );
    const { logs } = await (await host(wasm)).request({ method: "POST", body: "abc", protocol: "HTTP/2" });
    expect(texts(logs)).toEqual(["abc", "bc", "c", "", "", ""]);
  });

  it("answers empty for buffers that hold nothing, and NotFound or BadArgument for those that do not exist (5)", async () => {
    const wasm = guest(() =>
      callback("proxy_on_request_headers", [0, 1, 2, 3, 5, 8, 4, 7, 9].map((type) => read(type)).join("")),
    );
    expect(texts((await (await host(wasm)).request()).logs)).toEqual([
      "",
      "",
      "",
      "",
      "",
      "",
      "01",
      "01",
      "02",
    ]);
  });

  it.each([
    [0, 0, "[abc"],
    [0, 2, "[c"],
    [0, 99, "["],
    [0, -1, "["],
    [3, 0, "abc["],
    [7, 5, "abc["],
  ])("set_buffer_bytes at %i for %i makes %s (5)", async (start, length, expected) => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_request_body",
        `(if (local.get 2) (then ${logStatus(`(call $proxy_set_buffer_bytes (i32.const 0) (i32.const ${start}) (i32.const ${length}) ${text("[")})`)}))`,
      ),
    );
    const { upstream, logs } = await (
      await host(wasm)
    ).request({ method: "POST", body: ["abc"], protocol: "HTTP/2" });
    expect(texts(logs)).toEqual(["00"]);
    expect(upstream?.text()).toBe(expected);
  });

  it("refuses to replace the middle, other buffers, and bodies outside their callback (5)", async () => {
    const set = (text: (value: string) => string, type: number, start: number) =>
      logStatus(
        `(call $proxy_set_buffer_bytes (i32.const ${type}) (i32.const ${start}) (i32.const 1) ${text("x")})`,
      );
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_headers", [0, 1, 4, 6, 7].map((type) => set(text, type, 0)).join("")) +
        callback("proxy_on_request_body", `(if (local.get 2) (then ${set(text, 0, 1)}))`),
    );
    const { logs } = await (await host(wasm)).request({ method: "POST", body: ["abc"], protocol: "HTTP/2" });
    expect(texts(logs)).toEqual(["02", "02", "01", "02", "01", "02"]);
  });

  it("does not adjust content-length: 502 for a request; a client is cut off or reads no further (5)", async () => {
    const change = (type: number) =>
      guest((text) =>
        callback(
          type === 0 ? "proxy_on_request_body" : "proxy_on_response_body",
          `(if (local.get 1) (then (drop (call $proxy_set_buffer_bytes (i32.const ${type}) (i32.const 0) (i32.const -1) ${text("longer than before")}))))`,
        ),
      );
    const request = await (await host(change(0))).request({ method: "POST", body: "abc" });
    expect(request.response.status).toBe(502);
    expect(request.logs.find((entry) => entry.source === "host")?.text).toMatch(
      /content-length 3 .* 18 bytes/,
    );
    for (const [protocol, cut, body] of [
      ["HTTP/2", true, ""],
      ["HTTP/1.1", false, "lon"],
    ] as const) {
      const { response, logs } = await (
        await host(change(1))
      ).request({ protocol, upstream: { body: "abc" } });
      expect([response.reset !== null, response.text()]).toEqual([cut, body]);
      expect(logs.find((entry) => entry.source === "host")?.text).toMatch(/content-length 3/);
    }
  });
});

describe("body statuses", () => {
  const CHUNKS = { method: "POST", body: ["a", "b", "c"], protocol: "HTTP/2" } as const;
  const stopUntilEnd = (status: number) =>
    guest(
      () =>
        `(func (export "proxy_on_request_body") (param i32 i32 i32) (result i32) ${read(0)} (if (result i32) (local.get 2) (then (i32.const 0)) (else (i32.const ${status}))))`,
    );

  it("StopIterationAndBuffer shows the whole body each time (3.2)", async () => {
    const { upstream, logs } = await (await host(stopUntilEnd(1))).request(CHUNKS);
    expect(texts(logs)).toEqual(["a", "ab", "abc"]);
    expect(upstream?.chunks.map(String)).toEqual(["abc"]);
  });

  it("StopIterationAndWatermark shows the new part alone, and forwards all of it (3.2)", async () => {
    const { upstream, logs } = await (await host(stopUntilEnd(2))).request(CHUNKS);
    expect(texts(logs)).toEqual(["a", "b", "c"]);
    expect(upstream?.text()).toBe("abc");
  });

  it.each([3, 4, 100, -1])(
    "StopIterationNoBuffer and unknown statuses (%i) drop the part (3.2)",
    async (status) => {
      const { upstream, logs } = await (await host(stopUntilEnd(status))).request(CHUNKS);
      expect(texts(logs)).toEqual(["a", "b", "c"]);
      expect(upstream?.text()).toBe("c");
    },
  );

  it("holds trailers back until the callback says Continue (3.3)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_trailers", "", 1) +
        callback(
          "proxy_on_tick",
          `${logStatus("(call $proxy_set_effective_context (i32.const 2))")} (drop (call $proxy_continue_stream (i32.const 0)))`,
        ) +
        callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))") +
        callback("proxy_on_log", logText(text("log"))),
    );
    const running = await host(wasm);
    const walk = running.request({ method: "POST", body: "abc", trailers: { t: "1" } });
    await running.advance(5);
    const { upstream, logs } = await walk;
    expect(texts(logs)).toEqual(["00", "log"]);
    expect(upstream?.trailers?.get("t")).toBe("1");
  });

  it("a held body can be read and replaced in the trailers callback (2.2)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_body", "", 1) +
        callback(
          "proxy_on_request_trailers",
          `${read(0)} (drop (call $proxy_set_buffer_bytes (i32.const 0) (i32.const 0) (i32.const -1) ${text("new")}))`,
        ),
    );
    const { upstream, logs } = await (
      await host(wasm)
    ).request({ method: "POST", body: ["ab", "c"], trailers: { t: "1" } });
    expect(texts(logs)).toEqual(["abc"]);
    expect(upstream?.text()).toBe("new");
  });

  it("answers 413 to a held request over the limit, 500 to a held response, and cuts one whose headers have left (5)", async () => {
    const hold = (callbacks: string[]) =>
      guest(() => callbacks.map((name) => callback(name, "", 1)).join(""));
    const request = await (
      await host(hold(["proxy_on_request_body"]), { bufferLimit: 4 })
    ).request({ method: "POST", body: ["abc", "de"] });
    expect([request.response.status, request.response.text(), request.upstream?.complete]).toEqual([
      413,
      "Payload Too Large",
      false,
    ]);
    const cut = await (
      await host(hold(["proxy_on_response_body"]), { bufferLimit: 4 })
    ).request({ upstream: { body: ["abc", "de"] } });
    expect(cut.response.reset).not.toBeNull();
    const held = guest(() => callback("proxy_on_response_headers", "", 3));
    const response = await (
      await host(held, { bufferLimit: 4 })
    ).request({ upstream: { body: ["abc", "de"] } });
    expect(response.response.status).toBe(500);
  });
});

describe("headers statuses", () => {
  const paused = (status: number) =>
    guest(
      (
        text,
      ) => `${callback("proxy_on_request_headers", "", status)} ${callback("proxy_on_request_body", SEEN + read(0))}
      ${callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))")}
      ${callback("proxy_on_tick", `${logText(text("tick"))} (drop (call $proxy_set_effective_context (i32.const 2))) (drop (call $proxy_continue_stream (i32.const 0)))`)}`,
    );

  it.each([1, 3, 4, 5, 100, -1])(
    "status %i stops everything, and the body then comes in one call (3.1)",
    async (status) => {
      const running = await host(paused(status));
      const walk = running.request({ method: "POST", body: ["ab", "c"], protocol: "HTTP/2" });
      await running.advance(5);
      const { upstream, logs } = await walk;
      expect(texts(logs)).toEqual(["tick", "03", "01", "abc"]);
      expect(upstream?.text()).toBe("abc");
    },
  );

  it.each([0, 2])("status %i continues (3.1)", async (status) => {
    const { upstream } = await (await host(paused(status))).request({ method: "POST", body: ["ab"] });
    expect(upstream?.text()).toBe("ab");
  });

  it("StopIteration with allowOnHeadersStopIteration stops the headers only, until a body callback continues (3.1)", async () => {
    const wasm = guest(
      (text) => `${callback("proxy_on_request_headers", "", 1)}
      (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
        (if (result i32) (local.get 2)
          (then ${logStatus(`(call $proxy_add_header_map_value (i32.const 0) ${text("x-late")} ${text("yes")})`)} (i32.const 0))
          (else ${logText(text("wait"))} (i32.const 1))))`,
    );
    const { upstream, logs } = await (
      await host(wasm, { allowOnHeadersStopIteration: true })
    ).request({ method: "POST", body: ["a", "b"], protocol: "HTTP/2" });
    expect(texts(logs)).toEqual(["wait", "00"]);
    expect(upstream?.headers.get("x-late")).toBe("yes");
    expect(upstream?.text()).toBe("ab");
  });

  it("drops the request maps at once after continue_stream (7.1)", async () => {
    const wasm = guest(
      (
        text,
      ) => `${callback("proxy_on_request_headers", "", 4)} ${callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))")}
      ${callback(
        "proxy_on_tick",
        `(drop (call $proxy_set_effective_context (i32.const 2)))
         ${logAnswer(`(call $proxy_get_header_map_value (i32.const 0) ${text(":path")}`)}
         (drop (call $proxy_continue_stream (i32.const 0)))
         ${logAnswer(`(call $proxy_get_header_map_value (i32.const 0) ${text(":path")}`)}
         (drop (call $proxy_continue_stream (i32.const 0)))`,
      )}`,
    );
    const running = await host(wasm);
    const walk = running.request({ path: "/p" });
    await running.advance(5);
    const { logs, upstream } = await walk;
    expect(texts(logs)).toEqual(["/p", "02"]);
    expect(upstream?.path).toBe("/p");
  });

  it("continue_stream knows four kinds of streams (3.4)", async () => {
    const wasm = guest(() =>
      callback(
        "proxy_on_request_headers",
        [2, 3, 4, 100].map((type) => logStatus(`(call $proxy_continue_stream (i32.const ${type}))`)).join(""),
      ),
    );
    expect(texts((await (await host(wasm)).request()).logs)).toEqual(["00", "12", "02", "02"]);
  });

  it("close_stream resets the stream, and log, done and delete follow (3.4)", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_request_headers",
          logStatus("(call $proxy_close_stream (i32.const 0))") +
            logStatus("(call $proxy_close_stream (i32.const 4))"),
        ) + callback("proxy_on_delete", logText(text("delete"))),
    );
    const { upstream, response, logs } = await (await host(wasm)).request();
    expect(texts(logs)).toEqual(["00", "02", "delete"]);
    expect(upstream).toBeNull();
    expect([response.status, response.reset]).toEqual([0, "wasm_close_stream"]);
  });
});

describe("steps", () => {
  it("a step tells what it forwarded and whether the stream is paused", async () => {
    const wasm = guest(
      () =>
        `(func (export "proxy_on_request_body") (param i32 i32 i32) (result i32) (i32.eqz (local.get 2)))`,
    );
    const stream = (await host(wasm)).openStream();
    const headers = await stream.requestHeaders(POST);
    expect([headers.forwarded.headers?.get(":path"), headers.paused, headers.forwarded.endStream]).toEqual([
      "/",
      false,
      false,
    ]);
    const first = await stream.requestBody("ab");
    expect([first.forwarded.headers, String(first.forwarded.body), first.paused]).toEqual([null, "", true]);
    const last = await stream.requestBody("c", { endStream: true });
    expect([String(last.forwarded.body), last.forwarded.endStream, last.paused]).toEqual([
      "abc",
      true,
      false,
    ]);
    const answer = await stream.responseHeaders({ ":status": "200" });
    expect([answer.forwarded.headers?.get(":status"), answer.finished, answer.localReply]).toEqual([
      "200",
      false,
      null,
    ]);
    await stream.responseBody("x");
    const end = await stream.responseTrailers({ t: "1" });
    expect([end.finished, stream.response?.text(), stream.response?.trailers?.get("t")]).toEqual([
      true,
      "x",
      "1",
    ]);
  });

  it("a client that goes away ends the stream with log, done and delete alone (2.1)", async () => {
    const wasm = guest(
      (text) =>
        ["proxy_on_response_headers", "proxy_on_log", "proxy_on_done", "proxy_on_delete"]
          .map((name) => callback(name, logText(text(name.slice(9)))))
          .join("") + callback("proxy_on_request_headers", "", 4),
    );
    const stream = (await host(wasm)).openStream();
    expect((await stream.requestHeaders(POST, { endStream: true })).paused).toBe(true);
    const { logs, finished } = await stream.close();
    expect([texts(logs), finished, stream.response]).toEqual([["log", "done", "delete"], true, null]);
  });

  it("a stream that never got headers has its context created just before log (2.1)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_context_create", logText(text("create"))) +
        callback("proxy_on_log", logText(text("log"))) +
        callback("proxy_on_delete", logText(text("delete"))),
    );
    const running = await host(wasm);
    const { logs } = await running.openStream().close();
    expect(texts(logs)).toEqual(["create", "log", "delete"]);
  });

  it("a malformed request is answered before the filters, which see its status in log (2.1)", async () => {
    const wasm = guest(
      (text) => `${callback("proxy_on_request_headers", logText(text("never")))}
      ${callback("proxy_on_log", logAnswer(`(call $proxy_get_header_map_value (i32.const 0) ${text(":path")}`) + logAnswer(`(call $proxy_get_header_map_value (i32.const 2) ${text(":status")}`))}`,
    );
    const stream = (await host(wasm)).openStream();
    const { logs, localReply } = await stream.malformedRequest();
    expect([texts(logs), localReply?.status]).toEqual([["01", "400"], 400]);
  });

  it("refuses steps that cannot happen", async () => {
    const stream = (await host(guest(() => ""))).openStream();
    await expect(stream.requestBody("x")).rejects.toMatchObject({ code: "wrong-phase" });
    await expect(stream.responseHeaders({ ":status": "200" })).rejects.toMatchObject({ code: "wrong-phase" });
    await stream.requestHeaders(POST, { endStream: true });
    await expect(stream.requestHeaders(POST)).rejects.toMatchObject({ code: "wrong-phase" });
    await expect(stream.requestBody("x")).rejects.toMatchObject({ code: "wrong-phase" });
    await stream.respond({ body: "ok" });
    expect(stream.response?.text()).toBe("ok");
  });

  it.each([
    ["refused", 503, /upstream connect error/],
    ["reset", 503, /connection termination/],
    ["timeout", 504, /upstream request timeout/],
  ] as const)(
    "an upstream that is %s gives %i through the response filters (2.1)",
    async (failure, status, body) => {
      const wasm = guest(
        (text) =>
          callback("proxy_on_response_headers", logText(text("headers"))) +
          callback("proxy_on_response_body", logText(text("body"))),
      );
      const { response, logs } = await (await host(wasm, { upstream: failure })).request();
      expect([response.status, texts(logs)]).toEqual([status, ["headers", "body"]]);
      expect(response.text()).toMatch(body);
    },
  );

  it("a HEAD request and a 204 have no body (2.1)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_response_headers", logStatus("(local.get 2)")) +
        callback("proxy_on_response_body", logText(text("body"))),
    );
    const running = await host(wasm, { upstream: { body: "hello" } });
    const head = await running.request({ method: "HEAD" });
    expect([texts(head.logs), head.response.headers.get("content-length"), head.response.text()]).toEqual([
      ["01"],
      "5",
      "",
    ]);
    expect(texts((await running.request({ upstream: { status: 204 } })).logs)).toEqual(["01"]);
  });

  it("says so when a stream is held and nothing could resume it", async () => {
    await expect(
      (await host(guest(() => callback("proxy_on_request_headers", "", 4)))).request(),
    ).rejects.toMatchObject({ code: "stalled" });
  });

  it("gives up on an idle stream as Envoy does (2.1)", async () => {
    const running = await host(guest(() => callback("proxy_on_request_headers", "", 4)));
    const walk = running.request();
    await running.advance(300_000);
    const { response } = await walk;
    expect([response.status, response.text()]).toEqual([504, "stream timeout"]);
  });

  it("passes on what an upstream function throws", async () => {
    const running = await host(
      guest(() => ""),
      { upstream: () => Promise.reject(new Error("no such test data")) },
    );
    await expect(running.request()).rejects.toMatchObject({
      code: "handler-failed",
      message: /no such test data/,
    });
  });

  it("gives the request to the upstream function, whose answer may take time", async () => {
    const running = await host(
      guest(() => ""),
      {
        upstream: async (request) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return {
            status: 201,
            headers: { "x-echo": `${request.method} ${request.path}` },
            body: request.text().toUpperCase(),
          };
        },
      },
    );
    const { response } = await running.request({ method: "PUT", path: "/p", body: "text" });
    expect([response.status, response.headers.get("x-echo"), response.text()]).toEqual([
      201,
      "PUT /p",
      "TEXT",
    ]);
  });
});

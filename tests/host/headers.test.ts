// Header maps of a stream (envoy-facts 2.2 and 4).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { callback, guest, logAnswer, logStatus, OUT } from "./guest.ts";
import type { HostOptions, LogEntry, RequestInput } from "../../src/testing/index.ts";

type Text = (value: string | Uint8Array) => string;
const texts = (logs: readonly LogEntry[]) => logs.map((entry) => entry.text);
const get = (text: Text, type: number, name: string) =>
  logAnswer(`(call $proxy_get_header_map_value (i32.const ${type}) ${text(name)}`);
const write = (verb: "add" | "replace", text: Text, type: number, name: string, value: string | Uint8Array) =>
  `(call $proxy_${verb}_header_map_value (i32.const ${type}) ${text(name)} ${text(value)})`;
const remove = (text: Text, type: number, name: string) =>
  `(call $proxy_remove_header_map_value (i32.const ${type}) ${text(name)})`;
const onRequest = (body: (text: Text) => string) =>
  guest((text) => callback("proxy_on_request_headers", body(text)));

async function walk(wasm: Uint8Array, input: RequestInput = {}, options: Partial<HostOptions> = {}) {
  const host = await createHost({ wasm, ...options });
  return host.request(input);
}

describe("header maps", () => {
  it("looks names up in any case, knows host as :authority, and answers NotFound for a missing one (4)", async () => {
    const wasm = onRequest(
      (text) =>
        get(text, 0, "X-A") + get(text, 0, "Host") + get(text, 0, ":authority") + get(text, 0, "missing"),
    );
    expect(texts((await walk(wasm, { headers: { "x-a": "1" } })).logs)).toEqual([
      "1",
      "example.com",
      "example.com",
      "01",
    ]);
  });

  it("gives the first of repeated values, and all of them as pairs (4)", async () => {
    const wasm = onRequest(
      (text) => get(text, 0, "x-a") + logAnswer(`(call $proxy_get_property ${text("request\0headers\0X-A")}`),
    );
    expect(texts((await walk(wasm, { headers: { "x-a": ["1", "2"] } })).logs)).toEqual(["1", "1,2"]);
  });

  it("leaves the results alone when a header is missing, and writes 0 and 0 for an empty value (4)", async () => {
    const probe = (text: Text, name: string) =>
      `(i32.store (i32.const ${OUT}) (i32.const 7)) (i32.store (i32.const ${OUT + 4}) (i32.const 7))
       (drop (call $proxy_get_header_map_value (i32.const 0) ${text(name)} (i32.const ${OUT}) (i32.const ${OUT + 4})))
       ${logStatus(`(i32.load (i32.const ${OUT}))`)} ${logStatus(`(i32.load (i32.const ${OUT + 4}))`)}`;
    const wasm = onRequest((text) => probe(text, "missing") + probe(text, "x-empty"));
    expect(texts((await walk(wasm, { headers: { "x-empty": "" } })).logs)).toEqual(["07", "07", "00", "00"]);
  });

  it("never calls malloc for nothing (1.3)", async () => {
    const wasm = guest((text) => callback("proxy_on_request_headers", get(text, 0, "x-empty")), {
      allocator: `(func (export "malloc") (param i32) (result i32) unreachable)`,
    });
    expect((await walk(wasm, { headers: { "x-empty": "" } })).response.status).toBe(200);
  });

  it("adds, replaces and removes; add joins headers of which Envoy keeps one value (4)", async () => {
    const wasm = onRequest(
      (text) =>
        logStatus(write("add", text, 0, "X-B", "1")) +
        logStatus(write("add", text, 0, "x-b", "2")) +
        logStatus(write("add", text, 0, ":path", "/two")) +
        logStatus(write("add", text, 0, "user-agent", "me")) +
        logStatus(write("replace", text, 0, "x-many", "one")) +
        logStatus(write("replace", text, 0, "x-new", "new")) +
        logStatus(remove(text, 0, "x-gone")) +
        logStatus(remove(text, 0, "x-never")) +
        logStatus(write("add", text, 0, "", "nameless")),
    );
    const headers = { "x-many": ["1", "2"], "x-gone": "x", "user-agent": "curl" };
    const { upstream, logs } = await walk(wasm, { path: "/changed", headers });
    expect(texts(logs.filter((entry) => entry.source === "guest"))).toEqual(Array(9).fill("00"));
    expect(logs.find((entry) => entry.source === "host")?.text).toMatch(/empty name.*broken/);
    expect(upstream?.headers.getAll("x-b")).toEqual(["1", "2"]);
    expect(upstream?.path).toBe("/changed,/two");
    expect(upstream?.headers.get("user-agent")).toBe("curl,me");
    expect(upstream?.headers.getAll("x-many")).toEqual(["one"]);
    expect(upstream?.headers.get("x-new")).toBe("new");
    expect(upstream?.headers.has("x-gone")).toBe(false);
    expect(upstream?.headers.entries().map(([name]) => name)).not.toContain("");
  });

  it("joins several cookie headers with a semicolon over HTTP/2 only (4)", async () => {
    const wasm = onRequest((text) => get(text, 0, "cookie"));
    const headers = { cookie: ["a=1", "b=2"] };
    expect(texts((await walk(wasm, { headers, protocol: "HTTP/2" })).logs)).toEqual(["a=1; b=2"]);
    expect(texts((await walk(wasm, { headers })).logs)).toEqual(["a=1"]);
  });

  it("moves a header that is replaced to the end (parity table)", async () => {
    const wasm = onRequest((text) => `(drop ${write("replace", text, 0, "x-a", "new")})`);
    const { upstream } = await walk(wasm, { headers: { "x-a": "1", "x-b": "2" } }, { edgeHeaders: false });
    expect(
      upstream?.headers
        .entries()
        .slice(4)
        .map(([name]) => name),
    ).toEqual(["x-b", "x-a"]);
  });

  it("passes bytes that are not UTF-8 unchanged (4)", async () => {
    const bytes = Buffer.from([0xff, 0x41, 0x80]);
    const wasm = onRequest((text) => `(drop ${write("add", text, 0, "x-out", bytes)})`);
    const { upstream } = await walk(wasm, { headers: { "x-in": bytes } });
    expect(upstream?.headers.getBytes("x-in")).toEqual(bytes);
    expect(upstream?.headers.getBytes("x-out")).toEqual(bytes);
    expect(upstream?.headers.get("x-in")).toBe("\ufffdA\ufffd");
  });

  it("answers BadArgument for maps that are not there or do not exist (4)", async () => {
    const wasm = onRequest(
      (text) =>
        [1, 2, 3, 4, 5, 6, 7, 8, -1].map((type) => get(text, type, "x")).join("") +
        logStatus(write("add", text, 6, "x", "y")),
    );
    expect(texts((await walk(wasm)).logs)).toEqual(Array(10).fill("02"));
  });

  it("answers Ok and nothing for the pairs of a map that is not there, and for an empty one (4)", async () => {
    const pairs = (type: number) => logAnswer(`(call $proxy_get_header_map_pairs (i32.const ${type})`);
    const wasm = onRequest(() => pairs(2) + pairs(4) + pairs(8));
    expect(texts((await walk(wasm)).logs)).toEqual(["", "", "02"]);
  });

  it("serializes pairs with lengths and NULs, in lower case, pseudo-headers first (4)", async () => {
    const wasm = onRequest(
      (text) =>
        `(drop ${write("add", text, 0, ":x", "p")})` +
        logAnswer(`(call $proxy_get_header_map_pairs (i32.const 0)`),
    );
    const { logs } = await walk(wasm, { headers: [["B", "c"]] }, { edgeHeaders: false });
    const bytes = Buffer.from(logs[0]!.text, "latin1");
    const names = [":authority", ":path", ":method", ":scheme", ":x", "b"];
    const values = ["example.com", "/", "GET", "http", "p", "c"];
    expect(bytes.readUInt32LE(0)).toBe(6);
    expect(
      [...names.keys()].map((index) => [
        bytes.readUInt32LE(4 + 8 * index),
        bytes.readUInt32LE(8 + 8 * index),
      ]),
    ).toEqual(names.map((name, index) => [name.length, values[index]!.length]));
    expect(bytes.subarray(4 + 48).toString()).toBe(
      names.map((name, index) => `${name}\0${values[index]}\0`).join(""),
    );
  });

  it("counts bytes, not entries, in the size of a map (4)", async () => {
    const wasm = onRequest(
      () => `${logStatus(`(call $proxy_get_header_map_size (i32.const 0) (i32.const ${OUT}))`)} ${logStatus(`(i32.load (i32.const ${OUT}))`)}
             ${logStatus(`(call $proxy_get_header_map_size (i32.const 6) (i32.const ${OUT}))`)}`,
    );
    const size = ":methodGET:path/:authorityexample.com:schemehttp".length;
    expect(texts((await walk(wasm, {}, { edgeHeaders: false })).logs)).toEqual(["00", String(size), "02"]);
  });

  it("replaces everything with set_pairs, pseudo-headers included (4)", async () => {
    const wasm = onRequest((text) =>
      logStatus(
        `(call $proxy_set_header_map_pairs (i32.const 0) ${text("\x01\0\0\0\x01\0\0\0\x01\0\0\0a\0b\0")})`,
      ),
    );
    const { upstream, response, logs } = await walk(wasm);
    expect(texts(logs)).toEqual(["00"]);
    expect(upstream).toBeNull();
    expect(response.status).toBe(404);
  });

  it("checks pointers of the guest, after NotFound (4)", async () => {
    const wasm = onRequest(
      (text) => `
      ${logStatus(`(call $proxy_get_header_map_value (i32.const 0) (i32.const -1) (i32.const 4) (i32.const ${OUT}) (i32.const ${OUT + 4}))`)}
      ${logStatus(`(call $proxy_get_header_map_value (i32.const 0) ${text(":path")} (i32.const -4) (i32.const ${OUT}))`)}
      ${logStatus(`(call $proxy_get_header_map_value (i32.const 0) ${text("missing")} (i32.const -4) (i32.const ${OUT}))`)}`,
    );
    expect(texts((await walk(wasm)).logs)).toEqual(["06", "06", "01"]);
  });

  it("answers InvalidMemoryAccess when the guest has no memory to give (1.4)", async () => {
    const wasm = guest((text) => callback("proxy_on_request_headers", get(text, 0, ":path")), {
      allocator: `(func (export "malloc") (param i32) (result i32) (i32.const 0))`,
    });
    expect(texts((await walk(wasm)).logs)).toEqual(["06"]);
  });

  it.each([
    [":method", 503, "missing required header: :method"],
    [":authority", 502, null],
    [":path", 404, ""],
    ["x-forwarded-proto", 404, ""],
  ])("answers a request without %s with %i (4)", async (name, status, text) => {
    const { upstream, response } = await walk(onRequest((strings) => logStatus(remove(strings, 0, name))));
    expect(upstream).toBeNull();
    expect(response.status).toBe(status);
    if (text !== null) expect(response.text()).toBe(text);
  });

  it("refuses request headers that cannot be sent with 503 (4)", async () => {
    const value = await walk(onRequest((text) => logStatus(write("add", text, 0, "x-a", "a\r\nb"))));
    expect([value.response.status, value.response.text()]).toEqual([503, "invalid header value for: x-a"]);
    const name = await walk(onRequest((text) => logStatus(write("add", text, 0, "x a", "b"))));
    expect([name.response.status, name.response.text()]).toEqual([503, "invalid header name: x a"]);
  });

  it("answers a response without :status with 502 (4)", async () => {
    const wasm = guest((text) =>
      callback("proxy_on_response_headers", logStatus(remove(text, 2, ":status"))),
    );
    const { response } = await walk(wasm, { upstream: { body: "hello" } });
    expect([response.status, response.text()]).toEqual([502, "missing required header: :status"]);
  });

  it("overwrites server and keeps date (4)", async () => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_response_headers",
        logStatus(write("replace", text, 2, "server", "me")) +
          logStatus(write("replace", text, 2, "date", "today")),
      ),
    );
    const { response } = await walk(wasm);
    expect([response.headers.get("server"), response.headers.get("date")]).toEqual(["envoy", "today"]);
  });

  it("shows x-forwarded-proto and x-request-id to the request filter, and the timeout only in log (4)", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_request_headers",
          get(text, 0, "x-forwarded-proto") + get(text, 0, "x-envoy-expected-rq-timeout-ms"),
        ) + callback("proxy_on_log", get(text, 0, "x-envoy-expected-rq-timeout-ms")),
    );
    const { upstream, logs } = await walk(wasm);
    expect(texts(logs)).toEqual(["http", "01", "15000"]);
    expect(upstream?.headers.get("x-request-id")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it("creates trailers that are written with the last part of the body, and only then (2.2)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_response_headers", logStatus(write("add", text, 3, "x-t", "early"))) +
        callback("proxy_on_response_body", logStatus(write("add", text, 3, "x-t", "v"))),
    );
    const { response, logs } = await walk(wasm, { upstream: { body: ["ab"] } });
    expect(texts(logs)).toEqual(["02", "02", "00"]);
    expect(response.trailers?.get("x-t")).toBe("v");
    expect(response.text()).toBe("ab");
  });

  it("runs request filters in order, response filters in reverse, log in order (2.1)", async () => {
    const wasm = guest((text) =>
      [
        "proxy_on_request_headers",
        "proxy_on_response_headers",
        "proxy_on_log",
        "proxy_on_done",
        "proxy_on_delete",
      ]
        .map((name) => callback(name, logAnswer(`(call $proxy_get_property ${text("plugin_name")}`)))
        .join("\n"),
    );
    const host = await createHost({
      plugins: [
        { wasm, name: "a" },
        { wasm, name: "b" },
      ],
    });
    const start = host.logs.length;
    await host.request();
    expect(texts(host.logs.slice(start))).toEqual(["a", "b", "b", "a", "a", "b", "a", "a", "b", "b"]);
  });
});

// Headers on their way through serve: exact bytes, what belongs to a connection, what Envoy adds and refuses.
import { describe, expect, test } from "vitest";

import { atEnd, example, local, serve, upstreamServer } from "./support.ts";
import { buildFilter } from "../support/asc.ts";
import { callback, guest, logAnswer } from "../host/guest.ts";
import { header, headerAll } from "../support/bytes.ts";
import { http1 } from "../support/http-client.ts";
import { http2 } from "../support/http2-client.ts";
import { startRawHttp } from "../support/tcp.ts";

const hello = example("hello");

test("header values keep their bytes both ways, UTF-8 or not", async () => {
  const odd = "caf\xe9 \xc3\xa9 \xff";
  const raw = await startRawHttp(
    `HTTP/1.1 200 OK\r\nx-odd: ${odd}\r\nx-two: a\r\nX-Two: b\r\ncontent-length: 0\r\n\r\n`,
  );
  atEnd(() => raw.stop());
  const { port } = await serve(hello, { upstream: local(raw.port) });
  const one = await http1(port, {
    headers: [
      ["x-odd", odd],
      ["x-two", "1"],
      ["x-Two", "2"],
    ],
  });
  expect(raw.received[0]?.toString("latin1")).toContain(`x-odd: ${odd}\r\nx-two: 1\r\nx-two: 2\r\n`);
  expect(headerAll(one.headers, "x-odd")).toEqual([odd]);
  expect(headerAll(one.headers, "x-two")).toEqual(["a", "b"]);
  const two = await http2(port, { headers: [["x-odd", odd]] });
  expect(raw.received[1]?.toString("latin1") ?? raw.received[0]?.toString("latin1")).toContain(
    `x-odd: ${odd}\r\n`,
  );
  expect(headerAll(two.headers, "x-odd")).toEqual([odd]);
});

test("what belongs to the client's connection does not reach the filter or the upstream", async () => {
  const raw = await startRawHttp("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  atEnd(() => raw.stop());
  const { port } = await serve(hello, { upstream: local(raw.port) });
  await http1(port, {
    headers: [
      ["host", "a"],
      ["connection", "keep-alive, x-mine"],
      ["x-mine", "1"],
      ["keep-alive", "timeout=5"],
      ["proxy-connection", "keep-alive"],
      ["te", "gzip, trailers"],
      ["x-kept", "1"],
    ],
  });
  const sent = raw.received[0]!.toString("latin1").replace(/x-request-id: [0-9a-f-]{36}/, "x-request-id: ID");
  expect(sent).toBe(
    "GET / HTTP/1.1\r\nhost: a\r\nte: trailers\r\nx-kept: 1\r\nx-forwarded-proto: http\r\nx-request-id: ID\r\nx-envoy-expected-rq-timeout-ms: 15000\r\n\r\n",
  );
});

test("the filter sees what belongs to the upstream's connection, the client does not", async () => {
  const wasm = await buildFilter(`
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";
class Seen extends HttpContext {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const names = ["connection", "keep-alive", "proxy-connection", "upgrade", "transfer-encoding", "te"];
    let seen = "";
    for (let i = 0; i < names.length; i++) if (this.responseHeaders.has(names[i])) seen += names[i] + " ";
    this.responseHeaders.set("x-seen", seen.trim());
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<Seen>();`);
  const raw = await startRawHttp(
    "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nProxy-Connection: a\r\nUpgrade: foo\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\nServer: mine\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
  );
  atEnd(() => raw.stop());
  const { port } = await serve(wasm, { upstream: local(raw.port) });
  const one = await http1(port);
  expect(header(one.headers, "x-seen")).toBe(
    "connection keep-alive proxy-connection upgrade transfer-encoding te",
  );
  const names = one.headers.map(([name]) => name);
  expect(names.sort()).toEqual([
    "date",
    "server",
    "te",
    "transfer-encoding",
    "x-envoy-upstream-service-time",
    "x-seen",
  ]);
  expect(header(one.headers, "server")).toBe("envoy");
  const two = await http2(port);
  expect([two.status, two.body.toString(), two.complete]).toEqual([200, "hi", true]);
});

test("x-forwarded-proto and x-request-id are added, or kept if the client sent them", async () => {
  const { port } = await serve(hello);
  const ask = async (headers: [string, string][]) =>
    (JSON.parse((await http1(port, { headers })).body.toString()) as { headers: Record<string, string> })
      .headers;
  const added = await ask([]);
  expect(added["x-forwarded-proto"]).toBe("http");
  expect(added["x-request-id"]).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(
    await ask([
      ["x-forwarded-proto", "https"],
      ["x-request-id", "mine"],
    ]),
  ).toMatchObject({
    "x-forwarded-proto": "https",
    "x-request-id": "mine",
  });
});

test("cookies arrive as one header, in the filter and at the upstream", async () => {
  const wasm = guest((text) =>
    callback(
      "proxy_on_request_headers",
      logAnswer(`(call $proxy_get_header_map_value (i32.const 0) ${text("cookie")}`),
    ),
  );
  const upstream = await upstreamServer();
  const { port, lines } = await serve(wasm, { upstream: local(upstream.port) });
  for (const [index, send] of [http1, http2].entries()) {
    await send(port, {
      headers: [
        ["x-a", "1"],
        ["cookie", "a=1"],
        ["cookie", "b=2"],
      ],
    });
    expect(headerAll(upstream.last().headers, "cookie")).toEqual(["a=1; b=2"]);
    expect(lines).toContain(`[${index + 2} GET /] info a=1; b=2`);
  }
});

test("the host of an absolute URL counts", async () => {
  const upstream = await upstreamServer();
  const { port } = await serve(hello, { upstream: local(upstream.port) });
  await http1(port, { raw: ["GET http://other:81/x?y HTTP/1.1\r\nhost: a\r\n\r\n"] });
  expect([upstream.last().path, header(upstream.last().headers, "host")]).toEqual(["/x?y", "other:81"]);
});

test("an upgrade to cleartext HTTP/2 is ignored, as any server may", async () => {
  const { port } = await serve(hello);
  const response = await http1(port, {
    headers: [
      ["connection", "Upgrade, HTTP2-Settings"],
      ["upgrade", "h2c"],
      ["http2-settings", "AAMAAABkAAQAoAAAAAIAAAAA"],
    ],
  });
  const { headers } = JSON.parse(response.body.toString()) as { headers: Record<string, string> };
  expect(response.status).toBe(200);
  expect(Object.keys(headers).filter((name) => name.includes("upgrade") || name.includes("http2"))).toEqual(
    [],
  );
});

describe("requests that Envoy refuses before any filter sees them", () => {
  const head = (lines: string) => [`${lines}\r\n\r\n`];
  test.each([
    ["no host", head("GET / HTTP/1.1"), 400, "", "missing_host_header"],
    ["no HTTP", head("GARBAGE"), 400, "Bad Request", "http1.codec_error"],
    [
      "a bad header name",
      head("GET / HTTP/1.1\r\nhost: a\r\nbad name: x"),
      400,
      "Bad Request",
      "http1.codec_error",
    ],
    ["HTTP/1.0", head("GET / HTTP/1.0\r\nhost: a"), 426, "Upgrade Required", "low_version"],
    [
      "a WebSocket",
      head("GET / HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket"),
      403,
      "",
      "upgrade_failed",
    ],
    ["a fragment", head("GET /a#b HTTP/1.1\r\nhost: a"), 400, "", "path_normalization_failed"],
    ["no path", head("OPTIONS * HTTP/1.1\r\nhost: a"), 404, "", "absolute_path_rejected"],
    ["a tunnel", head("CONNECT a:80 HTTP/1.1\r\nhost: a:80"), 404, "", "route_not_found"],
    [
      "61 KiB of headers",
      head(`GET / HTTP/1.1\r\nhost: a\r\nx: ${"a".repeat(61 * 1024)}`),
      431,
      "Request Header Fields Too Large",
      "http1.headers_too_large",
    ],
    [
      "101 headers",
      head(`GET / HTTP/1.1\r\nhost: a${"\r\nx: a".repeat(100)}`),
      431,
      "Request Header Fields Too Large",
      "http1.too_many_headers",
    ],
  ])("%s", async (_, raw, status, text, details) => {
    const { port, line, lines } = await serve(hello);
    const response = await http1(port, { raw, timeoutMs: 3000 });
    expect([response.status, response.body.toString(), response.complete]).toEqual([status, text, true]);
    expect(header(response.headers, "server")).toBe("envoy");
    // It is logged nevertheless, and the server lives on.
    await line(new RegExp(` ${status} ${details},`));
    expect((await http1(port)).status, lines.join("\n")).toBe(200);
  });
});

test("a response header that no client accepts is left out, and reported", async () => {
  const wasm = await buildFilter(`
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";
class Control extends HttpContext {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.set("x-bell", "ding\\x07");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<Control>();`);
  const { port, line } = await serve(wasm);
  const response = await http1(port);
  expect([response.status, header(response.headers, "x-bell")]).toEqual([200, undefined]);
  await line(/error \[2 GET \/\] the header "x-bell"/);
});

test("trailers that no peer accepts are left out, too", async () => {
  const wasm = guest((text) =>
    ["request", "response"]
      .map((which, index) =>
        callback(
          `proxy_on_${which}_trailers`,
          `(drop (call $proxy_add_header_map_value (i32.const ${2 * index + 1}) ${text("x-bell")} ${text("ding\x07")}))`,
        ),
      )
      .join(""),
  );
  for (const isHttp2 of [false, true]) {
    const upstream = await upstreamServer({
      http2: isHttp2,
      handler: () => ({ body: ["part"], trailers: [["x-end", "1"]] }),
    });
    const { port, line } = await serve(wasm, { upstream: local(upstream.port), upstreamHttp2: isHttp2 });
    for (const send of [http1, http2]) {
      const response = await send(port, { method: "POST", body: ["part"], trailers: [["x-end", "1"]] });
      expect(upstream.last().trailers).toEqual([["x-end", "1"]]);
      expect([response.trailers, response.complete]).toEqual([[["x-end", "1"]], true]);
    }
    await line(/the header "x-bell"/);
  }
});

test("the scheme is that of x-forwarded-proto", async () => {
  const wasm = guest((text) =>
    callback(
      "proxy_on_request_headers",
      logAnswer(`(call $proxy_get_header_map_value (i32.const 0) ${text(":scheme")}`),
    ),
  );
  const { port, line, lines } = await serve(wasm);
  await http1(port, { headers: [["x-forwarded-proto", "https"]] });
  await http1(port);
  await line(/\[3 GET \/\] 200/);
  expect(lines.filter((each) => each.includes(" info "))).toEqual([
    "[2 GET /] info https",
    "[3 GET /] info http",
  ]);
});

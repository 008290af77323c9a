// The test tools against each other: what one side sends is what the other side reports, byte for byte.
import { afterEach, expect, test } from "vitest";

import { header, headerAll } from "./bytes.ts";
import { http1, Http1Connection } from "./http-client.ts";
import { http2 } from "./http2-client.ts";
import { startRawHttp, startTcpEcho, TcpClient } from "./tcp.ts";
import { startUpstream } from "./upstream.ts";

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});
async function keep<T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  running.push(started);
  return started;
}

test("HTTP/1.1 carries every header byte, the order and the case of names both ways", async () => {
  const upstream = await keep(startUpstream());
  upstream.handler = () => ({
    headers: [
      ["X-Bytes", "\xC0\xA7\xff"],
      ["a", "2"],
    ],
    body: "\x00\xff",
  });
  const response = await http1(upstream.port, {
    path: "/p?q=1",
    headers: [
      ["B", "\xC0\xA7"],
      ["a", "1"],
      ["B", "2"],
    ],
  });
  expect(upstream.last().headers).toEqual([
    ["host", "test"],
    ["B", "\xC0\xA7"],
    ["a", "1"],
    ["B", "2"],
  ]);
  expect(upstream.last().path).toBe("/p?q=1");
  expect(header(response.headers, "x-bytes")).toBe("\xC0\xA7\xff");
  expect(response.headers[0]?.[0]).toBe("X-Bytes");
  expect([...response.body]).toEqual([0, 255]);
  expect(response).toMatchObject({ status: 200, complete: true, problem: undefined });
});

test("HTTP/1.1 sends a body in pieces, with trailers, and reads trailers", async () => {
  const upstream = await keep(startUpstream());
  upstream.handler = ({ body }) => ({ body: [body, 5, "tail"], trailers: [["x-end", "yes"]] });
  const response = await http1(upstream.port, {
    method: "POST",
    body: ["a", 5, "", "bc"],
    trailers: [["T", "1"]],
  });
  expect(upstream.last()).toMatchObject({ method: "POST", complete: true, trailers: [["T", "1"]] });
  expect(upstream.last().body.toString()).toBe("abc");
  expect(header(upstream.last().headers, "transfer-encoding")).toBe("chunked");
  expect(response.body.toString()).toBe("abctail");
  expect(response.trailers).toEqual([["x-end", "yes"]]);
});

test("HTTP/1.1 sends one piece with a content-length, and the default answer is an echo", async () => {
  const upstream = await keep(startUpstream());
  const response = await http1(upstream.port, { method: "PUT", path: "/e", body: "hello" });
  expect(header(upstream.last().headers, "content-length")).toBe("5");
  expect(header(response.headers, "x-echo")).toBe("PUT /e");
  expect(response.body.toString()).toBe("hello");
});

test("an answer to HEAD has no body, and the connection serves the next request", async () => {
  const upstream = await keep(startUpstream({ handler: () => ({ headers: [["content-length", "5"]] }) }));
  const connection = await Http1Connection.open(upstream.port);
  const head = await connection.request({ method: "HEAD" });
  expect(head).toMatchObject({ status: 200, complete: true });
  expect(head.body.length).toBe(0);
  upstream.handler = () => ({ status: 404, body: "none" });
  expect(await connection.request()).toMatchObject({ status: 404, complete: true });
  connection.close();
});

test.each([
  ["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc", /closed after 3 of 5 body bytes/],
  ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", /closed within a chunked body/],
  ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", /bad chunk size "zz"/],
  ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n", /no line end after a chunk/],
  ["HTTP/1.1 200 OK\r\nno colon\r\n\r\n", /bad header line "no colon"/],
  ["HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n", /bad header line/],
  ["HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", /bad content-length/],
  ["HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", /both content-length and/],
  ["HTTP/1.1 0 OK\r\n\r\n", /bad status line/],
  ["HTTP/1.1 200 OK\r\n", /closed within the head/],
  ["", /closed without an answer/],
])("the HTTP/1.1 client says what is wrong with %j", async (bytes, problem) => {
  const server = await keep(startRawHttp(bytes));
  const connection = await Http1Connection.open(server.port);
  const reading = connection.request();
  await expect.poll(() => server.received[0]?.length).toBeGreaterThan(0);
  connection.end();
  const response = await reading;
  expect(response.complete).toBe(false);
  expect(response.problem).toMatch(problem);
});

test("the HTTP/1.1 client passes informational answers and bodies that end with the connection", async () => {
  const server = await keep(startRawHttp("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nall of it"));
  const connection = await Http1Connection.open(server.port);
  const reading = connection.request();
  await expect.poll(() => server.received[0]?.length).toBeGreaterThan(0);
  connection.end();
  const response = await reading;
  expect(response).toMatchObject({ status: 200, informational: [100], complete: true });
  expect(response.body.toString()).toBe("all of it");
});

test("the HTTP/1.1 client gives up after its time, and sends raw bytes as they are", async () => {
  const server = await keep(startTcpEcho());
  const response = await http1(server.port, {
    raw: ["HTTP/1.1 20", 5, "0 OK\r\nx: \x00\r\n\r\n"],
    timeoutMs: 300,
  });
  expect(server.received[0]?.toString("latin1")).toBe("HTTP/1.1 200 OK\r\nx: \x00\r\n\r\n");
  expect(response.problem).toMatch(/bad header line/);
  const silent = await keep(startRawHttp(""));
  expect((await http1(silent.port, { timeoutMs: 50 })).problem).toMatch(/within 50 ms/);
});

test("HTTP/2 carries header bytes, repeated headers, bodies and trailers both ways", async () => {
  const upstream = await keep(startUpstream({ http2: true }));
  upstream.handler = ({ body }) => ({
    ...{
      status: 201,
      headers: [
        ["x-bytes", "\xC0\xA7"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ],
    },
    ...{ body: [body, 5, "tail"], trailers: [["x-end", "yes"]] },
  });
  const response = await http2(upstream.port, {
    ...{
      method: "POST",
      path: "/p",
      headers: [
        ["x-in", "\xC0\xA7"],
        ["m", "1"],
        ["m", "2"],
      ],
    },
    ...{ body: ["a", 5, "b"], trailers: [["t", "1"]] },
  });
  const seen = upstream.last();
  expect(seen).toMatchObject({ method: "POST", path: "/p", complete: true, trailers: [["t", "1"]] });
  expect(header(seen.headers, ":authority")).toBe("test");
  expect(header(seen.headers, "x-in")).toBe("\xC0\xA7");
  expect(headerAll(seen.headers, "m")).toEqual(["1", "2"]);
  expect(response).toMatchObject({ status: 201, complete: true, trailers: [["x-end", "yes"]] });
  expect(header(response.headers, "x-bytes")).toBe("\xC0\xA7");
  expect(headerAll(response.headers, "set-cookie")).toEqual(["a=1", "b=2"]);
  expect(response.body.toString()).toBe("abtail");
});

test("resets are seen on both protocols", async () => {
  const one = await keep(startUpstream({ handler: () => ({ reset: true }) }));
  expect(await http1(one.port)).toMatchObject({
    status: 0,
    complete: false,
    problem: "closed without an answer",
  });
  one.handler = () => ({ headers: [["content-length", "9"]], body: ["part"], reset: true });
  expect((await http1(one.port)).problem).toBe("closed after 4 of 9 body bytes");
  const two = await keep(startUpstream({ http2: true, handler: () => ({ reset: true }) }));
  expect(await http2(two.port)).toMatchObject({ status: 0, complete: false, resetCode: 2 });
  two.handler = () => "never";
  expect(await http2(two.port, { resetAfterMs: 30 })).toMatchObject({ complete: false, resetCode: 8 });
});

test("an early upstream answers before the request has ended", async () => {
  const upstream = await keep(startUpstream({ early: true, handler: () => ({ status: 403, body: "no" }) }));
  const response = await http1(upstream.port, {
    raw: ["POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc"],
  });
  expect(response.status).toBe(403);
  expect(upstream.last().complete).toBe(false);
});

test("a handler that throws shows in the answer", async () => {
  const upstream = await keep(
    startUpstream({
      handler: () => {
        throw new Error("broken handler");
      },
    }),
  );
  const response = await http1(upstream.port);
  expect([response.status, header(response.headers, "x-upstream-error")]).toEqual([500, "broken%20handler"]);
});

test("a TCP client reads what the echo sends, and the end", async () => {
  const server = await keep(startTcpEcho());
  const client = await TcpClient.open(server.port);
  client.write("ab\xff");
  expect((await client.read(3)).toString("latin1")).toBe("ab\xff");
  client.end();
  await client.read();
  expect(client.ended).toBe(true);
  await expect(client.read(99, 50)).resolves.toHaveLength(3);
  client.close();
});

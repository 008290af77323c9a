// HTTP/1.1 and HTTP/2 on one port of serve: framing, trailers, interim answers, connections.
import { connect } from "node:net";
import { describe, expect, test } from "vitest";

import { atEnd, example, local, serve, upstreamServer } from "./support.ts";
import { header, headerAll } from "../support/bytes.ts";
import { http1, Http1Connection } from "../support/http-client.ts";
import { http2 } from "../support/http2-client.ts";
import { startRawHttp, startTcp, TcpClient } from "../support/tcp.ts";
import type { UpstreamRequest } from "../support/upstream.ts";

const hello = example("hello");

describe("one port", () => {
  test("speaks HTTP/1.1 and HTTP/2 with the filter inside", async () => {
    const { port } = await serve(hello);
    const [one, two] = [await http1(port, { path: "/one" }), await http2(port, { path: "/two" })];
    expect([one.status, header(one.headers, "hello"), one.complete]).toEqual([200, "world", true]);
    expect([two.status, header(two.headers, "hello"), two.complete]).toEqual([200, "world", true]);
    expect(JSON.parse(one.body.toString())).toMatchObject({ method: "GET", path: "/one" });
    expect(JSON.parse(two.body.toString())).toMatchObject({ method: "GET", path: "/two" });
  });

  test("tells the two apart however their first bytes are cut", async () => {
    const { port } = await serve(hello);
    const one = await http1(port, {
      raw: ["P", 20, "OST / HTTP/1.1\r\nhost: a\r\ncontent-", 20, "length: 2\r\n\r\nhi"],
    });
    expect(JSON.parse(one.body.toString())).toMatchObject({ method: "POST", body: "hi" });
    const two = await TcpClient.open(port);
    atEnd(() => two.close());
    two.write("P");
    await new Promise((resolve) => setTimeout(resolve, 20));
    // The rest of the preface, and an empty SETTINGS frame.
    two.write("RI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    const answer = await two.read(9);
    expect(answer[3], "the server's first frame is SETTINGS").toBe(4);
  });

  test("keeps an HTTP/1.1 connection open for further requests, also for those sent ahead", async () => {
    const { port } = await serve(hello);
    const connection = await Http1Connection.open(port);
    atEnd(() => connection.close());
    await connection.write(["GET /a HTTP/1.1\r\nhost: h\r\n\r\nGET /b HTTP/1.1\r\nhost: h\r\n\r\n"]);
    const paths = [await connection.read(), await connection.read()].map(
      (response) => (JSON.parse(response.body.toString()) as { path: string }).path,
    );
    expect(paths).toEqual(["/a", "/b"]);
    expect(connection.closed).toBe(false);
  });

  test("closes the connection when the client wants that, and says so", async () => {
    const { port } = await serve(hello);
    const connection = await Http1Connection.open(port);
    const response = await connection.request({ headers: [["connection", "close"]] });
    expect(header(response.headers, "connection")).toBe("close");
    expect(await connection.ended).toBe("connection closed");
  });
});

describe("framing", () => {
  test("HEAD, 204 and 304 have no body", async () => {
    const upstream = await upstreamServer();
    upstream.handler = ({ path }: UpstreamRequest) => ({
      status: Number(path.slice(1)),
      headers: [["x-a", "b"]],
    });
    const { port } = await serve(hello, { upstream: local(upstream.port) });
    for (const [method, status] of [
      ["HEAD", 200],
      ["GET", 204],
      ["GET", 304],
    ] as const) {
      for (const send of [http1, http2]) {
        const response = await send(port, { method, path: `/${status}` });
        expect([response.status, response.body.length, response.complete], `${method} ${status}`).toEqual([
          status,
          0,
          true,
        ]);
        expect(header(response.headers, "hello")).toBe("world");
      }
    }
  });

  test("a request without a body reaches the upstream without one, with content-length 0 where servers want it", async () => {
    const upstream = await upstreamServer();
    const { port } = await serve(hello, { upstream: local(upstream.port) });
    await http1(port, { method: "POST" });
    expect(headerAll(upstream.last().headers, "content-length")).toEqual(["0"]);
    await http1(port, { method: "DELETE" });
    expect(headerAll(upstream.last().headers, "content-length")).toEqual([]);
    expect(headerAll(upstream.last().headers, "transfer-encoding")).toEqual([]);
  });

  test("a body keeps its length, or goes in chunks if it has none", async () => {
    const upstream = await upstreamServer();
    const { port } = await serve(hello, { upstream: local(upstream.port) });
    await http1(port, { method: "POST", body: "whole" });
    expect(upstream.last()).toMatchObject({ complete: true, body: Buffer.from("whole") });
    expect(headerAll(upstream.last().headers, "content-length")).toEqual(["5"]);
    const response = await http1(port, { method: "POST", body: ["in ", "parts"] });
    expect(upstream.last().body.toString()).toBe("in parts");
    expect(headerAll(upstream.last().headers, "transfer-encoding")).toEqual(["chunked"]);
    expect(headerAll(response.headers, "content-length")).toEqual(["8"]);
    await http2(port, { method: "POST", body: ["over ", "h2"] });
    expect(upstream.last().body.toString()).toBe("over h2");
  });

  test("a response that ends with the connection is passed on in chunks", async () => {
    const raw = await startRawHttp("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    atEnd(() => raw.stop());
    const { port } = await serve(hello, { upstream: local(raw.port) });
    const answer = http1(port);
    await expect.poll(() => raw.received.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await raw.stop();
    const response = await answer;
    // The upstream was cut off, which for such a body cannot be told from its end.
    expect(header(response.headers, "transfer-encoding")).toBe("chunked");
    expect(response.body.toString()).toBe("until the end");
  });

  test("trailers pass both ways, whichever versions of HTTP there are", async () => {
    for (const isHttp2 of [false, true]) {
      const upstream = await upstreamServer({
        http2: isHttp2,
        handler: () => ({ body: ["answer"], trailers: [["x-end", "response"]] }),
      });
      const { port } = await serve(hello, { upstream: local(upstream.port), upstreamHttp2: isHttp2 });
      const request = { method: "POST", body: ["question"], trailers: [["x-end", "request"]] } as const;
      for (const send of [http1, http2]) {
        const response = await send(port, request);
        expect(upstream.last().trailers).toEqual([["x-end", "request"]]);
        expect(upstream.last().body.toString()).toBe("question");
        expect(response.trailers).toEqual([["x-end", "response"]]);
        expect([response.body.toString(), response.complete]).toEqual(["answer", true]);
      }
    }
  });
});

describe("interim answers and early answers", () => {
  test("a client that expects 100-continue gets it, and the upstream hears nothing of that", async () => {
    const upstream = await upstreamServer();
    const { port } = await serve(hello, { upstream: local(upstream.port) });
    const response = await http1(port, {
      method: "PUT",
      headers: [["expect", "100-continue"]],
      body: "late",
    });
    expect(response.informational).toEqual([100]);
    expect([response.status, upstream.last().body.toString()]).toEqual([200, "late"]);
    expect(header(upstream.last().headers, "expect")).toBeUndefined();
  });

  test("interim answers of the upstream are not passed on", async () => {
    const raw = await startRawHttp(
      "HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
    );
    atEnd(() => raw.stop());
    const { port } = await serve(hello, { upstream: local(raw.port) });
    const response = await http1(port);
    expect([response.informational, response.status, response.body.toString()]).toEqual([[], 200, "hi"]);
  });

  test("an answer before the end of the request is delivered, and the connection closed", async () => {
    const { port } = await serve(example("auth-header"));
    const connection = await Http1Connection.open(port);
    await connection.write([
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n",
      "x".repeat(100_000),
    ]);
    const response = await connection.read("POST");
    expect([response.status, response.complete]).toEqual([401, true]);
    expect(header(response.headers, "connection")).toBe("close");
    expect(await connection.ended).toBe("connection closed");
    const two = await http2(port, { method: "POST", body: ["some", 50, "more"] });
    expect([two.status, two.complete]).toEqual([401, true]);
  });

  test("a client that goes on sending does not lose the answer to a reset", async () => {
    const { port } = await serve(example("auth-header"));
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    atEnd(() => socket.destroy());
    let answer = "";
    const problems: string[] = [];
    socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
    socket.on("error", (error) => problems.push(error.message));
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n");
    await expect.poll(() => answer).toContain("authorization header required");
    for (let sent = 0; sent < 5; sent++) {
      socket.write("x".repeat(1000));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    socket.end();
    await closed;
    expect(problems).toEqual([]);
  });

  test("an upstream that answers before the end of the request is told that no more comes", async () => {
    let closed = 0;
    const upstream = await startTcp(
      (_, __, socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"),
      (socket) => socket.on("close", () => closed++),
    );
    atEnd(() => upstream.stop());
    const { port } = await serve(hello, { upstream: local(upstream.port) });
    const connection = await Http1Connection.open(port);
    await connection.write(["POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nsome"]);
    const response = await connection.read("POST");
    expect([response.status, response.body.toString()]).toEqual([200, "hi"]);
    await expect.poll(() => closed).toBe(1);
  });
});

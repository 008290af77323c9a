// Bodies on their way through serve: nothing is buffered but what the filter asks for, and senders are slowed down.
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { Readable, Writable } from "node:stream";
import { expect, test } from "vitest";

import { atEnd, example, local, serve } from "./support.ts";
import { buildFilter } from "../support/asc.ts";
import { callback, guest } from "../host/guest.ts";
import { http1, Http1Connection } from "../support/http-client.ts";
import { http2 } from "../support/http2-client.ts";
import { startTcp, TcpClient } from "../support/tcp.ts";

const hello = example("hello");
const MIB = 1024 * 1024;

/** An upstream that answers with the length of the body; `seen` counts requests. */
async function counter(): Promise<{ url: URL; seen: () => number }> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    let length = 0;
    request.on("data", (chunk: Buffer) => (length += chunk.length));
    request.on("end", () => response.end(String(length)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: local((server.address() as AddressInfo).port), seen: () => requests };
}

test("parts of a request reach the upstream while the client is still sending, and the other way round", async () => {
  const upstream = await startTcp((_, all, socket) => {
    if (all.toString().endsWith("first\r\n"))
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n");
    if (all.toString().endsWith("0\r\n\r\n")) socket.write("3\r\ntwo\r\n0\r\n\r\n");
  });
  atEnd(() => upstream.stop());
  const { port } = await serve(hello, { upstream: local(upstream.port) });
  const client = await TcpClient.open(port);
  atEnd(() => client.close());
  client.write("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n");
  await expect.poll(() => client.received.toString()).toContain("one");
  expect(client.received.toString()).not.toContain("two");
  client.write("0\r\n\r\n");
  await expect.poll(() => client.received.toString()).toMatch(/two\r\n0\r\n\r\n$/);
});

test("a client that does not read slows the upstream down", async () => {
  let written = 0;
  const upstream = createServer((_, response) => {
    const chunk = Buffer.alloc(64 * 1024);
    const more = (): void => {
      while (!response.destroyed && written < 200 * MIB) {
        written += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", more);
      }
    };
    more();
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  atEnd(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  const { port } = await serve(hello, { upstream: local((upstream.address() as AddressInfo).port) });
  const request = httpRequest({ port, host: "127.0.0.1" });
  request.on("error", () => {});
  request.on("response", (response) => response.pause());
  request.end();
  atEnd(() => request.destroy());
  // It stands still once all the buffers on the way are full.
  let before = -1;
  await expect
    .poll(
      () => {
        const still = written > 0 && written === before;
        before = written;
        return still;
      },
      { timeout: 10_000, interval: 300 },
    )
    .toBe(true);
  expect(written).toBeLessThan(50 * MIB);
});

test("a filter that holds a body with back-pressure slows the client down, and lets all of it go later", async () => {
  // Stops everything, and resumes at the first tick 600 ms later.
  const wasm = guest(
    () =>
      callback(
        "proxy_on_request_headers",
        "(drop (call $proxy_set_tick_period_milliseconds (i32.const 600)))",
        4,
      ) +
      callback(
        "proxy_on_tick",
        "(drop (call $proxy_set_effective_context (i32.const 2))) (drop (call $proxy_continue_stream (i32.const 0)))",
      ),
  );
  const upstream = await counter();
  const { port } = await serve(wasm, { upstream: upstream.url });
  const total = 40 * MIB;
  let sent = 0;
  let sentBeforeUpstream = 0;
  function* body(): Generator<Buffer> {
    for (; sent < total; sent += 256 * 1024) {
      if (upstream.seen() === 0) sentBeforeUpstream = sent;
      yield Buffer.alloc(256 * 1024);
    }
  }
  const answer = new Promise<string>((resolve, reject) => {
    const request = httpRequest({
      port,
      host: "127.0.0.1",
      method: "POST",
      headers: { "content-length": total },
    });
    request.on("response", (response) => {
      response.setEncoding("utf8").on("data", resolve);
    });
    pipeline(Readable.from(body()), request).catch(reject);
  });
  expect(await answer).toBe(String(total));
  expect(sentBeforeUpstream).toBeGreaterThan(MIB);
  expect(sentBeforeUpstream).toBeLessThan(20 * MIB);
});

test("a filter that holds more than the limit with a Buffer status is answered with 413 over HTTP/1.1", async () => {
  const wasm = await buildFilter(`
import { FilterDataStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";
class Hold extends HttpContext {
  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    return endOfStream ? FilterDataStatus.Continue : FilterDataStatus.StopIterationAndBuffer;
  }
}
registerHttpContext<Hold>();`);
  const upstream = await counter();
  const { port } = await serve(wasm, { upstream: upstream.url });
  expect((await http1(port, { method: "POST", body: Buffer.alloc(MIB / 2) })).body.toString()).toBe(
    String(MIB / 2),
  );
  const response = await http1(port, { method: "POST", body: Buffer.alloc(2 * MIB) });
  expect([response.status, response.body.toString()]).toEqual([413, "Payload Too Large"]);
  // HTTP/2 streams may hold more.
  const two = await http2(port, { method: "POST", body: Buffer.alloc(2 * MIB) });
  expect([two.status, two.body.toString()]).toEqual([200, String(2 * MIB)]);
});

test("100 MiB pass both ways in flat memory", async () => {
  const size = 100 * MIB;
  const upstream = createServer((request, response) => {
    response.writeHead(200, { "content-length": String(size) });
    void pipeline(request, response);
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  atEnd(() => upstream.close());
  const { port } = await serve(hello, { upstream: local((upstream.address() as AddressInfo).port) });
  const used = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let most = 0;
  let received = 0;
  const chunk = Buffer.alloc(64 * 1024, 1);
  const response = new Promise<void>((resolve, reject) => {
    const request = httpRequest(
      { port, host: "127.0.0.1", method: "POST", headers: { "content-length": size } },
      (answer) => {
        const sink = new Writable({
          write(part: Buffer, _, done) {
            received += part.length;
            most = Math.max(most, used());
            done();
          },
        });
        pipeline(answer, sink).then(resolve, reject);
      },
    );
    pipeline(Readable.from(Array<Buffer>(size / chunk.length).fill(chunk)), request).catch(reject);
  });
  await response;
  expect(received).toBe(size);
  // The client and the upstream of this test are in the same process, and the collector takes its time.
  expect(most - before).toBeLessThan(60 * MIB);
});

test("a client that goes away ends the stream: the upstream is told, and log, done and delete run", async () => {
  const names = ["log", "done", "delete"];
  const wasm = guest((text) =>
    names
      .map((name) => callback(`proxy_on_${name}`, `(drop (call $proxy_log (i32.const 2) ${text(name)}))`, 1))
      .join(""),
  );
  let closed = 0;
  const silent = await startTcp(
    () => {},
    (socket) => socket.on("close", () => closed++),
  );
  atEnd(() => silent.stop());
  const { port, line, lines } = await serve(wasm, { upstream: local(silent.port) });
  const connection = await Http1Connection.open(port);
  await connection.write(["GET /gone HTTP/1.1\r\nhost: a\r\n\r\n"]);
  await expect.poll(() => silent.received.length).toBe(1);
  connection.close();
  await line(/client disconnected downstream_remote_disconnect/);
  expect(lines.slice(1, 4)).toEqual(names.map((name) => `[2 GET /gone] info ${name}`));
  await expect.poll(() => closed).toBe(1);
  const two = await http2(port, { path: "/reset", resetAfterMs: 50 });
  expect(two.complete).toBe(false);
  await line(/\[3 GET \/reset\] client disconnected/);
});

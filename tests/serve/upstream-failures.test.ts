// What a client of serve sees when the upstream is down, breaks off or says nothing: what it would see of Envoy.
import { expect, test } from "vitest";

import { atEnd, example, local, serve, upstreamServer } from "./support.ts";
import { header } from "../support/bytes.ts";
import { http1 } from "../support/http-client.ts";
import { http2 } from "../support/http2-client.ts";
import { startRawHttp, startTcp } from "../support/tcp.ts";

const hello = example("hello");
const PREFIX = "upstream connect error or disconnect/reset before headers. reset reason: ";

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = await startTcp(() => {});
  await server.stop();
  return server.port;
}

test("nobody listens: 503 with Envoy's text, through the filter", async () => {
  for (const upstreamHttp2 of [false, true]) {
    const { port, line } = await serve(hello, { upstream: local(await deadPort()), upstreamHttp2 });
    const response = await http1(port);
    expect([response.status, response.complete]).toEqual([503, true]);
    expect(response.body.toString()).toContain(`${PREFIX}remote connection failure`);
    expect(header(response.headers, "hello")).toBe("world");
    await line(/\[2 GET \/\] upstream connect ECONNREFUSED/);
    await line(/\[2 GET \/\] 503 upstream_reset_before_response_started\{remote_connection_failure/);
  }
});

test("a host name that is unknown: 503 no healthy upstream", async () => {
  const { port, line } = await serve(hello, { upstream: new URL("http://nobody.invalid") });
  const response = await http1(port);
  expect([response.status, response.body.toString()]).toEqual([503, "no healthy upstream"]);
  await line(/503 no_healthy_upstream/);
});

test("the connection breaks before an answer: 503 connection termination", async () => {
  for (const isHttp2 of [false, true]) {
    const upstream = await upstreamServer({ http2: isHttp2, handler: () => ({ reset: true }) });
    const { port } = await serve(hello, { upstream: local(upstream.port), upstreamHttp2: isHttp2 });
    const response = await http1(port, { method: "POST", body: "x" });
    expect([response.status, response.body.toString()]).toEqual([503, `${PREFIX}connection termination`]);
  }
});

test("the connection breaks in the middle of an answer: the client sees it cut off, over either HTTP", async () => {
  const upstream = await upstreamServer({ handler: () => ({ body: ["first part"], reset: true }) });
  const { port, line } = await serve(hello, { upstream: local(upstream.port) });
  const one = await http1(port);
  expect([one.status, one.body.toString(), one.complete, one.closed]).toEqual([
    200,
    "first part",
    false,
    true,
  ]);
  const two = await http2(port);
  expect([two.status, two.body.toString(), two.complete, two.resetCode]).toEqual([
    200,
    "first part",
    false,
    2,
  ]);
  await line(/\[2 GET \/\] reset \(upstream_reset_after_response_started\)/);
});

test("what is no HTTP breaks the connection, too", async () => {
  const raw = await startRawHttp("no HTTP at all\r\n\r\n");
  atEnd(() => raw.stop());
  const { port } = await serve(hello, { upstream: local(raw.port) });
  expect((await http1(port)).status).toBe(503);
});

test("no answer in time: 504, and the upstream is told that nobody waits", async () => {
  let closed = 0;
  const silent = await startTcp(
    () => {},
    (socket) => socket.on("close", () => closed++),
  );
  atEnd(() => silent.stop());
  const { port } = await serve(hello, { upstream: local(silent.port), timeout: 100 });
  const response = await http1(port);
  expect([response.status, response.body.toString()]).toEqual([504, "upstream request timeout"]);
  expect(silent.received[0]?.toString()).toContain("x-envoy-expected-rq-timeout-ms: 100\r\n");
  await expect.poll(() => closed).toBe(1);
});

test("an answer that takes too long is cut off; without a timeout it is not, and the upstream is told of none", async () => {
  const upstream = await upstreamServer({ handler: () => ({ body: ["slow", 300, "ly"] }) });
  const limited = await serve(hello, { upstream: local(upstream.port), timeout: 100 });
  const cut = await http1(limited.port);
  expect([cut.status, cut.body.toString(), cut.complete]).toEqual([200, "slow", false]);
  const unlimited = await serve(hello, { upstream: local(upstream.port), timeout: 0 });
  const whole = await http1(unlimited.port);
  expect([whole.body.toString(), whole.complete]).toEqual(["slowly", true]);
  expect(header(upstream.last().headers, "x-envoy-expected-rq-timeout-ms")).toBeUndefined();
});

test("an idle connection that the upstream has closed is not taken for a failure", async () => {
  const upstream = await startRawHttp("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
  const { port } = await serve(hello, { upstream: local(upstream.port) });
  expect((await http1(port)).status).toBe(200);
  await upstream.stop();
  // Nobody is there any more: the kept connection is gone, a new one is refused.
  const response = await http1(port);
  expect(response.body.toString()).toContain("remote connection failure");
});

test("a host name with several addresses tells why each was refused", async () => {
  const { port, line } = await serve(hello, { upstream: new URL(`http://localhost:${await deadPort()}`) });
  expect((await http1(port)).status).toBe(503);
  await line(/\[2 GET \/\] upstream connect ECONNREFUSED/);
});

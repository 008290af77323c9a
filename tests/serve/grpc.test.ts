// gRPC in serve: callouts of the filter to real servers, and gRPC requests through it.
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";

import { atEnd, local, serve, upstreamServer } from "./support.ts";
import { callback, guest, logAnswer, logStatus, logText, OUT } from "../host/guest.ts";
import { encodePairs } from "../../src/host/pairs.ts";
import { example } from "./support.ts";
import { http2 } from "../support/http2-client.ts";
import { startTcp } from "../support/tcp.ts";

type Text = (value: string | Uint8Array) => string;

/** GrpcService { envoy_grpc { cluster_name } }. */
const service = (cluster: string) =>
  Buffer.from([0x0a, cluster.length + 2, 0x0a, cluster.length, ...Buffer.from(cluster)]);
const unary = (text: Text, timeout = 0) =>
  `(drop (call $proxy_grpc_call ${text(service("up"))} ${text("pkg.Auth")} ${text("Check")} ${text(encodePairs([["x-meta", "m"]]))} ${text("question")} (i32.const ${timeout}) (i32.const ${OUT})))`;
const EVENTS = (text: Text) =>
  ["receive_initial_metadata", "receive", "receive_trailing_metadata", "close"]
    .map((name) =>
      callback(
        `proxy_on_grpc_${name}`,
        name === "receive"
          ? logAnswer("(call $proxy_get_buffer_bytes (i32.const 5) (i32.const 0) (i32.const -1)")
          : name === "close"
            ? `${logText(text("close"))} ${logStatus("(local.get 2)")}`
            : logText(text(name)),
      ),
    )
    .join("");

const frame = (message: string): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, Buffer.from(message)]);
};

/** A gRPC server: answers each message in upper case, and ends with the status in the header x-status. */
async function grpcServer(status = "0"): Promise<{ url: URL; paths: string[] }> {
  const paths: string[] = [];
  const server: Http2Server = createServer();
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    paths.push(`${headers[":path"]} ${headers["content-type"]} ${headers["te"]} ${headers["x-meta"]}`);
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () =>
      stream.sendTrailers({ "grpc-status": status, "grpc-message": "no%20way" }),
    );
    stream.on("data", (chunk: Buffer) => {
      // Two parts, cut within the length.
      const answer = frame(chunk.subarray(5).toString().toUpperCase());
      stream.write(answer.subarray(0, 3));
      stream.write(answer.subarray(3));
    });
    stream.on("end", () => stream.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(() => server.close());
  return { url: local((server.address() as AddressInfo).port), paths };
}

describe("gRPC callouts", () => {
  test("a call brings the message of the answer, and nothing else", async () => {
    const { url, paths } = await grpcServer();
    const wasm = guest((text) => callback("proxy_on_configure", unary(text)) + EVENTS(text));
    const { lines, line } = await serve(wasm, { clusters: { up: url } });
    await line(/QUESTION/);
    expect(paths).toEqual(["/pkg.Auth/Check application/grpc trailers m"]);
    expect(lines.slice(1)).toEqual(["[1 root] info QUESTION"]);
  });

  test("a call that fails brings its status, or 14 if nobody listens or answers", async () => {
    const { url } = await grpcServer("7");
    const wasm = guest((text) => callback("proxy_on_configure", unary(text, 200)) + EVENTS(text));
    const denied = await serve(wasm, { clusters: { up: url } });
    await denied.line(/info close/);
    expect(denied.lines.slice(1)).toEqual(["[1 root] info close", "[1 root] info 07"]);
    const silent = await startTcp(() => {});
    const late = await serve(wasm, { clusters: { up: local(silent.port) } });
    await late.line(/info 14/);
    await silent.stop();
    const refused = await serve(wasm, { clusters: { up: local(silent.port) } });
    await refused.line(/info 14/);
  });

  test("a stream carries messages both ways until it is closed", async () => {
    const { url } = await grpcServer();
    const send = (text: Text, message: string, end: number) =>
      `(drop (call $proxy_grpc_send (i32.load (i32.const ${OUT + 16})) ${text(message)} (i32.const ${end})))`;
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_configure",
          `(drop (call $proxy_grpc_stream ${text(service("up"))} ${text("pkg.Auth")} ${text("Watch")} (i32.const 0) (i32.const 0) (i32.const ${OUT + 16}))) ${send(text, "one", 0)}
           (drop (call $proxy_set_tick_period_milliseconds (i32.const 50)))`,
        ) +
        callback(
          "proxy_on_tick",
          `(drop (call $proxy_set_tick_period_milliseconds (i32.const 0))) ${send(text, "two", 1)}`,
        ) +
        EVENTS(text),
    );
    const { lines, line } = await serve(wasm, { clusters: { up: url } });
    await line(/info close/);
    await line(/info 00/);
    expect(lines.slice(1).map((each) => each.replace("[1 root] info ", ""))).toEqual([
      "receive_initial_metadata",
      "ONE",
      "TWO",
      "receive_trailing_metadata",
      "close",
      "00",
    ]);
  });
});

test("a gRPC request passes with its trailers, and a failure of the upstream becomes a gRPC status", async () => {
  const upstream = await upstreamServer({
    http2: true,
    handler: () => ({
      headers: [["content-type", "application/grpc"]],
      body: ["\0\0\0\0\x02hi"],
      trailers: [["grpc-status", "0"]],
    }),
  });
  const { port } = await serve(example("hello"), { upstream: local(upstream.port), upstreamHttp2: true });
  const request = {
    ...{ method: "POST", path: "/pkg.Service/Method", body: "\0\0\0\0\x02hi" },
    headers: [
      ["content-type", "application/grpc"],
      ["te", "trailers"],
    ],
  } as const;
  const good = await http2(port, request);
  expect([good.status, good.body.toString(), good.trailers]).toEqual([
    200,
    "\0\0\0\0\x02hi",
    [["grpc-status", "0"]],
  ]);
  expect(upstream.last().headers).toContainEqual(["te", "trailers"]);
  await upstream.stop();
  const bad = await http2(port, request);
  expect(bad.status).toBe(200);
  expect(bad.headers).toContainEqual(["grpc-status", "14"]);
});

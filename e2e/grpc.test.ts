// gRPC callouts in a real Envoy, to a real gRPC server: single calls and streams, and every way in which they end.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { header } from "../tests/support/bytes.ts";
import { type GrpcServer, startGrpcServer } from "../tests/support/grpc-server.ts";
import { http1 } from "../tests/support/http-client.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

let upstream: Upstream;
let server: GrpcServer;
let envoy: Envoy;
let logged = 0;

beforeAll(async () => {
  upstream = await startUpstream();
  server = await startGrpcServer();
  const grpc = { port: server.port, http2: true };
  envoy = await startEnvoy({
    http: {
      filters: [{ wasm: await buildFile("tests/guest/assembly/grpc.ts"), name: "f" }],
      streamIdleTimeoutMs: 5000,
    },
    clusters: {
      ...{ upstream: upstream.port, grpc, users: grpc, analytics: grpc, http1: upstream.port },
      ...{ empty: { http2: true }, refused: { port: 1, http2: true } },
    },
  });
});
afterAll(async () => {
  await envoy?.stop();
  await server?.stop();
  await upstream?.stop();
});
beforeEach(async () => {
  await expect
    .poll(() => envoy.log.wasm.filter((line) => /^tick: 0|^root close/.test(line.text)).length)
    .toBe(4);
  logged = envoy.log.wasm.length;
  server.calls.length = 0;
});

const request = (task: string, cluster = "grpc", abortAfterMs?: number): ReturnType<typeof http1> =>
  http1(envoy.port, {
    headers: [
      ["x-do", task],
      ["x-cluster", cluster],
    ],
    ...(abortAfterMs === undefined ? {} : { abortAfterMs }),
  });

/** What was logged since the test began. */
const lines = (): string[] => envoy.log.wasm.slice(logged).map((line) => line.text);

describe("a call", () => {
  test("is answered with a message; metadata, host name and message arrive", async () => {
    expect((await request("say")).status).toBe(200);
    expect(header(upstream.last().headers, "x-status")).toBe("0");
    await expect.poll(lines).toEqual(["outcome: 0 hello ", "deleted"]);
    expect(server.last()).toMatchObject({ authority: "echo.example", messages: ["hello"] });
    expect(server.last().metadata).toMatchObject({
      "x-in": "ping",
      "x-envoy-expected-rq-timeout-ms": "5000",
    });
  });

  test.each(["users", "analytics"])(
    "C6: to a cluster by the name of %s leaves Envoy running",
    async (cluster) => {
      expect((await request("say", cluster)).status).toBe(200);
      expect(envoy.alive).toBe(true);
    },
  );

  test("with a function and what it works on; without a callback, to the context's own callbacks", async () => {
    expect((await request("self")).status).toBe(200);
    expect((await request("override")).status).toBe(200);
    expect(header(upstream.last().headers, "x-message")).toBe("to the override");
    const { status, body } = await request("override fail");
    expect([status, body.toString()]).toEqual([403, "7 not%20yours{via_upstream}"]);
  });

  test.each([
    ["fail 7 denied", "7  denied{via_upstream}"],
    ["fail 13 broken", "13  broken{via_upstream}"],
    ["fail 99 odd", "2  odd{via_upstream}"], // no status of gRPC
    [`fail 5 ${"x".repeat(3000)}`, `5  ${"x".repeat(1024)}`],
  ])("that the server fails gives its status and text, within bounds: %.20s", async (task, outcome) => {
    expect((await request(task)).status).toBe(403);
    await expect
      .poll(() => lines().filter((line) => line.startsWith("outcome")))
      .toEqual([`outcome: ${outcome}`]);
  });

  test.each([
    // The server knows the deadline too, and may be the first to say so.
    ["deadline", "grpc", /^outcome: (14 {2}upstream request timeout|4 {2}Deadline)/],
    ["say", "refused", /^outcome: 14 {2}upstream connect error/],
    ["say", "http1", /^outcome: 2 /], // a cluster that does not speak HTTP/2 (field report 61)
  ])("%s to %s fails once, with a status", async (task, cluster, outcome) => {
    expect((await request(task, cluster)).status).toBe(403);
    await expect.poll(lines).toContain("deleted");
    expect(lines().filter((line) => line.startsWith("outcome"))).toEqual([expect.stringMatching(outcome)]);
  });

  test.each(["unknown", "empty"])("to the cluster %s is not made, and nothing runs", async (cluster) => {
    const { status, body } = await request("say", cluster);
    expect([status, body.toString()]).toEqual([500, "not sent: 10"]);
    await expect
      .poll(lines)
      .toEqual([
        `proxy-wasm-as: grpcCall ${cluster} refused: the host knows no such cluster, or it has no host`,
        "deleted",
      ]);
  });

  test("is cancelled when its stream ends, also with no timeout", async () => {
    await request("gone", "grpc", 80);
    await expect.poll(lines).toEqual(["deleted"]);
    await expect.poll(() => server.last().cancelled).toBe(true);
    expect((await request("say")).status).toBe(200);
  });

  test("that is not sound is refused, and the log says why", async () => {
    expect((await request("refused")).status).toBe(200);
    const refused = (reason: string): string => `proxy-wasm-as: grpcCall refused: ${reason}`;
    await expect
      .poll(lines)
      .toEqual([
        refused("cluster, service and method must not be empty"),
        "empty: 2",
        refused("cluster, service and method must not be empty"),
        "method: 2",
        refused("CR, LF or NUL in the authority, service or method"),
        "break: 2",
        refused("a name that begins with a colon is for the request's headers alone"),
        "pseudo: 2",
        refused("timeoutMilliseconds is larger than 2,147,483,647"),
        "timeout: 2",
        "deleted",
      ]);
    expect(server.calls).toHaveLength(0);
  });
});

describe("a stream", () => {
  const notOpen = "proxy-wasm-as: GrpcStream.send refused: the stream is not open";

  test("echoes what is sent, one after the other, and ends after both sides have closed it", async () => {
    expect((await request("chat")).status).toBe(200);
    await expect
      .poll(lines)
      .toEqual([
        "first: 0",
        "initial: ping",
        "message: one",
        "message: two",
        "message: last",
        "trailing: over",
        "close: 0 OK{via_upstream} false",
        "proxy-wasm-as: GrpcStream.send refused: this side has closed the stream",
        "send: 2",
        "deleted",
      ]);
    expect(server.last()).toMatchObject({ messages: ["one", "two", "last"], halfClosed: true });
    expect(header(upstream.last().headers, "x-closed")).toBe("0");
  });

  test.each([
    ["chat end", "0 OK{via_upstream}"],
    ["chat fail", "7 no%20more{via_upstream}"],
  ])("that the server ends is closed on this side too: %s", async (task, close) => {
    expect((await request(task)).status).toBe(200);
    await expect
      .poll(() => lines().slice(4))
      .toEqual(["trailing: over", `close: ${close} false`, notOpen, "send: 2", "deleted"]);
    // Envoy keeps a stream that only one side has closed.
    await expect
      .poll(() => envoy.stats(), { timeout: 3000 })
      .toMatchObject({ "cluster.grpc.upstream_rq_active": 0 });
  });

  test("that is given up brings nothing more", async () => {
    expect((await request("chat cancel")).status).toBe(200);
    await expect
      .poll(() => lines().slice(4))
      .toEqual([
        "message: cancel me",
        "cancel: 0",
        "proxy-wasm-as: GrpcStream.cancel refused: the stream is not open",
        "again: 2 false",
        notOpen,
        "send: 2",
        "deleted",
      ]);
    await expect.poll(() => server.last().cancelled).toBe(true);
  });

  test("is given up when the stream that opened it ends", async () => {
    await request("chat gone", "grpc", 80);
    await expect.poll(() => lines().at(-1)).toBe("deleted");
    await expect.poll(() => server.last().cancelled).toBe(true);
    expect(lines().filter((line) => line.startsWith("close"))).toEqual([]);
    expect(envoy.alive).toBe(true);
  });

  test.each(["unknown", "empty"])("to the cluster %s is not opened, and nothing runs", async (cluster) => {
    const { status, body } = await request("chat", cluster);
    expect([status, body.toString()]).toEqual([500, "not sent: 10"]);
    await expect
      .poll(lines)
      .toEqual([
        `proxy-wasm-as: grpcStream ${cluster} refused: the host knows no such cluster, or it has no host`,
        notOpen,
        "first: 2 0",
        "deleted",
      ]);
  });

  test("is not opened after a failure in the same callback, at which Envoy would hang", async () => {
    const { status, body } = await request("streams", "empty");
    expect([status, body.toString()]).toEqual([503, "none"]);
    const refused =
      "proxy-wasm-as: grpcStream refused: a call has just failed: Envoy might hang; open the stream in a later callback";
    await expect
      .poll(() => lines().slice(1))
      .toEqual(["opened: 10", refused, "opened: 2", refused, "opened: 2", "deleted"]);
    // And several at once where there is a host; the next request may open one again, too.
    expect((await request("streams")).status).toBe(503);
    await expect.poll(() => lines().filter((line) => line === "opened: 0")).toHaveLength(3);
  });

  test("is not opened after its request was answered in the same callback", async () => {
    expect((await request("stream last")).body.toString()).toBe("first");
    await expect
      .poll(lines)
      .toEqual([
        "proxy-wasm-as: grpcStream refused: something was resumed, answered or closed in this callback: open the stream before",
        "opened: 2",
        "deleted",
      ]);
  });

  test("to a host that refuses connections is closed once", async () => {
    expect((await request("chat", "refused")).status).toBe(200);
    await expect.poll(lines).toContain("deleted");
    expect(lines().filter((line) => line.startsWith("close"))).toEqual([
      expect.stringMatching(/^close: 14 upstream connect error/),
    ]);
  });

  test("can belong to a root, whose own callbacks get what comes", () => {
    const all = envoy.log.wasm.map((line) => line.text).filter((line) => /^root|^tick/.test(line));
    const each = [
      ...["root initial: true", "root message: of the root 11", "root trailing: over"],
      ...["root close: true 0 OK{via_upstream}", "tick: 0 tick"],
    ];
    expect([...new Set(all)].sort()).toEqual(each.sort());
  });
});

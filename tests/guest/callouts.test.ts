// HTTP and gRPC callouts of the guest library on the embedded host: every outcome, and what is left afterwards.
import { beforeAll, describe, expect, test } from "vitest";

import { compileModule } from "../../src/host/guest-module.ts";
import {
  type CalloutBehaviour,
  type CalloutFailure,
  createHost,
  type GrpcBehaviour,
  type HostOptions,
  type TestHost,
  type Walk,
} from "../../src/testing/index.ts";
import { readFileSync } from "node:fs";
import { buildFile } from "../support/asc.ts";

type Guest = Awaited<ReturnType<typeof compileModule>>;

const built = async (path: string, options = {}): Promise<Guest> =>
  compileModule(readFileSync(await buildFile(path, { options })));

let http: Guest;
let grpc: Guest;
let incremental: Guest;
beforeAll(async () => {
  [http, grpc, incremental] = await Promise.all([
    built("tests/guest/assembly/callouts.ts"),
    built("tests/guest/assembly/grpc.ts"),
    built("tests/guest/assembly/callouts.ts", { runtime: "incremental" }),
  ]);
}, 120_000);

const echo: CalloutBehaviour = (request) => ({
  headers: { "x-user": "ada", "x-echo": request.path },
  body: request.path,
});

const start = (auth: CalloutBehaviour = echo, more: Partial<HostOptions> = {}): Promise<TestHost> =>
  createHost({ wasm: http, callouts: { auth, empty: "no-hosts" }, ...more } as HostOptions);

const ask = (host: TestHost, task: string, headers: Record<string, string> = {}, more = {}): Promise<Walk> =>
  host.request({ path: `/${task}`, headers: { "x-do": task, ...headers }, ...more });

const texts = (walk: Walk | TestHost): string[] => walk.logs.map((entry) => entry.text);
const outcomes = (walk: Walk): string[] => texts(walk).filter((text) => text.startsWith("outcome"));

describe("an HTTP call", () => {
  test.each(["object", "self"])("with a handler that is an %s is answered", async (task) => {
    const walk = await ask(await start(), task);
    expect(walk.upstream?.headers.get("x-body")).toBe("/check");
    expect(walk.upstream?.headers.get("x-user")).toBe("ada");
    expect(outcomes(walk)).toHaveLength(1);
  });

  test("without a callback is answered to the context's own callback", async () => {
    const { upstream } = await ask(await start(), "override");
    expect(["x-same-id", "x-status", "x-trailer"].map((name) => upstream?.headers.get(name))).toEqual([
      ...["true", "200", "true"],
    ]);
  });

  test("is sent as the request says", async () => {
    let seen: unknown;
    const host = await start((request) => {
      const { method, path, authority, headers } = request;
      seen ??=
        path === "/whole?x=1" ? [method, authority, headers.getAll("x-a"), request.body.length] : undefined;
      return { body: "ok", trailers: { "x-sum": "7" } };
    });
    const { upstream } = await ask(host, "whole");
    expect(seen).toEqual(["POST", "auth.example", ["1", "2"], 300]);
    expect(upstream?.headers.get("x-trailer")).toBe("7");
  });

  test("may be nested, several at once, of the root, and in a body or a response", async () => {
    const host = await start();
    const nested = await ask(host, "nested");
    expect(["x-token", "x-user", "x-stale"].map((name) => nested.upstream?.headers.get(name))).toEqual([
      ...["/token", "/user", "nothing"],
    ]);
    expect((await ask(host, "several")).upstream?.headers.getAll("x-answers")).toHaveLength(3);
    expect(texts(await ask(host, "root"))).toContain("root override: /from-root");
    expect((await ask(host, "body", {}, { method: "POST", body: "hello" })).upstream?.text()).toBe(
      "hello+/body",
    );
    expect((await ask(host, "response")).response.headers.get("x-call")).toBe("/response200");
  });

  test("can be made while a stream ends, and its answer goes nowhere", async () => {
    const host = await start();
    expect(texts(await ask(host, "ends"))).toEqual([
      ...["log sent: 0", "done sent: 0", "delete sent: 0", "deleted /ends"],
    ]);
    expect(host.callouts.pending).toEqual([]);
  });

  test.each<[CalloutFailure, string, number]>([
    ["refused", "503 3 98 0", 503],
    ["reset", "503 3 95 0", 503],
    ["cut-off", "0 0 0 0", 599],
    ["timeout", "504 3 24 0", 504],
    ["too-large", "0 0 0 0", 599],
  ])("that fails by %s has one outcome", async (failure, outcome, status) => {
    const host = await start("open");
    const asked = ask(host, "object");
    await host.advance(0);
    await host.callouts.pending.find((each) => each.request.path === "/check")?.fail(failure);
    const walk = await asked;
    expect(outcomes(walk)).toEqual([`outcome of /object: ${outcome}`]);
    expect([walk.response.status, walk.upstream]).toEqual([status, null]);
  });

  test("that times out is over at its time", async () => {
    const host = await start("open");
    const walk = ask(host, "object", { "x-timeout": "500" });
    await host.advance(499);
    expect(host.callouts.pending.filter((each) => each.request.path === "/check")).toHaveLength(1);
    await host.advance(1);
    expect((await walk).response.status).toBe(504);
  });

  test.each([
    ["unknown", 2, ["proxy-wasm-as: httpCall to unknown refused: the host knows no such cluster"]],
    ["empty", 10, []],
  ])("to the cluster %s is not made: status %i", async (cluster, status, lines) => {
    const walk = await ask(await start(), "object", { "x-cluster": cluster });
    expect(walk.response.text()).toBe(`not sent: ${status}`);
    expect(texts(walk)).toEqual([...lines, "deleted /object"]);
  });

  test("whose stream is gone is forgotten, and its answer does nothing", async () => {
    const host = await start("open");
    const stream = host.openStream();
    await stream.requestHeaders({ "x-do": "object", ":path": "/gone" });
    const call = host.callouts.pending.find((each) => each.request.path === "/check");
    await stream.reset();
    const before = host.logs.length;
    await call?.respond({ status: 200, body: "late" });
    expect(host.logs.length).toBe(before);
    expect(host.trap).toBeNull();
  });
});

test("a thousand calls may wait at once, and each finds its stream", async () => {
  const host = await start("open", { logLevel: "error" });
  const streams = [];
  for (let i = 0; i < 1000; i++) {
    const stream = host.openStream();
    streams.push(stream);
    await stream.requestHeaders({ "x-do": "object", ":path": `/${i}` }, { endStream: true });
  }
  const calls = host.callouts.pending.filter((each) => each.request.path === "/check");
  expect(calls).toHaveLength(1000);
  // The clients of every third leave first; the others are answered in reverse order.
  for (let i = 0; i < 1000; i += 3) await streams[i]?.reset();
  for (let i = 999; i >= 0; i--) await calls[i]?.respond({ headers: { "x-user": String(i) } });
  expect(streams.map((stream) => stream.upstream?.headers.get("x-user") ?? null)).toEqual(
    streams.map((_, i) => (i % 3 ? String(i) : null)),
  );
});

describe("over a long run memory stays flat", () => {
  test.each(["minimal", "incremental"])(
    "with the runtime %s, also of calls that are never answered",
    async (runtime) => {
      const late: CalloutBehaviour = (request) =>
        request.path === "/check" ? "timeout" : { body: request.path };
      const wasm = runtime === "minimal" ? http : incremental;
      const host = await start(late, { wasm, logLevel: "critical" } as Partial<HostOptions>);
      const round = async (): Promise<number> => {
        for (let i = 0; i < 80; i++) {
          await ask(host, i % 2 ? "nested" : "object");
          const stream = host.openStream();
          await stream.requestHeaders({ "x-do": "several", ":path": "/gone" });
          await stream.reset();
        }
        return host.memory.pages;
      };
      await round();
      const pages = await round();
      expect(await round()).toBe(pages);
      expect(await round()).toBe(pages);
    },
  );
});

describe("a gRPC call", () => {
  const say: GrpcBehaviour = ({ method, message, metadata }) =>
    method === "Fail"
      ? { status: Number(message.toString().split(" ")[0]), message: message.toString().slice(2) }
      : { message: `${metadata.get("x-in") ?? ""}${message.toString()}` };
  const startGrpc = (behaviour: GrpcBehaviour = say): Promise<TestHost> =>
    createHost({ wasm: grpc, grpc: { grpc: behaviour, empty: "no-hosts" } });
  const request = (host: TestHost, task: string, cluster = "grpc"): Promise<Walk> =>
    host.request({ headers: { "x-do": task, "x-cluster": cluster } });

  test("is answered with a message", async () => {
    const host = await startGrpc();
    expect(outcomes(await request(host, "say"))).toEqual(["outcome: 0 pinghello "]);
    expect(outcomes(await request(host, "self"))).toEqual(["outcome: 0 hello "]);
    expect((await request(host, "override")).upstream?.headers.get("x-message")).toBe("to the override");
  });

  test("or fails with a status and a text, within bounds", async () => {
    const host = await startGrpc();
    expect(outcomes(await request(host, "fail 7 not yours"))).toEqual(["outcome: 7  not yours"]);
    expect(outcomes(await request(host, "fail 99 odd"))[0]).toMatch(/^outcome: 2 /);
    const long = outcomes(await request(host, `fail 5 ${"x".repeat(3000)}`))[0];
    expect(long?.length).toBe("outcome: 5  ".length + 1024);
    expect((await request(host, "override fail")).response.text()).toBe("7 not yours");
  });

  test("has a deadline", async () => {
    const host = await startGrpc("open");
    const walk = request(host, "deadline");
    await host.advance(60);
    expect(outcomes(await walk)).toEqual([expect.stringMatching(/^outcome: 14 {2}upstream request timeout/)]);
  });

  test.each(["unknown", "empty"])("to the cluster %s is not made, and nothing runs", async (cluster) => {
    const walk = await request(await startGrpc(), "say", cluster);
    expect(walk.response.text()).toBe("not sent: 10");
    expect(outcomes(walk)).toEqual([]);
    const chat = await request(await startGrpc(), "chat", cluster);
    expect(chat.response.text()).toBe("not sent: 10");
    expect(texts(chat).filter((text) => /^(initial|trailing|close)/.test(text))).toEqual([]);
  });

  test("is cancelled when its stream ends", async () => {
    const host = await startGrpc("open");
    const stream = host.openStream();
    await stream.requestHeaders({ "x-do": "gone" });
    const call = host.callouts.grpc.find((each) => each.method === "Never");
    await stream.reset();
    expect(call?.cancelled).toBe(true);
  });

  test("may be a stream, with messages both ways", async () => {
    const host = await startGrpc("open");
    const walk = request(host, "chat end");
    await host.advance(0);
    const [chat] = host.callouts.grpc.filter((each) => each.metadata.get("x-in") === "ping");
    await chat?.initialMetadata({ "x-out": "pong" });
    await chat?.send("one");
    await chat?.send("two");
    await chat?.close(0, "done", { "x-end": "over" });
    expect(texts(await walk)).toEqual([
      ...[
        "first: 0",
        "initial: pong",
        "message: one",
        "message: two",
        "trailing: over",
        "close: 0 done false",
      ],
      ...["proxy-wasm-as: GrpcStream.send refused: the stream is not open", "send: 2", "deleted"],
    ]);
    expect(chat?.messages.map(String)).toEqual(["one", "two", "end"]);
    expect(chat?.halfClosed).toBe(true);
  });

  test("or a stream that is given up", async () => {
    const host = await startGrpc("open");
    const walk = request(host, "chat cancel");
    await host.advance(0);
    const [chat] = host.callouts.grpc.filter((each) => each.metadata.get("x-in") === "ping");
    await chat?.send("cancel me");
    expect(texts(await walk)).toContain("again: 2 false");
    expect(chat?.cancelled).toBe(true);
  });
});

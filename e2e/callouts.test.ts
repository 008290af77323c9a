// HTTP callouts in a real Envoy: from streams, roots and ticks, and every way in which one can end.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { header, headerAll } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { startUpstream, type Upstream, type UpstreamRequest } from "../tests/support/upstream.ts";

let upstream: Upstream;
let auth: Upstream;
let envoy: Envoy;
let logged = 0;

/** Answers with the path that was called. */
const answer = (request: UpstreamRequest) => ({
  headers: [
    ["x-user", "ada"],
    ["x-echo", request.path],
  ] as [string, string][],
  body: request.path,
});

beforeAll(async () => {
  upstream = await startUpstream();
  auth = await startUpstream({ handler: answer });
  envoy = await startEnvoy({
    http: {
      filters: [{ wasm: await buildFile("tests/guest/assembly/callouts.ts"), name: "f" }],
      streamIdleTimeoutMs: 5000,
    },
    // Nothing listens on port 1.
    clusters: { upstream: upstream.port, auth: auth.port, empty: {}, refused: 1 },
  });
  // The main thread and the worker.
  await vi.waitFor(
    () => expect(envoy.log.wasm.filter((line) => line.text === "tick: 200 /tick")).toHaveLength(2),
    {
      timeout: 5000,
    },
  );
});
afterAll(async () => {
  await envoy?.stop();
  await auth?.stop();
  await upstream?.stop();
});
beforeEach(() => {
  logged = envoy.log.wasm.length;
  upstream.requests.length = 0;
  auth.requests.length = 0;
  auth.handler = answer;
});

type Exchange = Parameters<typeof http1>[1];

/** Sends a request, and waits until the filter has forgotten it. */
async function request(task: string, more: Exchange = {}): ReturnType<typeof http1> {
  const before = envoy.log.wasm.length;
  const path = more.path ?? `/${task}`;
  const headers = [["x-do", task], ...(more.headers ?? [])] as [string, string][];
  const response = await http1(envoy.port, { ...more, path, headers });
  await expect
    .poll(() => envoy.log.wasm.slice(before).map((line) => line.text), { timeout: 5000 })
    .toContain(`deleted ${path}`);
  return response;
}

/** What was logged since the test began. */
const lines = (): string[] => envoy.log.wasm.slice(logged).map((line) => line.text);
const seen = (name: string): string | undefined => header(upstream.last().headers, name);
const refused = (reason: string): string => `proxy-wasm-as: httpCall refused: ${reason}`;

describe("a call", () => {
  test.each(["object", "self"])(
    "with a handler that is an %s holds the request until it is answered",
    async (task) => {
      expect((await request(task)).status).toBe(200);
      expect(["x-user", "x-body", "x-trailer"].map(seen)).toEqual(["ada", "/check", "null"]);
      expect(auth.requests).toHaveLength(1);
      await expect.poll(lines).toEqual([`outcome of /${task}: 200 6 6 0`, `deleted /${task}`]);
    },
  );

  test("without a callback is answered to the context's own callback", async () => {
    expect((await request("override")).status).toBe(200);
    expect(["x-same-id", "x-body", "x-status", "x-trailer"].map(seen)).toEqual([
      "true",
      "/check",
      "200",
      "true",
    ]);
  });

  test("sends method, host name, repeated headers, bytes and no content-length of the filter's own", async () => {
    expect((await request("whole")).status).toBe(200);
    const { method, path, headers, body } = auth.last();
    expect([method, path, header(headers, "host")]).toEqual(["POST", "/whole?x=1", "auth.example"]);
    expect(headerAll(headers, "x-a")).toEqual(["1", "2"]);
    expect(headerAll(headers, "content-length")).toEqual(["300"]);
    expect([...body]).toEqual(Array.from({ length: 300 }, (_, i) => i & 255));
  });

  test("can forward the request's own headers, path and method", async () => {
    expect((await request("forward")).status).toBe(200);
    const { method, path, headers } = auth.last();
    expect([method, path, header(headers, "host"), header(headers, "x-do")]).toEqual([
      ...["GET", "/forward", header(upstream.last().headers, "host"), "forward"],
    ]);
  });

  test("reads the trailers of its answer", async () => {
    auth.handler = () => ({ body: "ok", trailers: [["x-sum", "7"]] });
    expect((await request("object")).status).toBe(200);
    expect(seen("x-trailer")).toBe("7");
  });

  test("can hold a body and change it when it is answered", async () => {
    expect((await request("body", { method: "POST", body: "hello" })).status).toBe(200);
    expect(upstream.requests).toHaveLength(1);
    expect(upstream.last().body.toString()).toBe("hello+/body");
  });

  test("can hold a response; the request's headers are gone then", async () => {
    const { status, headers } = await request("response");
    expect([status, header(headers, "x-call"), header(headers, "x-request")]).toEqual([
      ...[200, "/response200", "null"],
    ]);
  });

  test("may be one of several at once, or follow from another's answer (field report 55)", async () => {
    expect((await request("several")).status).toBe(200);
    expect(headerAll(upstream.last().headers, "x-answers").sort()).toEqual([
      ...["0=/several/0", "1=/several/1", "2=/several/2"],
    ]);
    expect((await request("nested")).status).toBe(200);
    expect(["x-token", "x-user", "x-stale"].map(seen)).toEqual(["/token", "/user", "nothing"]);
    expect(header(auth.last().headers, "authorization")).toBe("Bearer /token");
  });

  test("does not mix up requests that wait at the same time (field report 53)", async () => {
    auth.handler = async (request) => ({ ...answer(request), delayMs: request.path === "/slow" ? 80 : 5 });
    const paths = ["/slow", ...Array.from({ length: 20 }, (_, i) => `/quick${i}`)];
    const bodies = paths.map((path) => request("object", { path, headers: [["x-path", path]] }));
    expect((await Promise.all(bodies)).map((response) => response.status)).toEqual(paths.map(() => 200));
    expect(upstream.requests.map(({ path, headers }) => header(headers, "x-body") === path)).not.toContain(
      false,
    );
  });

  test("can be made for the root, whose own callback gets the answer", async () => {
    expect((await request("root")).status).toBe(200);
    await expect.poll(lines).toContain("root override: /from-root");
  });

  test("can be made from onLog, onDone and onDelete; nobody waits for the answer", async () => {
    expect((await request("ends")).status).toBe(200);
    await expect
      .poll(() => auth.requests.map((each) => each.path).sort())
      .toEqual([...["/note?delete", "/note?done", "/note?log"]]);
    expect(lines()).toEqual(["log sent: 0", "done sent: 0", "delete sent: 0", "deleted /ends"]);
  });

  test("can be made from onVmStart, onConfigure and onTick", () => {
    const all = envoy.log.wasm.map((line) => line.text);
    expect(all).toEqual(expect.arrayContaining(["vmStart: 200", "configure: 200", "tick: 200 /tick"]));
    expect(all.filter((line) => line === "vmStart sent: 0")).toHaveLength(3); // the trial, the main thread, the worker
    expect(all.filter((line) => line === "tick: 200 /tick")).toHaveLength(2);
  });
});

describe("a call that fails has one outcome (field report 51):", () => {
  /** How often the handler ran. */
  const outcomes = (): string[] => lines().filter((line) => line.startsWith("outcome"));

  test("a cluster that Envoy does not know: a status, and a line that says so", async () => {
    const { status, body } = await request("object", { headers: [["x-cluster", "unknown"]] });
    expect([status, body.toString()]).toEqual([500, "not sent: 2"]);
    expect(lines()).toContain("proxy-wasm-as: httpCall to unknown refused: the host knows no such cluster");
    expect(outcomes()).toEqual([]);
  });

  test("a cluster without hosts: a status", async () => {
    const { status, body } = await request("object", { headers: [["x-cluster", "empty"]] });
    expect([status, body.toString()]).toEqual([500, "not sent: 10"]);
    expect(outcomes()).toEqual([]);
  });

  test("a host that refuses connections: 503", async () => {
    expect((await request("object", { headers: [["x-cluster", "refused"]] })).status).toBe(503);
    expect(outcomes()).toEqual([expect.stringMatching(/^outcome of \/object: 503 3 \d+ 0$/)]);
  });

  test("a host that resets the connection instead of an answer: 503", async () => {
    auth.handler = () => ({ reset: true });
    expect((await request("object")).status).toBe(503);
    expect(outcomes()).toEqual([expect.stringMatching(/^outcome of \/object: 503 3 \d+ 0$/)]);
  });

  test("a host that resets it within the body: status 0, and no headers", async () => {
    auth.handler = () => ({ body: ["part", 20, "of a body"], reset: true });
    expect((await request("object")).status).toBe(599);
    expect(outcomes()).toEqual(["outcome of /object: 0 0 0 0"]);
  });

  test("a host that is too slow: 504", async () => {
    auth.handler = () => "never";
    expect((await request("object", { headers: [["x-timeout", "60"]] })).status).toBe(504);
    expect(outcomes()).toEqual(["outcome of /object: 504 3 24 0"]);
  });

  test("an answer of 5 MiB: is read whole", async () => {
    auth.handler = () => ({ body: Buffer.alloc(5 << 20, 97) });
    expect((await request("object")).status).toBe(200);
    expect(outcomes()).toEqual([expect.stringMatching(/^outcome of \/object: 200 \d+ 5242880 0$/)]);
  });

  test("an answer of 33 MiB: status 0, as Envoy does not take it", async () => {
    auth.handler = () => ({ body: Buffer.alloc(33 << 20, 97) });
    expect((await request("object")).status).toBe(599);
    expect(outcomes()).toEqual(["outcome of /object: 0 0 0 0"]);
  });

  test("an answer after the client has left: nothing runs, and nothing is logged (field report 54)", async () => {
    auth.handler = () => ({ body: "late", delayMs: 150 });
    await request("object", { path: "/gone", abortAfterMs: 40 });
    await expect.poll(lines).toEqual(["deleted /gone"]);
    const done = Date.now() + 300;
    await expect.poll(() => Date.now() > done, { timeout: 2000 }).toBe(true);
    expect(lines()).toEqual(["deleted /gone"]);
    auth.handler = answer;
    expect((await request("object")).status).toBe(200);
  });

  test("a stream that is over: refused", async () => {
    expect((await request("late")).status).toBe(200);
    await expect
      .poll(lines)
      .toEqual([
        "deleted /late",
        refused("the host no longer knows this context"),
        "late /late sent: 2",
        "late done",
      ]);
  });

  test("a request that is not complete or not sound: refused, and the log says why (field report 50)", async () => {
    expect((await request("refused")).status).toBe(200);
    await expect
      .poll(lines)
      .toEqual([
        refused(":path is missing"),
        "no path: 2",
        "proxy-wasm-as: HeaderList.add :path refused: CR, LF or NUL in the value",
        "line break: 2",
        refused(":authority is missing"),
        "no authority: 2",
        refused("timeoutMilliseconds is larger than 2,147,483,647"),
        "timeout: 2",
        refused("more than 1,024 headers or 1 MiB"),
        "many: 2",
        refused("a name that begins with a colon is for the request's headers alone"),
        "trailer: 2",
        "call id: 0",
        "deleted /refused",
      ]);
    expect(auth.requests).toHaveLength(0);
  });
});

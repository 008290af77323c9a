// What crashes or confuses Envoy (envoy-facts section 0), asked for through our API: Envoy stays up and the log says why.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile, buildFilter } from "../tests/support/asc.ts";
import { header, headerAll } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

let upstream: Upstream;
let envoy: Envoy;
let logged = 0;

beforeAll(async () => {
  upstream = await startUpstream();
  envoy = await startEnvoy({
    http: {
      filters: [{ wasm: await buildFile("tests/guest/assembly/misuse.ts"), name: "f" }],
      streamIdleTimeoutMs: 300,
    },
    clusters: { upstream: upstream.port },
  });
});
afterAll(async () => {
  await envoy?.stop();
  await upstream?.stop();
});
beforeEach(() => {
  logged = envoy.log.wasm.length;
  upstream.requests.length = 0;
  upstream.handler = () => ({ body: "from upstream" });
});
afterEach(async () => {
  // Still there, and still serving.
  expect((await http1(envoy.port)).status).toBe(200);
  expect(envoy.alive).toBe(true);
});

const request = (task: string, more: Parameters<typeof http1>[1] = {}): ReturnType<typeof http1> =>
  http1(envoy.port, { ...more, headers: [["x-do", task], ...(more.headers ?? [])] });

/** What was logged since the test began, but for what every stream's constructor is told. */
function lines(): string[] {
  return envoy.log.wasm
    .slice(logged)
    .map((line) => line.text)
    .filter((line) => !line.includes("the stream has not begun"));
}

const refused = (call: string, reason: string): string => `proxy-wasm-as: ${call} refused: ${reason}`;

test("answering and closing in a constructor are refused, and the id is there", async () => {
  expect((await request("")).status).toBe(200);
  const all = envoy.log.wasm.map((line) => line.text);
  expect(all.some((line) => line.includes("sendLocalResponse refused: the stream has not begun"))).toBe(true);
  expect(all).toContain(refused("closeRequest", "the stream has not begun"));
  expect(all).not.toContain("no id");
});

test("C2, C4: answering, closing and resuming in onLog are refused", async () => {
  expect((await request("C2")).body.toString()).toBe("from upstream");
  await envoy.log.waitFor(/C2: resumeResponse/);
  await expect
    .poll(lines)
    .toEqual([
      refused("sendLocalResponse", "the stream is over"),
      refused("closeRequest", "the stream is over"),
      "C2: closeRequest 2",
      refused("closeResponse", "the stream is over"),
      "C2: closeResponse 2",
      refused("resumeRequest", "the stream is over"),
      "C2: resumeRequest 2",
      refused("resumeResponse", "the stream is over"),
      "C2: resumeResponse 2",
    ]);
});

test("C3, C4: answering and closing in onDone and onDelete are refused", async () => {
  expect((await request("C3")).status).toBe(200);
  await sleep(50);
  await expect
    .poll(lines)
    .toEqual([
      refused("sendLocalResponse", "the stream is over"),
      refused("closeRequest", "the stream is over"),
      "C3: closeRequest 2",
      refused("sendLocalResponse", "the stream is over"),
      refused("closeRequest", "the stream is over"),
      "C3: closeRequest 2",
    ]);
});

const nothingHeld = "nothing is held: no callback of that direction has stopped it";

test("C5: resuming a response that is not held is refused, in the request and from a tick", async () => {
  expect((await request("C5")).status).toBe(200);
  await expect.poll(lines).toEqual([refused("resumeResponse", nothingHeld), "C5: resumeResponse 2"]);
  expect((await request("C5 tick")).status).toBe(200);
  await expect
    .poll(() => lines().slice(2))
    .toEqual([
      refused("resumeResponse", nothingHeld),
      "C5 tick: resumeResponse 2",
      "C5 tick: resumeRequest 0",
    ]);
});

test.each(["C8", "C8 stop"])("%s: resuming in the own callback lets the request go on once", async (task) => {
  expect((await request(task)).status).toBe(200);
  expect(upstream.requests).toHaveLength(1);
  await expect.poll(lines).toEqual([`${task}: resumeRequest 0`]);
});

test("C8 body: resuming in the body callback lets the body go on once", async () => {
  expect((await request("C8 body", { method: "POST", body: "abc" })).status).toBe(200);
  expect(upstream.requests).toHaveLength(1);
  expect(upstream.last().body.toString()).toBe("abc");
});

test("C9: resuming in onResponseHeaders sends the headers once", async () => {
  const response = await request("C9");
  expect(response.problem).toBeUndefined();
  expect(response.body.toString()).toBe("from upstream");
  expect(headerAll(response.headers, "x-seen")).toEqual(["upstream"]);
  await expect.poll(lines).toEqual(["C9: resumeResponse 0"]);
});

test("a held request is resumed from a tick, once", async () => {
  expect((await request("tick resume")).status).toBe(200);
  expect(upstream.requests).toHaveLength(1);
  await expect
    .poll(lines)
    .toEqual(["tick resume: resumeRequest 0", refused("resumeRequest", nothingHeld), "tick resume: again 2"]);
});

test("a held response is resumed from a tick, once", async () => {
  const response = await request("tick response");
  expect(response.body.toString()).toBe("from upstream");
  expect(response.problem).toBeUndefined();
  await expect
    .poll(lines)
    .toEqual([
      "tick response: resumeResponse 0",
      refused("resumeResponse", nothingHeld),
      "tick response: again 2",
    ]);
});

test("a local response from a tick reaches its own stream; more is refused", async () => {
  const response = await request("tick reply");
  expect(response.status).toBe(403);
  expect(response.body.toString()).toBe("denied from a tick");
  expect(header(response.headers, "x-seen")).toBe("local");
  expect(upstream.requests).toHaveLength(0);
  await expect
    .poll(lines)
    .toEqual([
      refused("resumeRequest", "a local response was sent"),
      "tick reply: resumeRequest 2",
      refused("sendLocalResponse", "this stream has been answered"),
    ]);
});

test("a stream that is gone can be answered by nobody", async () => {
  expect((await request("gone")).status).toBe(200);
  await envoy.log.waitFor(/gone: done/);
  await expect
    .poll(lines)
    .toEqual([
      refused("resumeRequest", "the stream is over"),
      "gone: resumeRequest 2",
      refused("resumeResponse", "the stream is over"),
      "gone: resumeResponse 2",
      refused("closeRequest", "the stream is over"),
      "gone: closeRequest 2",
      refused("sendLocalResponse", "the stream is over"),
      "gone: done",
    ]);
});

test("closing after a local response is refused", async () => {
  expect((await request("reply close")).body.toString()).toBe("closed");
  await expect
    .poll(lines)
    .toEqual([refused("closeResponse", "a local response was sent"), "reply close: closeResponse 2"]);
});

test("closing a stream that was resumed in the same callback is refused", async () => {
  expect((await request("resume close")).body.toString()).toBe("from upstream");
  await expect
    .poll(lines)
    .toEqual([
      "resume close: resumeResponse 0",
      refused("closeResponse", "the stream was resumed in this callback"),
      "resume close: closeResponse 2",
    ]);
});

test("a request that Envoy has answered itself is not resumed", async () => {
  expect((await request("answered")).status).toBe(504);
  await expect
    .poll(lines)
    .toEqual([
      refused("resumeRequest", "the proxy has answered the request itself"),
      "answered: resumeRequest 2",
    ]);
});

test("a body that was held is out of reach in the response", async () => {
  expect((await request("held body", { method: "POST", body: "abc" })).status).toBe(504);
  await expect.poll(lines).toEqual(expect.arrayContaining(["held body: replace 2", "held body: length 0"]));
});

test("headers that were held cannot be written in onLog", async () => {
  expect((await request("log write")).status).toBe(504);
  await expect.poll(lines).toEqual(expect.arrayContaining(["log write: add 2"]));
});

test("a held request that times out is answered by Envoy", async () => {
  expect((await request("hang")).status).toBe(504);
});

test("closing cuts the stream off", async () => {
  const response = await request("close");
  expect(response.status).toBe(0);
  await expect.poll(lines).toEqual(["close: closeRequest 0"]);
});

test("field report 45, 46: a second local response is refused, and Continue after the first stops", async () => {
  const response = await request("twice");
  expect(response.status).toBe(401);
  expect(response.body.toString()).toBe("first");
  expect(upstream.requests).toHaveLength(0);
  await expect.poll(lines).toEqual([refused("sendLocalResponse", "this stream has been answered")]);
  const later = await request("twice later");
  expect(later.status).toBe(401);
  expect(later.body.toString()).toBe("first");
});

test("a status out of range goes out as 500, 204 without its body (envoy-facts 6)", async () => {
  const bad = await request("status 99");
  expect(bad.status).toBe(500);
  expect(bad.body.toString()).toBe("bad status");
  const empty = await request("status 204");
  expect(empty.status).toBe(204);
  expect(empty.problem).toBeUndefined();
  await expect
    .poll(lines)
    .toEqual([
      refused("sendLocalResponse", "a status is from 200 to 599; sent 500"),
      refused("sendLocalResponse", "204 and 304 have no body; sent without"),
    ]);
});

test("field report 48: a gRPC request gets a status derived from the HTTP status, or the one given", async () => {
  const grpc: [string, string][] = [["content-type", "application/grpc"]];
  expect(header((await request("grpc", { headers: grpc })).headers, "grpc-status")).toBe("16");
  expect(header((await request("grpc 8", { headers: grpc })).headers, "grpc-status")).toBe("8");
});

test("a body outside its callback: a status, and one line in the log for all such calls", async () => {
  expect((await request("body outside")).status).toBe(200);
  expect((await request("body outside")).status).toBe(200);
  await expect.poll(lines).toEqual(expect.arrayContaining(["body outside: replace 2"]));
  const told = envoy.log.wasm.filter(({ text }) =>
    text.includes("requestBody cannot be used in this callback"),
  );
  expect(told).toHaveLength(1);
});

test("C5: a response that went on with its body is not resumed, though the filter has no body callback", async () => {
  const wasm = await buildFilter(`
    import { FilterHeadersStatus, HttpContext, logInfo, registerRootContext, RootContext } from "proxy-wasm-as";
    class Root extends RootContext {
      last: Holding | null = null;
      override onConfigure(size: u32): bool {
        this.setTickPeriodMilliseconds(20);
        return true;
      }
      override onTick(): void {
        const last = this.last;
        if (last != null) logInfo("resumeResponse " + last.resumeResponse().toString());
        this.last = null;
      }
      override createHttpContext(id: u32): HttpContext {
        return new Holding(this);
      }
    }
    class Holding extends HttpContext {
      constructor(private root: Root) {
        super();
      }
      override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
        this.root.last = this;
        return FilterHeadersStatus.StopIteration;
      }
    }
    registerRootContext<Root>();
  `);
  upstream.handler = () => ({ body: ["first", 60, "then"] });
  const other = await startEnvoy({
    http: { filters: [{ wasm, name: "f", allowOnHeadersStopIteration: true }] },
    clusters: { upstream: upstream.port },
  });
  try {
    expect((await http1(other.port)).body.toString()).toBe("firstthen");
    await other.log.waitFor("resumeResponse 2");
    expect((await http1(other.port)).status).toBe(200);
  } finally {
    await other.stop();
  }
});

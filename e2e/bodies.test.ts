// Bodies in a real Envoy: edited by hand, and whole through bufferRequestBody and bufferResponseBody.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { type BodyParts, type Bytes, header } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { http2 } from "../tests/support/http2-client.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

let upstream: Upstream;
let envoy: Envoy;
/** With `allow_on_headers_stop_iteration`, which holding headers needs. */
let holding: Envoy;
let logged = 0;

beforeAll(async () => {
  upstream = await startUpstream();
  const wasm = await buildFile("tests/guest/assembly/bodies.ts");
  const start = (allowOnHeadersStopIteration: boolean): Promise<Envoy> =>
    startEnvoy({
      http: { filters: [{ wasm, name: "f", allowOnHeadersStopIteration }] },
      clusters: { upstream: upstream.port },
    });
  [envoy, holding] = await Promise.all([start(false), start(true)]);
});
afterAll(async () => {
  await Promise.all([envoy?.stop(), holding?.stop(), upstream?.stop()]);
});
beforeEach(() => {
  logged = envoy.log.wasm.length;
  upstream.requests.length = 0;
  upstream.handler = () => ({ body: "answer" });
});

const lines = (): string[] => envoy.log.wasm.slice(logged).map((line) => line.text);

const post = (task: string, body: Bytes | BodyParts, port = envoy.port): ReturnType<typeof http1> =>
  http1(port, { method: "POST", headers: [["x-do", task]], body });

/** The upstream's view: the body, whole and with a length that fits. */
function seen(): string {
  const request = upstream.last();
  expect(request.complete).toBe(true);
  const length = header(request.headers, "content-length");
  if (length !== undefined) expect(Number(length)).toBe(request.body.length);
  return request.body.toString();
}

describe("by hand", () => {
  test("each part can be replaced by a longer one", async () => {
    expect((await post("parts", ["ab", 30, "cd"])).status).toBe(200);
    expect(seen()).toMatch(/^<ab><cd>(<>)?$/);
  });

  test("text can be put in front and behind", async () => {
    expect((await post("ends", "middle")).status).toBe(200);
    expect(seen()).toBe("first middle last");
  });

  test("reading is cut off at the end of the buffer", async () => {
    expect((await post("read", "abcdef")).status).toBe(200);
    await expect.poll(lines).toEqual(expect.arrayContaining(["length 6 of 6", "middle bc", "beyond 00"]));
    expect(seen()).toBe("abcdef");
  });

  test("asking for the whole body in the wrong callback is refused, and the body passes", async () => {
    expect((await post("wrong ask", "abc")).status).toBe(200);
    await expect
      .poll(lines)
      .toContain(
        "proxy-wasm-as: bufferRequestBody refused: only onRequestHeaders can ask for the whole body",
      );
    expect(seen()).toBe("abc");
  });
});

describe("the whole request body", () => {
  test.each([
    ["whole longer", "abc and much more than there was"],
    ["whole shorter", "a"],
    ["whole empty", ""],
    ["whole", "abc"],
    ["whole wait", "abc"],
  ])("%s", async (task, expected) => {
    for (const body of ["abc", ["a", 20, "bc"]]) {
      expect((await post(task, body)).status).toBe(200);
      expect(seen()).toBe(expected);
    }
    await expect.poll(lines).toEqual(["complete 3", "complete 3"]);
  });

  test("is complete once where trailers end it, before the upstream has the body (field report 36)", async () => {
    const response = await http2(envoy.port, {
      method: "POST",
      headers: [["x-do", "whole longer"]],
      body: ["a", 10, "bc"],
      trailers: [["x-sum", "3"]],
    });
    expect(response.status).toBe(200);
    expect(seen()).toBe("abc and much more than there was");
    expect(header(upstream.last().trailers, "x-sum")).toBe("3");
    await expect.poll(lines).toEqual(["complete 3"]);
  });

  test("is complete once, and empty, where there is none (field report 37)", async () => {
    for (const method of ["GET", "HEAD"])
      await http1(envoy.port, { method, headers: [["x-do", "whole wait"]] });
    expect(upstream.requests).toHaveLength(2);
    await expect.poll(lines).toEqual(["complete 0", "complete 0"]);
  });

  test("of the limit passes, over it the hook decides (field report 38)", async () => {
    expect((await post("whole", Buffer.alloc(1000, "x"))).status).toBe(200);
    expect((await post("whole", ["x", 20, Buffer.alloc(999, "x")])).status).toBe(200);
    const declared = await post("whole", Buffer.alloc(1001, "x"));
    expect([declared.status, declared.body.toString()]).toEqual([413, "too large for me"]);
    expect(upstream.requests).toHaveLength(2); // refused before the upstream was asked
    const chunked = await post("whole", [Buffer.alloc(900, "x"), 20, Buffer.alloc(101, "x")]);
    expect([chunked.status, chunked.body.toString()]).toEqual([413, "too large for me"]);
    for (const body of [Buffer.alloc(5000, "x"), [Buffer.alloc(900, "x"), 20, Buffer.alloc(4100, "x")]]) {
      expect((await post("whole pass", body)).status).toBe(200);
      expect(seen()).toBe("x".repeat(5000));
    }
    await expect
      .poll(() => lines().filter((line) => line.startsWith("too large")))
      .toEqual(["false", "true", "false", "true"].map((answer) => `too large ${answer}`));
  });

  test("can decide on headers that are held, whose length is then right (field report 39)", async () => {
    for (const body of ["abc", ["a", 20, "bc"]]) {
      expect((await post("held longer", body, holding.port)).status).toBe(200);
      expect(seen()).toBe("abc and more");
      expect(header(upstream.last().headers, "x-length")).toBe("12");
    }
    expect((await post("held", "abc", holding.port)).status).toBe(200);
    expect(header(upstream.last().headers, "content-length")).toBe("3");
    const empty = await http1(holding.port, { headers: [["x-do", "held"]] });
    expect(empty.status).toBe(200);
  });
});

describe("the whole response body", () => {
  const get = (task: string, port = envoy.port, method = "GET"): ReturnType<typeof http1> =>
    http1(port, { method, headers: [["x-do", task]] });

  test.each([
    ["with a length", { body: "answer" }],
    ["chunked", { body: ["an", 20, "swer"] }],
    ["ended by trailers", { body: ["an", 20, "swer"], trailers: [["x-sum", "6"]] as [string, string][] }],
  ])("%s is replaced by a longer one", async (_, answer) => {
    upstream.handler = () => answer;
    const response = await get("answer");
    expect([response.problem, response.body.toString()]).toEqual([undefined, "answer!"]);
    await expect.poll(lines).toEqual(["answer complete 6"]);
  });

  test("is replaced by a shorter one", async () => {
    const response = await get("answer shorter");
    expect([response.problem, response.body.toString()]).toEqual([undefined, "ans"]);
  });

  test("is complete once, and empty, for HEAD and 204", async () => {
    await get("answer", envoy.port, "HEAD");
    upstream.handler = () => ({ status: 204 });
    expect((await get("answer")).status).toBe(204);
    await expect.poll(lines).toEqual(["answer complete 0", "answer complete 0"]);
  });

  test("can decide on headers that are held, whose length is then right", async () => {
    const response = await get("answer held", holding.port);
    expect(response.body.toString()).toBe("answer!");
    expect(header(response.headers, "x-size")).toBe("7");
    expect(header(response.headers, "content-length")).toBe("7");
  });

  test("over the limit is answered with 500 if its length told, else cut off", async () => {
    upstream.handler = () => ({ body: Buffer.alloc(1001) });
    expect((await get("answer")).status).toBe(500);
    upstream.handler = () => ({ body: [Buffer.alloc(900), 20, Buffer.alloc(900)] });
    const cut = await get("answer");
    expect(cut.complete).toBe(false);
    expect(cut.body.length).toBe(0);
    const passed = await get("answer pass");
    expect([passed.status, passed.body.length]).toEqual([200, 1800]);
    expect((await get("")).status).toBe(200);
  });
});

describe("large and many", () => {
  test("1 MiB in both directions passes a filter that does not look", async () => {
    const body = Buffer.alloc(1 << 20, "abcdefgh");
    upstream.handler = (request) => ({ body: request.body });
    const response = await post("", body);
    expect(response.body.equals(body)).toBe(true);
  });

  test("twenty streams at once do not mix", async () => {
    upstream.handler = (request) => ({ body: request.body });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => post("whole shorter", [String.fromCharCode(65 + i), 10, "rest"])),
    );
    expect(answers.map((answer) => answer.body.toString()).join("")).toBe("ABCDEFGHIJKLMNOPQRST");
  });
});

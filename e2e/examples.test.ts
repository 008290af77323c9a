// Every example in a real Envoy: what its README promises.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { header, headerAll } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { http2 } from "../tests/support/http2-client.ts";
import { startUpstream, type Upstream, type UpstreamHandler } from "../tests/support/upstream.ts";

let upstream: Upstream;
let envoy: Envoy;

let called: Upstream;

/** One Envoy for the filter of a suite, in front of an upstream that echoes, and with a cluster that the filter calls. */
function inEnvoy(example: string, configuration?: string, cluster = "called"): void {
  beforeAll(async () => {
    upstream = await startUpstream();
    called = await startUpstream();
    const wasm = await buildFile(`examples/${example}/assembly/index.ts`);
    envoy = await startEnvoy({
      http: { filters: [{ wasm, name: example, configuration }] },
      clusters: { upstream: upstream.port, [cluster]: called.port },
    });
  });
  afterAll(async () => {
    await envoy?.stop();
    await called?.stop();
    await upstream?.stop();
  });
}

describe("hello", () => {
  inEnvoy("hello");

  test("adds a header to the response", async () => {
    const response = await http1(envoy.port);
    expect(response.status).toBe(200);
    expect(header(response.headers, "hello")).toBe("world");
  });
});

describe("auth-header", () => {
  inEnvoy("auth-header");

  test("a request without the header is answered with 401, and the upstream sees nothing", async () => {
    const response = await http1(envoy.port);
    expect(response.status).toBe(401);
    expect(response.body.toString()).toBe("authorization header required\n");
    expect(header(response.headers, "x-test")).toBeUndefined();
    expect(upstream.requests).toEqual([]);
  });

  test("the header's value comes back in the response", async () => {
    const response = await http1(envoy.port, { headers: [["authorization", "Bearer t0ken"]] });
    expect(response.status).toBe(200);
    expect(header(response.headers, "x-test")).toBe("Bearer t0ken");
  });

  test("an empty header is a header", async () => {
    const response = await http1(envoy.port, { headers: [["authorization", ""]] });
    expect(response.status).toBe(200);
    expect(header(response.headers, "x-test")).toBe("");
  });
});

describe("greeting", () => {
  inEnvoy("greeting", " Ada\n");

  test("greets whom the configuration names, and counts", async () => {
    const first = await http1(envoy.port);
    const second = await http1(envoy.port);
    expect(headerAll(first.headers, "hello")).toEqual(["Ada"]);
    expect(header(first.headers, "x-greeting-number")).toBe("1");
    expect(header(second.headers, "x-greeting-number")).toBe("2");
    expect(envoy.log.wasm.map((line) => line.text)).toContain("greeting Ada");
  });
});

describe("greeting without configuration", () => {
  inEnvoy("greeting");

  test("greets the world", async () => {
    expect(header((await http1(envoy.port)).headers, "hello")).toBe("world");
  });
});

describe("uppercase-body", () => {
  inEnvoy("uppercase-body");

  test("a body with a content-length arrives in upper case with a right length", async () => {
    const response = await http1(envoy.port, { method: "POST", body: "straße" });
    const seen = upstream.last();
    expect(response.status).toBe(200);
    const length = header(seen.headers, "content-length");
    if (length !== undefined) expect(Number(length)).toBe(seen.body.length);
    expect(seen.complete).toBe(true);
  });

  test("a longer and a shorter text arrive whole", async () => {
    // U+0149 becomes two letters, U+FB03 three.
    await http1(envoy.port, { method: "POST", body: Buffer.from("ŉ ﬃ x") });
    expect(upstream.last().body.toString()).toBe("ŉ ﬃ x".toUpperCase());
  });

  test("a chunked body arrives once, in one case", async () => {
    await http1(envoy.port, { method: "POST", body: ["ab", 20, "cd", 20, "ef"] });
    expect(upstream.last().body.toString()).toBe("ABCDEF");
  });

  test("a body that trailers end arrives in upper case, trailers too", async () => {
    await http2(envoy.port, { method: "POST", body: ["ab", "cd"], trailers: [["x-sum", "4"]] });
    expect(upstream.last().body.toString()).toBe("ABCD");
    expect(header(upstream.last().trailers, "x-sum")).toBe("4");
  });

  test("a request without a body passes", async () => {
    expect((await http1(envoy.port)).status).toBe(200);
    expect(upstream.last().body.length).toBe(0);
  });

  test("a body of just the limit passes, of one byte more gets 413", async () => {
    const limit = 512 * 1024;
    const fits = await http1(envoy.port, { method: "POST", body: Buffer.alloc(limit, "a") });
    expect(fits.status).toBe(200);
    expect(upstream.last().body.equals(Buffer.alloc(limit, "A"))).toBe(true);
    const declared = await http1(envoy.port, { method: "POST", body: Buffer.alloc(limit + 1, "a") });
    expect(declared.status).toBe(413);
    const chunked = await http1(envoy.port, {
      method: "POST",
      body: [Buffer.alloc(limit, "a"), 20, "a"],
    });
    expect(chunked.status).toBe(413);
    expect(chunked.body.toString()).toBe("Payload Too Large");
  });

  test("several streams at once do not mix", async () => {
    const letters = [..."abcdefghij"];
    const bodies = await Promise.all(
      letters.map((letter) =>
        http1(envoy.port, { method: "POST", body: [letter.repeat(1000), 10, letter.repeat(1000)] }),
      ),
    );
    expect(bodies.map((each) => each.body.toString())).toEqual(
      letters.map((letter) => letter.toUpperCase().repeat(2000)),
    );
  });
});

describe("response-rewrite", () => {
  inEnvoy("response-rewrite");

  test("replaces the word in a text, also when it is split over chunks", async () => {
    upstream.handler = () => ({
      headers: [["content-type", "text/plain"]],
      body: ["t", 20, "eh end of te", 20, "h"],
    });
    const response = await http1(envoy.port);
    expect(response.body.toString()).toBe("the end of the");
    expect(response.problem).toBeUndefined();
  });

  test("a declared length does not cut the body off", async () => {
    upstream.handler = () => ({ headers: [["content-type", "text/plain"]], body: "teh teh teh" });
    const response = await http1(envoy.port);
    expect(response.body.toString()).toBe("the the the");
    expect(response.complete).toBe(true);
  });

  test("a body ended by trailers is replaced, and the trailers stay", async () => {
    upstream.handler = () => ({
      headers: [["content-type", "text/plain"]],
      body: ["teh ", "end"],
      trailers: [["x-sum", "7"]],
    });
    const response = await http2(envoy.port);
    expect(response.body.toString()).toBe("the end");
    expect(header(response.trailers, "x-sum")).toBe("7");
  });

  test("HEAD and 204 stay as they are", async () => {
    upstream.handler = () => ({
      headers: [
        ["content-type", "text/plain"],
        ["content-length", "3"],
      ],
      body: "teh",
    });
    const head = await http1(envoy.port, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    expect(header(head.headers, "content-length")).toBe("3");
    upstream.handler = () => ({ status: 204, headers: [["content-type", "text/plain"]] });
    const empty = await http1(envoy.port);
    expect(empty.status).toBe(204);
    expect(empty.problem).toBeUndefined();
    expect(envoy.log.wasm).toEqual([]);
  });

  test("other types pass untouched, with their length", async () => {
    upstream.handler = () => ({ headers: [["content-type", "image/png"]], body: "teh" });
    const response = await http1(envoy.port);
    expect(response.body.toString()).toBe("teh");
    expect(header(response.headers, "content-length")).toBe("3");
  });

  test("a text over the limit is not passed on unread", async () => {
    upstream.handler = () => ({
      headers: [["content-type", "text/plain"]],
      body: Buffer.alloc(1024 * 1024 + 1),
    });
    expect((await http1(envoy.port)).status).toBe(500);
  });
});

describe("external-auth", () => {
  inEnvoy("external-auth", undefined, "auth");
  const send = (): ReturnType<typeof http1> =>
    http1(envoy.port, {
      headers: [
        ["authorization", "Bearer t0ken"],
        ["x-user", "root"],
      ],
    });

  test("whom the service knows passes, by the service's word for who it is", async () => {
    called.handler = () => ({ headers: [["x-user", "ada"]] });
    expect((await send()).status).toBe(200);
    expect(headerAll(upstream.last().headers, "x-user")).toEqual(["ada"]);
    expect(called.last()).toMatchObject({ method: "GET", path: "/check" });
  });

  test.each<[string, UpstreamHandler, number]>([
    ["is refused", () => ({ status: 403 }), 403],
    ["breaks", () => ({ status: 500 }), 503],
    ["is cut off", () => ({ reset: true }), 503],
    ["takes too long", () => "never", 503],
  ])("nobody passes whose call %s", async (_, handler, status) => {
    upstream.requests.length = 0;
    called.handler = handler;
    expect((await send()).status).toBe(status);
    expect(upstream.requests).toEqual([]);
  });
});

describe("token-exchange", () => {
  inEnvoy("token-exchange", undefined, "identity");

  test("the answers of two calls, the second made by the first, go to the upstream", async () => {
    called.handler = ({ path }) => ({ body: path === "/token" ? "t0ken" : "ada" });
    expect((await http1(envoy.port, { headers: [["x-api-key", "s3cret"]] })).status).toBe(200);
    expect(called.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /token",
      "GET /me",
    ]);
    expect(header(called.last().headers, "authorization")).toBe("Bearer t0ken");
    expect(header(upstream.last().headers, "authorization")).toBe("Bearer t0ken");
    expect(header(upstream.last().headers, "x-user")).toBe("ada");
    expect(header(upstream.last().headers, "x-api-key")).toBeUndefined();
  });

  test("nobody passes whose second call fails", async () => {
    upstream.requests.length = 0;
    called.handler = ({ path }) => (path === "/token" ? { body: "t0ken" } : { reset: true });
    expect((await http1(envoy.port, { headers: [["x-api-key", "s3cret"]] })).status).toBe(503);
    expect(upstream.requests).toEqual([]);
  });
});

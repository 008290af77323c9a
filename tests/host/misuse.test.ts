// What would crash or confuse Envoy fails the test, with the reason (envoy-facts 0).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { encodePairs, MAX_PAIRS } from "../../src/host/pairs.ts";
import { callback, guest, logStatus, logText, OUT } from "./guest.ts";
import type { HostOptions, RequestInput } from "../../src/testing/index.ts";

type Text = (value: string | Uint8Array) => string;
const reply = (text: Text, status = 403, body = "", headers: Uint8Array | string = "") =>
  logStatus(
    `(call $proxy_send_local_response (i32.const ${status}) (i32.const 0) (i32.const 0) ${text(body)} ${text(headers)} (i32.const -1))`,
  );
const close = logStatus("(call $proxy_close_stream (i32.const 0))");
const resume = (type: number) => logStatus(`(call $proxy_continue_stream (i32.const ${type}))`);
const add = (text: Text, type: number, value: string | Uint8Array) =>
  logStatus(`(call $proxy_add_header_map_value (i32.const ${type}) ${text("x-a")} ${text(value)})`);

async function walk(wasm: Uint8Array, options: Partial<HostOptions> = {}, input: RequestInput = {}) {
  const host = await createHost({ wasm, ...options });
  return host.request(input);
}
const on = (name: string, body: (text: Text) => string, answer?: number) =>
  guest((text) => callback(name, body(text), answer));

describe("what kills Envoy", () => {
  it.each(["proxy_on_log", "proxy_on_done", "proxy_on_delete"])(
    "a local response in %s (C2, C3)",
    async (name) => {
      await expect(walk(on(name, reply), { strict: false })).rejects.toMatchObject({
        code: "local-response-after-end",
        message: /SIGSEGV/,
      });
    },
  );

  it.each(["proxy_on_log", "proxy_on_done", "proxy_on_delete"])("close_stream in %s (C4)", async (name) => {
    await expect(walk(on(name, () => close))).rejects.toMatchObject({
      code: "close-stream-after-end",
      message: /SIGSEGV/,
    });
  });

  it("resuming a response that has not arrived, from the request or from a callout (C5)", async () => {
    await expect(walk(on("proxy_on_request_headers", () => resume(1)))).rejects.toMatchObject({
      code: "resume-response-not-paused",
    });
    const later = guest(
      (text) => `${callback(
        "proxy_on_request_headers",
        `(drop (call $proxy_http_call ${text("auth")} ${text(
          encodePairs([
            [":method", "GET"],
            [":path", "/"],
            [":authority", "a"],
          ]),
        )}
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const ${OUT})))`,
        4,
      )}
      ${callback("proxy_on_http_call_response", `(drop (call $proxy_set_effective_context (i32.const 2))) ${resume(1)}`)}`,
    );
    await expect(walk(later, { callouts: { auth: {} } })).rejects.toMatchObject({
      code: "resume-response-not-paused",
      message: /C5/,
    });
  });

  it.each(["", "users", "analytics"])("a gRPC callout to the bare name %j (C6)", async (name) => {
    const wasm = on("proxy_on_configure", (text) =>
      logStatus(
        `(call $proxy_grpc_call ${text(name)} ${text("S")} ${text("M")} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const ${OUT}))`,
      ),
    );
    await expect(
      createHost({ wasm, grpc: { users: "open", analytics: "open" }, strict: false }),
    ).rejects.toMatchObject({ code: "grpc-service", message: /SIGABRT/ });
  });

  it.each([
    ["a local response and close_stream", (text: Text) => reply(text) + close],
    ["close_stream and a local response", (text: Text) => close + reply(text)],
    ["close_stream twice", () => close + close],
  ])("%s in one callback", async (_what, body) => {
    for (const name of ["proxy_on_request_headers", "proxy_on_response_headers"])
      await expect(walk(on(name, body, 4), { strict: false })).rejects.toMatchObject({
        code: "stream-ended-twice",
        message: /in the same callback; Envoy crashes with SIGSEGV/,
      });
  });

  const TICK = "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))";
  const EFFECTIVE =
    "(drop (call $proxy_set_tick_period_milliseconds (i32.const 0))) (drop (call $proxy_set_effective_context (i32.const 2)))";

  it("close_stream after the response was resumed in the same callback", async () => {
    const wasm = guest(
      () =>
        callback("proxy_on_response_headers", TICK, 4) +
        callback("proxy_on_tick", EFFECTIVE + resume(1) + close),
    );
    const host = await createHost({ wasm, strict: false });
    void host.request().catch(() => {});
    await expect(host.advance(5)).rejects.toMatchObject({ code: "close-after-resume", message: /freed/ });
  });

  it("resuming a held request that the proxy has answered itself", async () => {
    const wasm = guest(
      () =>
        callback("proxy_on_request_headers", "", 4) +
        callback("proxy_on_response_headers", TICK, 4) +
        callback("proxy_on_tick", EFFECTIVE + resume(0)),
    );
    const host = await createHost({ wasm, streamIdleTimeout: 100, strict: false });
    const stream = host.openStream();
    await stream.requestHeaders({}, { endStream: true });
    await expect(host.advance(200)).rejects.toMatchObject({
      code: "resume-after-answer",
      message: /stream_idle_timeout.*Envoy crashes/,
    });
  });

  it.each([2, 3])("a body that was held with status %i, outside of its callback", async (status) => {
    const read = logStatus(
      `(call $proxy_get_buffer_bytes (i32.const 0) (i32.const 0) (i32.const -1) (i32.const ${OUT}) (i32.const ${OUT + 4}))`,
    );
    const write = (text: Text) =>
      logStatus(`(call $proxy_set_buffer_bytes (i32.const 0) (i32.const 0) (i32.const 0) ${text("x")})`);
    const input: RequestInput = { method: "POST", body: ["a"], trailers: { t: "1" } };
    for (const use of [() => read, write])
      for (const where of ["proxy_on_request_trailers", "proxy_on_response_headers", "proxy_on_log"])
        await expect(
          walk(
            guest((text) => callback("proxy_on_request_body", "", status) + callback(where, use(text))),
            { strict: false },
            input,
          ),
        ).rejects.toMatchObject({ code: "body-outside-callback", message: /memory that it has freed/ });
  });

  it("a body that was held with StopIterationAndBuffer can be read in the trailers", async () => {
    const wasm = guest(
      () =>
        callback("proxy_on_request_body", "", 1) +
        callback(
          "proxy_on_request_trailers",
          logStatus(
            `(call $proxy_get_buffer_bytes (i32.const 0) (i32.const 0) (i32.const -1) (i32.const ${OUT}) (i32.const ${OUT + 4}))`,
          ),
        ),
    );
    const { logs } = await walk(wasm, {}, { method: "POST", body: ["a"], trailers: { t: "1" } });
    expect(logs.map((entry) => entry.text)).toEqual(["00"]);
  });

  it.each(["proxy_on_log", "proxy_on_done", "proxy_on_delete"])(
    "headers that were held, written in %s",
    async (name) => {
      const wasm = guest(
        (text) => callback("proxy_on_request_headers", "", 4) + callback(name, add(text, 0, "late")),
      );
      const host = await createHost({ wasm, strict: false });
      const stream = host.openStream();
      await stream.requestHeaders({}, { endStream: true });
      await expect(stream.close()).rejects.toMatchObject({
        code: "header-write-after-end",
        message: /request headers.*may have freed/,
      });
    },
  );

  it("leaves a host that refuses everything afterwards, with the same reason", async () => {
    const host = await createHost({ wasm: on("proxy_on_log", reply) });
    const first = await host.request().catch((error: unknown) => error);
    await expect(host.request()).rejects.toBe(first);
    await host.dispose();
  });
});

describe("what confuses Envoy", () => {
  it("resuming a request and continuing it (C8)", async () => {
    const wasm = on("proxy_on_request_headers", () => resume(0));
    await expect(walk(wasm)).rejects.toMatchObject({
      code: "request-sent-twice",
      message: /twice to the upstream/,
    });
    expect((await walk(wasm, { tolerate: ["request-sent-twice"] })).response.status).toBe(200);
  });

  it("resuming a response and continuing it (C9)", async () => {
    const wasm = on("proxy_on_response_headers", () => resume(1));
    await expect(walk(wasm)).rejects.toMatchObject({
      code: "response-sent-twice",
      message: /protocol error/,
    });
    expect((await walk(wasm, { strict: false })).response.status).toBe(200);
  });

  it.each(["a\r\nset-cookie: evil=1", "a\nb", "a\rb", "a\0b"])(
    "a response header with the value %j (C10)",
    async (value) => {
      await expect(
        walk(on("proxy_on_response_headers", (text) => add(text, 2, value))),
      ).rejects.toMatchObject({ code: "response-header-injection", message: /x-a .*split the response/ });
    },
  );

  it("an extra header of a local response with a line break (C10)", async () => {
    const wasm = on("proxy_on_request_headers", (text) =>
      reply(text, 200, "", encodePairs([["x-a", "1\r\n2"]])),
    );
    await expect(walk(wasm)).rejects.toMatchObject({ code: "response-header-injection" });
  });

  const tooMany = encodePairs(Array.from({ length: MAX_PAIRS + 1 }, () => ["a", "b"] as const));
  it.each([
    ["does not parse", Buffer.from([9, 0, 0, 0, 1])],
    ["has 1025 entries", tooMany],
    ["lacks its last NUL", Buffer.from("\x01\0\0\0\x01\0\0\0\x01\0\0\0a\0b")],
  ])("a header list that %s (C11)", async (_what, bytes) => {
    const set = on("proxy_on_response_headers", (text) =>
      logStatus(`(call $proxy_set_header_map_pairs (i32.const 2) ${text(bytes)})`),
    );
    await expect(walk(set)).rejects.toMatchObject({ code: "header-pairs", message: /clears the whole map/ });
    const { response, logs } = await walk(set, { strict: false });
    expect([response.status, logs.find((entry) => entry.source === "guest")?.text]).toEqual([502, "00"]);
    await expect(
      walk(on("proxy_on_request_headers", (text) => reply(text, 403, "", bytes))),
    ).rejects.toMatchObject({ code: "header-pairs" });
  });

  it("a header list without entries is legal, and clears the map (4)", async () => {
    const set = (bytes: string) =>
      on("proxy_on_request_headers", (text) =>
        logStatus(`(call $proxy_set_header_map_pairs (i32.const 0) ${text(bytes)})`),
      );
    for (const bytes of ["", "\0\0\0\0"]) expect((await walk(set(bytes))).response.status).toBe(404);
  });

  it("the whole stats buffer at once (C12)", async () => {
    const read = (size: string) =>
      on("envoy_on_stats_update", () =>
        logStatus(
          `(call $proxy_get_buffer_bytes (i32.const 8) (i32.const 0) ${size} (i32.const ${OUT}) (i32.const ${OUT + 4}))`,
        ),
      );
    const kinds = ["stats-sink"] as const;
    const whole = await createHost({ wasm: read("(local.get 1)"), kinds });
    await expect(whole.statsUpdate(Buffer.from("stats"))).rejects.toMatchObject({ code: "stats-buffer" });
    const sliced = await createHost({ wasm: read("(i32.const 65536)"), kinds });
    await sliced.statsUpdate(Buffer.from("stats"));
    expect(sliced.logs[0]?.text).toBe("00");
  });

  it.each([
    [0, ""],
    [99, ""],
    [101, ""],
    [1000, ""],
    [204, "body"],
  ])("a local response with status %i and body %j (6)", async (status, body) => {
    await expect(
      walk(on("proxy_on_request_headers", (text) => reply(text, status, body))),
    ).rejects.toMatchObject({ code: "response-status" });
  });

  it("a local response whose headers contain :status (6)", async () => {
    const wasm = on("proxy_on_request_headers", (text) =>
      reply(text, 403, "", encodePairs([[":status", "200"]])),
    );
    await expect(walk(wasm)).rejects.toMatchObject({ code: "response-status" });
  });

  it("a response header written after the response has left (2.2)", async () => {
    const wasm = on("proxy_on_response_body", (text) => add(text, 2, "late"));
    const input = { upstream: { body: "hello" } };
    await expect(walk(wasm, {}, input)).rejects.toMatchObject({
      code: "late-header-write",
      message: /response headers .*BadArgument.*lost/,
    });
    const { response, logs } = await walk(wasm, { tolerate: ["late-header-write"] }, input);
    expect(logs.filter((entry) => entry.source === "guest").map((entry) => entry.text)).toEqual(["02", "02"]);
    expect(logs.find((entry) => entry.source === "host")?.text).toContain("[late-header-write]");
    expect(response.headers.has("x-a")).toBe(false);
  });

  it("a response header written after the response was resumed in the same callback (7.1)", async () => {
    const wasm = guest(
      (
        text,
      ) => `${callback("proxy_on_response_headers", "", 4)} ${callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))")}
      ${callback("proxy_on_tick", `(drop (call $proxy_set_effective_context (i32.const 2))) (drop (call $proxy_continue_stream (i32.const 1))) ${add(text, 2, "late")}`)}`,
    );
    const host = await createHost({ wasm });
    const walking = host.request();
    await host.advance(5);
    const { response, logs } = await walking;
    expect([response.headers.get("x-a"), logs[0]?.text]).toEqual(["late", "00"]);
  });

  it.each([
    ["continue_stream", () => resume(0)],
    ["send_local_response", (text: Text) => reply(text)],
    ["close_stream", () => close],
  ])("%s on the root, which does nothing (7.1)", async (_name, action) => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))") +
        callback("proxy_on_tick", action(text)),
    );
    const strict = await createHost({ wasm });
    await expect(strict.advance(5)).rejects.toMatchObject({
      code: "no-stream",
      message: /set_effective_context/,
    });
    const lenient = await createHost({ wasm, tolerate: ["no-stream"] });
    await lenient.advance(5);
    expect(lenient.logs.map((entry) => entry.source)).toEqual(["host", "guest"]);
    expect(lenient.logs[1]?.text).toBe("00");
  });

  it("a local response from context_create, which is sent after on_request_headers (parity table)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_context_create", `(if (local.get 1) (then ${reply(text)}))`) +
        callback("proxy_on_request_headers", logText(text("headers"))),
    );
    await expect(walk(wasm)).rejects.toMatchObject({ code: "no-stream", message: /context_create/ });
    const { response, upstream, logs } = await walk(wasm, { strict: false });
    expect([response.status, upstream]).toEqual([403, null]);
    expect(logs.filter((entry) => entry.source === "guest").map((entry) => entry.text)).toEqual([
      "00",
      "headers",
    ]);
  });

  it("request headers written in a callback of the response (a bug report in Envoy's log)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_headers", reply(text)) +
        callback("proxy_on_response_headers", add(text, 0, "late")),
    );
    await expect(walk(wasm)).rejects.toMatchObject({
      code: "request-header-in-response",
      message: /x-a.*bug of its own/,
    });
    expect((await walk(wasm, { strict: false })).response.status).toBe(403);
  });

  it("an empty name in a response header", async () => {
    const wasm = on("proxy_on_response_headers", (text) =>
      logStatus(`(call $proxy_add_header_map_value (i32.const 2) ${text("")} ${text("x")})`),
    );
    await expect(walk(wasm)).rejects.toMatchObject({
      code: "response-header-injection",
      message: /empty name/,
    });
  });
});

describe("what the host does not emulate", () => {
  it.each([
    ["expr_create", "unsupported", /CEL/],
    ["expr_evaluate", "unsupported", /CEL/],
  ])("the foreign function %s throws instead of answering Ok", async (name, code, message) => {
    const wasm = on("proxy_on_configure", (text) =>
      logStatus(
        `(call $proxy_call_foreign_function ${text(name)} ${text("1+1")} (i32.const ${OUT}) (i32.const ${OUT + 4}))`,
      ),
    );
    await expect(createHost({ wasm })).rejects.toMatchObject({ code, message });
  });

  it("DNS and WASI stubs throw too", async () => {
    const dns = on("proxy_on_configure", (text) =>
      logStatus(`(call $envoy_resolve_dns ${text("a")} (i32.const ${OUT}))`),
    );
    await expect(createHost({ wasm: dns })).rejects.toMatchObject({
      code: "unsupported",
      message: /envoy_resolve_dns/,
    });
    const wasi = on("proxy_on_configure", () =>
      logStatus("(call $sock_shutdown (i32.const 0) (i32.const 0))"),
    );
    await expect(createHost({ wasm: wasi })).rejects.toMatchObject({
      code: "unsupported",
      message: /sock_shutdown/,
    });
  });
});

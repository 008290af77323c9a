// HTTP callouts, ticks and the effective context (envoy-facts 7.1 and 2.4).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { encodePairs } from "../../src/host/pairs.ts";
import { callback, guest, logAnswer, logStatus, logText, OUT } from "./guest.ts";
import type { CalloutBehaviour, HostOptions, LogEntry } from "../../src/testing/index.ts";

type Text = (value: string | Uint8Array) => string;
const texts = (logs: readonly LogEntry[]) => logs.map((entry) => entry.text);
const HEADERS: [string, string][] = [
  [":method", "GET"],
  [":path", "/auth"],
  [":authority", "auth.local"],
];
const call = (
  text: Text,
  {
    cluster = "auth",
    headers = HEADERS,
    body = "",
    trailers = [] as [string, string][],
    timeout = 1000,
  } = {},
) =>
  `(call $proxy_http_call ${text(cluster)} ${text(encodePairs(headers))} ${text(body)} ${text(encodePairs(trailers))} (i32.const ${timeout}) (i32.const ${OUT}))`;
const TOKEN = logStatus(`(i32.load (i32.const ${OUT}))`);
const RESUME =
  "(drop (call $proxy_set_effective_context (i32.const 2))) (drop (call $proxy_continue_stream (i32.const 0)))";
const COUNTS = [1, 2, 3, 4].map((local) => logStatus(`(local.get ${local})`)).join("");
const host = (wasm: Uint8Array, auth: CalloutBehaviour, options: Partial<HostOptions> = {}) =>
  createHost({ wasm, callouts: { auth }, ...options });

/** Holds the request, asks, logs what came and lets the request go on. */
const asking = (onResponse: (text: Text) => string, options = {}) =>
  guest(
    (text) =>
      callback("proxy_on_request_headers", `(drop ${call(text, options)})`, 4) +
      callback("proxy_on_http_call_response", onResponse(text)),
  );

describe("HTTP callouts", () => {
  it("sends the call out and delivers the answer on the root context (7.1)", async () => {
    const wasm = asking(
      (text) => `${logStatus("(local.get 0)")} ${COUNTS}
      ${logAnswer(`(call $proxy_get_header_map_value (i32.const 6) ${text("x-user")}`)}
      ${logAnswer(`(call $proxy_get_buffer_bytes (i32.const 4) (i32.const 0) (i32.const -1)`)}
      ${logAnswer(`(call $proxy_get_header_map_value (i32.const 7) ${text("t")}`)} ${RESUME}`,
      { body: "ask", trailers: [["q", "1"]] },
    );
    let seen: unknown;
    const running = await host(wasm, (request) => {
      seen = [
        request.method,
        request.path,
        request.authority,
        request.headers.get("content-length"),
        request.text(),
        request.trailers?.get("q"),
      ];
      return { status: 200, headers: { "x-user": "ada" }, body: ["hello"], trailers: { t: "end" } };
    });
    const { logs, upstream } = await running.request();
    expect(seen).toEqual(["GET", "/auth", "auth.local", "3", "ask", "1"]);
    expect(texts(logs)).toEqual(["01", "04", "03", "05", "01", "ada", "hello", "end"]);
    expect(logs[0]?.context).toBe(1);
    expect(upstream).not.toBeNull();
  });

  it("numbers tokens 4, 8, 12 and uses one up for each failed call (7.1)", async () => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_configure",
        logStatus(call(text)) +
          TOKEN +
          logStatus(call(text, { cluster: "none" })) +
          TOKEN +
          logStatus(call(text)) +
          TOKEN,
      ),
    );
    expect(texts((await host(wasm, "open")).logs)).toEqual(["00", "04", "02", "00", "00", "12"]);
  });

  it("refuses an unknown cluster, missing pseudo-headers and negative timeouts; host does for :authority (7.1)", async () => {
    const without = (name: string) => HEADERS.filter(([header]) => header !== name);
    const wasm = guest((text) =>
      callback(
        "proxy_on_configure",
        [
          call(text, { cluster: "none" }),
          ...[":method", ":path", ":authority"].map((name) => call(text, { headers: without(name) })),
          call(text, { headers: [] }),
          call(text, { timeout: -1 }),
          call(text, { headers: [...without(":authority"), ["host", "h"]] }),
          call(text, { timeout: 0 }),
        ]
          .map(logStatus)
          .join(""),
      ),
    );
    expect(texts((await host(wasm, "open")).logs)).toEqual(["02", "02", "02", "02", "02", "02", "00", "00"]);
  });

  it("answers InternalFailure for a cluster without hosts, and never calls back (7.1)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_configure", logStatus(call(text))) +
        callback("proxy_on_http_call_response", logText(text("never"))),
    );
    const running = await host(wasm, "no-hosts");
    await running.advance(10_000);
    expect(texts(running.logs)).toEqual(["10"]);
  });

  it.each([
    ["refused", "503", /upstream connect error/],
    ["reset", "503", /upstream connect error/],
    ["timeout", "504", /^upstream request timeout$/],
  ] as const)("makes up an answer when the callout is %s (7.1)", async (failure, status, body) => {
    const wasm = asking(
      (
        text,
      ) => `${logStatus("(local.get 2)")} ${logAnswer(`(call $proxy_get_header_map_value (i32.const 6) ${text(":status")}`)}
      ${logAnswer(`(call $proxy_get_buffer_bytes (i32.const 4) (i32.const 0) (i32.const -1)`)} ${RESUME}`,
    );
    const { logs } = await (await host(wasm, failure)).request();
    expect(texts(logs).slice(0, 2)).toEqual(["03", status]);
    expect(logs[2]?.text).toMatch(body);
  });

  it("times out on the clock of the host (7.1)", async () => {
    const running = await host(
      asking(
        (text) => logAnswer(`(call $proxy_get_header_map_value (i32.const 6) ${text(":status")}`) + RESUME,
        { timeout: 250 },
      ),
      "open",
    );
    const walk = running.request();
    await running.advance(249);
    expect(running.callouts.pending).toHaveLength(1);
    await running.advance(1);
    expect(texts((await walk).logs)).toEqual(["504"]);
    expect(running.callouts.pending).toHaveLength(0);
  });

  it("gives up on an answer over 32 MiB with nothing but a status (7.1)", async () => {
    const wasm = asking(
      () => `${COUNTS} ${logStatus(`(call $proxy_get_status (i32.const ${OUT + 8}) (i32.const ${OUT}) (i32.const ${OUT + 4}))`)}
      ${logStatus(`(i32.load (i32.const ${OUT + 8}))`)} (drop (call $proxy_log (i32.const 2) (i32.load (i32.const ${OUT})) (i32.load (i32.const ${OUT + 4})))) ${RESUME}`,
    );
    const { logs } = await (await host(wasm, { body: new Uint8Array(33_600_000) })).request();
    expect(texts(logs)).toEqual(["04", "00", "00", "00", "00", "11", "reset"]);
  });

  it("can be answered by hand while a request waits", async () => {
    const running = await host(
      asking(() => logStatus("(local.get 3)") + RESUME),
      "open",
    );
    const walk = running.request();
    await running.settle();
    const [callout] = running.callouts.pending;
    expect([callout?.cluster, callout?.request.path, callout?.timeout, callout?.token]).toEqual([
      "auth",
      "/auth",
      1000,
      4,
    ]);
    await callout?.respond({ body: "ok" });
    await callout?.respond({ body: "again" });
    expect(texts((await walk).logs)).toEqual(["02"]);
  });

  it("resets the effective context after each callback, and knows no dead ids (7.1)", async () => {
    const wasm = guest(
      (text) => `${callback("proxy_on_request_headers", `(drop ${call(text)})`, 4)}
      ${callback("proxy_on_http_call_response", logStatus("(call $proxy_set_effective_context (i32.const 2))") + logText(text("in response")))}
      ${callback("proxy_on_tick", logText(text("in tick")) + logStatus("(call $proxy_set_effective_context (i32.const 9))") + logStatus("(call $proxy_set_effective_context (i32.const 1))"))}
      ${callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")}`,
    );
    const running = await host(wasm, "open");
    const stream = running.openStream();
    await stream.requestHeaders(
      { ":method": "GET", ":path": "/", ":authority": "a", "x-forwarded-proto": "http" },
      { endStream: true },
    );
    await running.callouts.pending[0]?.respond();
    await running.advance(10);
    await stream.close();
    expect(running.logs.map((entry) => [entry.context, entry.text])).toEqual([
      [2, "00"],
      [2, "in response"],
      [1, "in tick"],
      [1, "02"],
      [1, "00"],
    ]);
  });

  it("still delivers the answer for a stream that is gone, whose id is then unknown (7.1)", async () => {
    const running = await host(
      asking(() => logStatus("(call $proxy_set_effective_context (i32.const 2))")),
      "open",
    );
    const stream = running.openStream();
    await stream.requestHeaders({ ":method": "GET", ":path": "/", ":authority": "a" }, { endStream: true });
    await stream.close();
    await running.callouts.pending[0]?.respond();
    expect(texts(running.logs)).toEqual(["02"]);
  });

  it("refuses to resume or to answer a stream that is gone: both would be lost (7.1)", async () => {
    for (const [what, act] of [
      ["proxy_continue_stream", () => RESUME],
      [
        "proxy_send_local_response",
        (text: Text) =>
          `(drop (call $proxy_send_local_response (i32.const 403) ${text("")} ${text("")} ${text("")} (i32.const -1)))`,
      ],
    ] as const) {
      const running = await host(
        asking((text) => `(drop (call $proxy_set_effective_context (i32.const 2))) ${act(text)}`),
        "open",
      );
      const stream = running.openStream();
      await stream.requestHeaders({ ":method": "GET", ":path": "/", ":authority": "a" }, { endStream: true });
      await stream.close();
      await expect(running.callouts.pending[0]?.respond()).rejects.toMatchObject({
        code: "no-stream",
        message: new RegExp(`${what}.* Envoy answers Ok and does nothing.*the stream is gone`),
      });
    }
  });

  it("keeps the answer readable only during its callback, and read-only (7.1)", async () => {
    const status = (text: Text) =>
      logAnswer(`(call $proxy_get_header_map_value (i32.const 6) ${text(":status")}`);
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_headers", `(drop ${call(text)})`, 4) +
        callback(
          "proxy_on_http_call_response",
          `${logStatus(`(call $proxy_add_header_map_value (i32.const 6) ${text("a")} ${text("b")})`)} ${logAnswer(`(call $proxy_get_header_map_pairs (i32.const 7)`)} ${RESUME} ${status(text)}`,
        ) +
        callback("proxy_on_response_headers", status(text)),
    );
    expect(texts((await (await host(wasm, { status: 204 })).request()).logs)).toEqual([
      "02",
      "",
      "204",
      "02",
    ]);
  });

  it("can replace a held body when the answer comes (3.2)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_body", `(if (local.get 2) (then (drop ${call(text)})))`, 1) +
        callback(
          "proxy_on_http_call_response",
          `(drop (call $proxy_set_effective_context (i32.const 2))) ${logAnswer("(call $proxy_get_buffer_bytes (i32.const 0) (i32.const 0) (i32.const -1)")}
        (drop (call $proxy_set_buffer_bytes (i32.const 0) (i32.const 0) (i32.const -1) ${text("new")})) (drop (call $proxy_continue_stream (i32.const 0)))`,
        ),
    );
    const { upstream, logs } = await (await host(wasm, {})).request({ method: "POST", body: ["ab", "c"] });
    expect([texts(logs), upstream?.text()]).toEqual([["abc"], "new"]);
  });

  it("can answer or resume a held response (6)", async () => {
    const onResponse = (action: (text: Text) => string) =>
      guest(
        (text) =>
          callback("proxy_on_response_headers", `(drop ${call(text)})`, 4) +
          callback(
            "proxy_on_http_call_response",
            `(drop (call $proxy_set_effective_context (i32.const 2))) ${action(text)}`,
          ),
      );
    const resumed = await (
      await host(
        onResponse(() => "(drop (call $proxy_continue_stream (i32.const 1)))"),
        {},
      )
    ).request({ upstream: { body: "hello" } });
    expect([resumed.response.status, resumed.response.text()]).toEqual([200, "hello"]);
    const replaced = await (
      await host(
        onResponse(
          (text) =>
            `(drop (call $proxy_send_local_response (i32.const 401) (i32.const 0) (i32.const 0) ${text("no")} (i32.const 0) (i32.const 0) (i32.const -1)))`,
        ),
        {},
      )
    ).request({ upstream: { body: "hello" } });
    expect([replaced.response.status, replaced.response.text()]).toEqual([401, "no"]);
  });

  it("drops answers when the guest has no callback for them (1.3)", async () => {
    const running = await host(
      guest((text) => callback("proxy_on_configure", logStatus(call(text)))),
      {},
    );
    expect(running.callouts.pending).toHaveLength(0);
  });

  it("passes on what a callout function throws", async () => {
    const running = await host(
      asking(() => ""),
      () => {
        throw new Error("bad test");
      },
    );
    await expect(running.request()).rejects.toMatchObject({ code: "handler-failed", message: /bad test/ });
  });
});

describe("ticks", () => {
  it("repeat until the period is 0, one timer a root (2.4)", async () => {
    const wasm = guest(
      (text) => `(global $n (mut i32) (i32.const 0))
      ${callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 7))) (drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")}
      ${callback(
        "proxy_on_tick",
        `${logText(text("tick"))} (global.set $n (i32.add (global.get $n) (i32.const 1)))
        (if (i32.eq (global.get $n) (i32.const 3)) (then (drop (call $proxy_set_tick_period_milliseconds (i32.const 0)))))`,
      )}`,
    );
    const running = await createHost({ wasm });
    await running.advance(25);
    expect(running.logs).toHaveLength(2);
    await running.advance(100);
    expect(running.logs).toHaveLength(3);
  });

  it("see the time at which they are due", async () => {
    const wasm = guest(
      () => `${callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")}
      ${callback(
        "proxy_on_tick",
        `(drop (call $proxy_get_current_time_nanoseconds (i32.const ${OUT})))
        ${logStatus(`(i32.wrap_i64 (i64.rem_u (i64.div_u (i64.load (i32.const ${OUT})) (i64.const 1000000)) (i64.const 100)))`)}`,
      )}`,
    );
    const running = await createHost({ wasm, now: new Date(1_000_000) });
    await running.advance(35);
    expect(texts(running.logs)).toEqual(["10", "20", "30"]);
    expect(running.now).toBe(1_000_035);
  });
});

// Traps and failure policies (envoy-facts 12).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { callback, compileWat, guest, logText } from "./guest.ts";
import type { HostOptions, LogEntry } from "../../src/testing/index.ts";

const texts = (logs: readonly LogEntry[]) =>
  logs.filter((entry) => entry.source === "guest").map((entry) => entry.text);
/** Traps in the callback when the request has the method TRAP or the time has come; logs every other callback. */
const trapIn = (name: string) =>
  guest((text) =>
    [
      "proxy_on_request_headers",
      "proxy_on_response_headers",
      "proxy_on_response_body",
      "proxy_on_log",
      "proxy_on_done",
      "proxy_on_delete",
    ]
      .map((other) =>
        callback(
          other,
          (other === name ? "(if (i32.ge_u (local.get 0) (i32.const 3)) (then unreachable))" : "") +
            logText(text(other.slice(9))),
        ),
      )
      .join(""),
  );

describe("traps", () => {
  it.each(["proxy_on_request_headers", "proxy_on_response_headers"])(
    "in %s answer an empty 503, and nothing more is called",
    async (name) => {
      const host = await createHost({ wasm: trapIn(name) });
      expect((await host.request()).response.status).toBe(200);
      const { response, logs } = await host.request({ upstream: { body: "hello" } });
      expect([response.status, response.text()]).toEqual([503, ""]);
      expect(texts(logs)).toEqual(name === "proxy_on_request_headers" ? [] : ["request_headers"]);
    },
  );

  it("in the response body cut the stream", async () => {
    const host = await createHost({ wasm: trapIn("proxy_on_response_body") });
    await host.request();
    const { response } = await host.request({ upstream: { body: "hello" } });
    expect([response.status, response.reset !== null]).toEqual([200, true]);
  });

  it.each(["proxy_on_log", "proxy_on_done", "proxy_on_delete"])(
    "in %s leave that response alone and answer 503 from then on",
    async (name) => {
      const host = await createHost({ wasm: trapIn(name) });
      await host.request();
      expect((await host.request({ upstream: { body: "hello" } })).response.text()).toBe("hello");
      expect((await host.request()).response.status).toBe(503);
    },
  );

  it("are logged as Envoy logs them, with the guest's frames", async () => {
    const wasm =
      compileWat(`(module (func (export "proxy_abi_version_0_2_1")) (func (export "malloc") (param i32) (result i32) (i32.const 0))
      (func $inner unreachable) (func $outer call $inner)
      (func $handler (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) call $outer (i32.const 0)))`);
    const host = await createHost({ wasm });
    const { logs } = await host.request();
    expect(logs).toHaveLength(1);
    expect(logs[0]).toMatchObject({ level: "error", source: "host" });
    expect(logs[0]?.text).toMatch(
      /^Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable\nProxy-Wasm plugin in-VM backtrace:\n {2}0: {2}0x[0-9a-f]+ - inner\n {2}1: {2}0x[0-9a-f]+ - outer\n {2}2: {2}0x[0-9a-f]+ - (handler|proxy_on_request_headers)$/,
    );
    expect(host.trap).toMatchObject({ callback: "proxy_on_request_headers", message: "unreachable" });
    expect(host.trap?.backtrace).toHaveLength(3);
  });

  it("of the stack are a RangeError", async () => {
    const wasm = guest(() => `(func $f (call $f)) ${callback("proxy_on_request_headers", "(call $f)")}`);
    const host = await createHost({ wasm });
    await host.request();
    expect(host.trap?.text).toContain("Uncaught RangeError: Maximum call stack size exceeded");
  });

  it("in malloc mark the VM dead, while the outer frame goes on to its end (1.4)", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_request_headers",
          `(drop (call $proxy_get_header_map_value (i32.const 0) ${text(":path")} (i32.const 0) (i32.const 0))) ${logText(text("went on"))}`,
        ),
      { allocator: `(func (export "malloc") (param i32) (result i32) unreachable)` },
    );
    const { response, logs } = await (await createHost({ wasm })).request();
    expect([response.status, texts(logs)]).toEqual([503, ["went on"]]);
  });

  it("come from a host function that malloc may not call (1.4)", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_request_headers",
          `(drop (call $proxy_get_header_map_value (i32.const 0) ${text(":path")} (i32.const 0) (i32.const 0)))`,
        ),
      {
        allocator: `(func (export "malloc") (param i32) (result i32) (drop (call $proxy_get_log_level (i32.const 0))) (i32.const 65536))`,
      },
    );
    const host = await createHost({ wasm });
    expect((await host.request()).response.status).toBe(503);
    expect(host.trap?.text).toMatch(
      /Function: malloc failed: Uncaught Error: restricted_callback .*proxy_get_log_level/,
    );
  });

  it("kill all plugins of the VM on that worker, and no others", async () => {
    const bad = trapIn("proxy_on_request_headers");
    const good = guest((text) =>
      callback(
        "proxy_on_response_headers",
        `(drop (call $proxy_add_header_map_value (i32.const 2) ${text("x-good")} ${text("1")}))`,
      ),
    );
    const host = await createHost({
      plugins: [
        { wasm: good, vmId: "good" },
        { wasm: bad, vmId: "bad" },
      ],
      workers: 2,
    });
    await host.request();
    const { response } = await host.request();
    expect([response.status, response.headers.get("x-good")]).toEqual([503, "1"]);
    expect((await host.request({ worker: 1 })).response.status).toBe(200);
    expect([host.plugin(0).trap, host.plugin(1).trap === null, host.plugin(1, 1).trap]).toEqual([
      null,
      false,
      null,
    ]);
  });

  it("answer 503 to other streams of the VM at their next callback", async () => {
    const host = await createHost({ wasm: trapIn("proxy_on_request_headers") });
    const waiting = host.openStream();
    const headers = { ":method": "GET", ":path": "/", ":authority": "a", "x-forwarded-proto": "http" };
    await waiting.requestHeaders(headers, { endStream: true });
    await host.request();
    const step = await waiting.respond({ body: "hello" });
    expect([step.localReply?.status, step.localReply?.text()]).toEqual([503, ""]);
  });

  it("in a callout or tick leave the waiting request hanging", async () => {
    const wasm = guest(
      () =>
        callback("proxy_on_request_headers", "", 4) +
        callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))") +
        callback("proxy_on_tick", "unreachable"),
    );
    const host = await createHost({ wasm });
    const walk = host.request();
    await host.advance(5);
    await host.advance(300_000);
    expect((await walk).response.status).toBe(503);
  });
});

describe("failure policies", () => {
  const second = async (options: Partial<HostOptions>) => {
    const host = await createHost({ wasm: trapIn("proxy_on_request_headers"), ...options });
    await host.request();
    const trapped = await host.request();
    return { host, trapped: trapped.response.status };
  };

  it("FAIL_CLOSED answers 503 for ever", async () => {
    const { host, trapped } = await second({});
    await host.advance(60_000);
    expect([trapped, (await host.request()).response.status]).toEqual([503, 503]);
  });

  it("FAIL_OPEN bypasses the filter, but not for the request that trapped", async () => {
    const { host, trapped } = await second({ failurePolicy: "FAIL_OPEN" });
    const next = await host.request();
    expect([trapped, next.response.status, texts(next.logs)]).toEqual([503, 200, []]);
  });

  it("the deprecated fail_open lets even the trapping request pass", async () => {
    const { host, trapped } = await second({ failurePolicy: "FAIL_OPEN_LEGACY" });
    expect([trapped, (await host.request()).response.status]).toEqual([200, 200]);
  });

  it("FAIL_RELOAD starts a new VM with the next request, but not within the backoff", async () => {
    const { host, trapped } = await second({ failurePolicy: "FAIL_RELOAD" });
    expect([trapped, (await host.request()).response.status]).toEqual([503, 503]);
    await host.advance(1000);
    expect((await host.request()).response.status).toBe(200);
    expect(host.trap).toBeNull();
    expect(host.reloads()).toEqual({ success: 1, failure: 0, backoff: 1 });
  });
});

// Filters that fail inside of serve: traps under each policy, and what would crash Envoy.
import { describe, expect, test } from "vitest";

import { serve } from "./support.ts";
import { callback, guest, logStatus } from "../host/guest.ts";
import { header } from "../support/bytes.ts";
import { http1, Http1Connection } from "../support/http-client.ts";
import { http2 } from "../support/http2-client.ts";
import { wat } from "../support/wat.ts";

/** Traps on requests with a header x-trap. */
const trapping = guest((text) =>
  callback(
    "proxy_on_request_headers",
    `(if (i32.eqz (call $proxy_get_header_map_value (i32.const 0) ${text("x-trap")} (i32.const 512) (i32.const 516))) (then unreachable))`,
  ),
);
const TRAP = { headers: [["x-trap", "1"]] } as const;

describe("a trap", () => {
  test("is an empty 503, and so is all that follows under the policy closed", async () => {
    const { port, line } = await serve(trapping);
    expect((await http1(port)).status).toBe(200);
    const trapped = await http1(port, TRAP);
    expect([trapped.status, trapped.body.length]).toEqual([503, 0]);
    await line(
      /\[host\] error Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable/,
    );
    await line(
      /error the filter trapped in proxy_on_request_headers; its VM is dead \(failure policy closed\): every further request gets 503/,
    );
    expect((await http1(port)).status).toBe(503);
  });

  test("lets further requests pass without the filter under the policy open", async () => {
    const { port, line } = await serve(trapping, { failurePolicy: "FAIL_OPEN" });
    expect((await http1(port, TRAP)).status).toBe(503);
    await line(/failure policy open\): further requests pass without the filter/);
    expect((await http1(port, TRAP)).status).toBe(200);
    await line(/^\[- GET \/\] 200/m);
  });

  test("is over with the next VM under the policy reload", async () => {
    const { port, line } = await serve(trapping, { failurePolicy: "FAIL_RELOAD" });
    expect((await http1(port, TRAP)).status).toBe(503);
    await line(/failure policy reload\): the next request starts a new VM/);
    await expect.poll(async () => (await http1(port)).status, { timeout: 10_000, interval: 200 }).toBe(200);
  });

  test("shows the names of the functions that led to it, if the module has them", async () => {
    const wasm = await wat(`(module
      (memory (export "memory") 1)
      (func (export "proxy_abi_version_0_2_1"))
      (func (export "malloc") (param i32) (result i32) (i32.const 1024))
      (func $deep unreachable)
      (func $check (call $deep))
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (call $check) (i32.const 0)))`);
    const { port, line } = await serve(wasm);
    await http1(port);
    expect(await line(/in-VM backtrace/)).toMatch(/0x[0-9a-f]+ - deep\n.* - check/);
  });
});

describe("what would crash Envoy", () => {
  const misuse = guest((text) =>
    callback(
      "proxy_on_request_headers",
      `(if (i32.eqz (call $proxy_get_header_map_value (i32.const 0) ${text("x-wrong")} (i32.const 512) (i32.const 516)))
         (then (drop (call $proxy_continue_stream (i32.const 1)))))
       (if (i32.eqz (call $proxy_get_header_map_value (i32.const 0) ${text("x-wait")} (i32.const 512) (i32.const 516))) (then (return (i32.const 4))))`,
    ),
  );
  const WRONG = { headers: [["x-wrong", "1"]] } as const;

  test("is reported with its code and answered with 500, and the server lives on with a new VM", async () => {
    const { port, line } = await serve(misuse);
    for (const send of [http1, http2]) {
      const response = await send(port, WRONG);
      expect([response.status, response.complete]).toEqual([500, true]);
      expect(response.body.toString()).toContain("proxy_continue_stream(1)");
      expect((await send(port)).status).toBe(200);
    }
    expect(await line(/^error /m)).toMatch(
      /error \[resume-response-not-paused\] proxy_continue_stream\(1\) was called .* SIGSEGV[^]*its stream is aborted/,
    );
  });

  test("takes the other streams of the filter with it, as the crash would", async () => {
    const { port, line } = await serve(misuse);
    const waiting = await Http1Connection.open(port);
    await waiting.write(["GET /waits HTTP/1.1\r\nhost: a\r\nx-wait: 1\r\n\r\n"]);
    await expect.poll(() => waiting.closed).toBe(false);
    await http1(port, WRONG);
    expect((await waiting.read()).status).toBe(500);
    waiting.close();
    await line(/its 2 streams are aborted/);
    expect((await http1(port)).status).toBe(200);
  });

  test("at the end of a stream is reported although the client has its answer", async () => {
    const wasm = guest(() => callback("proxy_on_log", logStatus("(call $proxy_close_stream (i32.const 0))")));
    const { port, line } = await serve(wasm);
    expect((await http1(port)).status).toBe(200);
    await line(/error \[close-stream-after-end\]/);
    expect((await http1(port)).status).toBe(200);
  });
});

test("what Envoy survives is a warning, and goes on as in Envoy", async () => {
  const wasm = guest((text) =>
    callback(
      "proxy_on_response_headers",
      `(drop (call $proxy_add_header_map_value (i32.const 2) ${text("x-split")} ${text("a\r\nx-injected: 1")}))`,
    ),
  );
  const { port, line } = await serve(wasm);
  const response = await http1(port);
  expect([response.status, header(response.headers, "x-injected")]).toEqual([200, "1"]);
  await line(/\[host\] warn \[response-header-injection\]/);
});

test("a filter that refuses to start says why, and nothing listens", async () => {
  const wasm = guest((text) =>
    callback("proxy_on_configure", `(drop (call $proxy_log (i32.const 4) ${text("no greeting given")}))`, 0),
  );
  await expect(serve(wasm)).rejects.toMatchObject({
    code: "configure-refused",
    message: /proxy_on_configure returned 0.*no greeting given/s,
  });
});

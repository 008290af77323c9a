// TCP connections (envoy-facts 2.3 and 3.3).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { callback, guest, logAnswer, logStatus, logText } from "./guest.ts";
import type { LogEntry } from "../../src/testing/index.ts";

const texts = (logs: readonly LogEntry[]) => logs.map((entry) => entry.text);
const ALL = [
  "proxy_on_context_create",
  "proxy_on_new_connection",
  "proxy_on_downstream_data",
  "proxy_on_upstream_data",
  "proxy_on_upstream_connection_close",
  "proxy_on_downstream_connection_close",
  "proxy_on_done",
  "proxy_on_log",
  "proxy_on_delete",
];
const read = (type: number) =>
  logAnswer(`(call $proxy_get_buffer_bytes (i32.const ${type}) (i32.const 0) (i32.const -1)`);
const connect = async (wasm: Uint8Array, options = {}) => (await createHost({ wasm, ...options })).tcp();

describe("TCP connections", () => {
  it("call back in Envoy's order: done before log (2.3)", async () => {
    const wasm = guest((text) => ALL.map((name) => callback(name, logText(text(name.slice(9))))).join(""));
    const host = await createHost({ wasm });
    const start = host.logs.length;
    const tcp = await host.tcp();
    await tcp.downstreamData("ping");
    await tcp.upstreamData("pong", { endStream: true });
    await tcp.close();
    expect(texts(host.logs.slice(start))).toEqual([
      "context_create",
      "new_connection",
      "downstream_data",
      "upstream_data",
      "upstream_connection_close",
      "downstream_connection_close",
      "done",
      "log",
      "delete",
    ]);
    expect([String(tcp.upstream), String(tcp.client), tcp.finished]).toEqual(["ping", "pong", true]);
  });

  it("tell who closed: 2 the client, 1 the proxy; the upstream always 0 (2.3)", async () => {
    const wasm = guest(
      () =>
        callback("proxy_on_downstream_connection_close", logStatus("(local.get 1)")) +
        callback("proxy_on_upstream_connection_close", logStatus("(local.get 1)")),
    );
    const client = await connect(wasm);
    await client.upstreamData("", { endStream: true });
    const proxy = await connect(wasm);
    expect([
      texts((await client.close()).logs),
      texts((await proxy.close("proxy")).logs),
      proxy.closedByProxy,
    ]).toEqual([["02"], ["01"], true]);
  });

  it("show held data again in full, and pass it on with Continue (3.3)", async () => {
    const wasm = guest(
      () =>
        `(func (export "proxy_on_downstream_data") (param i32 i32 i32) (result i32) ${logStatus("(local.get 1)")} ${read(2)} (i32.lt_u (local.get 1) (i32.const 4)))`,
    );
    const tcp = await connect(wasm);
    const first = await tcp.downstreamData("ab");
    expect([String(first.forwarded), first.paused, texts(first.logs)]).toEqual(["", true, ["02", "ab"]]);
    const second = await tcp.downstreamData("cd");
    expect([String(second.forwarded), second.paused, texts(second.logs)]).toEqual([
      "abcd",
      false,
      ["04", "abcd"],
    ]);
  });

  it("let data be edited both ways (5)", async () => {
    const edit = (name: string, type: number) => (text: (value: string) => string) =>
      callback(
        name,
        `(drop (call $proxy_set_buffer_bytes (i32.const ${type}) (i32.const 0) (i32.const 0) ${text(">")}))`,
      );
    const tcp = await connect(
      guest((text) => edit("proxy_on_downstream_data", 2)(text) + edit("proxy_on_upstream_data", 3)(text)),
    );
    expect(String((await tcp.downstreamData("a")).forwarded)).toBe(">a");
    expect(String((await tcp.upstreamData("b")).forwarded)).toBe(">b");
  });

  it("stay away from the upstream while new_connection stops them, until continue_stream(2) (3.4)", async () => {
    const wasm = guest(
      () => `${callback("proxy_on_new_connection", "", 1)} ${callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))")}
      ${callback("proxy_on_tick", `(drop (call $proxy_set_effective_context (i32.const 2))) ${logStatus("(call $proxy_continue_stream (i32.const 2))")} ${logStatus("(call $proxy_continue_stream (i32.const 3))")}`)}`,
    );
    const host = await createHost({ wasm });
    const tcp = await host.tcp();
    expect(tcp.connected).toBe(false);
    expect(() => tcp.upstreamData("x")).toThrow(/no upstream/);
    await host.advance(5);
    expect([tcp.connected, texts(host.logs)]).toEqual([true, ["00", "12"]]);
  });

  it("can be closed by the guest, and close when it traps", async () => {
    const closing = await connect(
      guest(
        (text) =>
          callback("proxy_on_downstream_data", logStatus("(call $proxy_close_stream (i32.const 2))"), 1) +
          callback("proxy_on_delete", logText(text("delete"))),
      ),
    );
    const step = await closing.downstreamData("x");
    expect([step.finished, closing.closedByProxy, texts(step.logs)]).toEqual([true, true, ["00", "delete"]]);
    const trapping = await connect(guest(() => callback("proxy_on_downstream_data", "unreachable")));
    expect((await trapping.downstreamData("x")).finished).toBe(true);
    expect(trapping.closedByProxy).toBe(true);
  });

  it("have properties in all callbacks, and no header maps (2.3)", async () => {
    const body = (text: (value: string) => string) =>
      logAnswer(`(call $proxy_get_property ${text("source\0address")}`) +
      logAnswer(`(call $proxy_get_header_map_value (i32.const 0) ${text("a")}`);
    const wasm = guest(
      (text) => callback("proxy_on_new_connection", body(text)) + callback("proxy_on_log", body(text)),
    );
    const host = await createHost({ wasm, properties: { "source.address": "1.2.3.4:5" } });
    await (await host.tcp()).close();
    expect(texts(host.logs)).toEqual(["1.2.3.4:5", "02", "1.2.3.4:5", "02"]);
  });

  it("hold back all data while on_new_connection holds, and show it together afterwards (parity table)", async () => {
    const wasm = guest(
      () =>
        callback(
          "proxy_on_new_connection",
          "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))",
          1,
        ) +
        callback("proxy_on_downstream_data", logStatus("(local.get 1)")) +
        callback(
          "proxy_on_tick",
          "(drop (call $proxy_set_tick_period_milliseconds (i32.const 0))) (drop (call $proxy_set_effective_context (i32.const 2))) (drop (call $proxy_continue_stream (i32.const 2)))",
        ),
    );
    const host = await createHost({ wasm });
    const tcp = await host.tcp();
    await tcp.downstreamData("one");
    await tcp.downstreamData(" two");
    expect([texts(host.logs), tcp.connected]).toEqual([[], false]);
    await host.advance(5);
    expect([texts(host.logs), tcp.upstream.toString()]).toEqual([["07"], "one two"]);
  });

  it("end when both sides have ended: by the proxy if the client was first, else by the client (parity table)", async () => {
    const wasm = guest(() => callback("proxy_on_downstream_connection_close", logStatus("(local.get 1)")));
    for (const [first, peer] of [
      ["client", "01"],
      ["upstream", "02"],
    ]) {
      const host = await createHost({ wasm });
      const tcp = await host.tcp();
      await tcp.downstreamData("x", { endStream: first === "client" });
      await tcp.upstreamData("y", { endStream: true });
      if (first === "upstream") await tcp.downstreamData("", { endStream: true });
      expect([texts(host.logs), tcp.finished]).toEqual([[peer], true]);
    }
  });

  it("pass several filters in order, and back in reverse", async () => {
    const wasm = guest((text) =>
      ["proxy_on_downstream_data", "proxy_on_upstream_data"]
        .map((name) => callback(name, logAnswer(`(call $proxy_get_property ${text("plugin_name")}`)))
        .join(""),
    );
    const host = await createHost({
      plugins: [
        { wasm, name: "a" },
        { wasm, name: "b" },
      ],
    });
    const tcp = await host.tcp();
    await tcp.downstreamData("x");
    await tcp.upstreamData("y");
    expect(texts(host.logs)).toEqual(["a", "b", "b", "a"]);
  });

  it("must not use held data of the upstream outside its own callback: Envoy crashes on it", async () => {
    const wasm = guest(
      () => callback("proxy_on_upstream_data", "", 1) + callback("proxy_on_downstream_data", read(3)),
    );
    const tcp = await connect(wasm);
    await tcp.downstreamData("x");
    await tcp.upstreamData("held");
    await expect(tcp.downstreamData("y")).rejects.toMatchObject({ code: "body-outside-callback" });
  });

  it("cannot be answered with a local response", async () => {
    const wasm = guest(() =>
      callback(
        "proxy_on_downstream_data",
        "(drop (call $proxy_send_local_response (i32.const 403) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1)))",
      ),
    );
    await expect((await connect(wasm)).downstreamData("x")).rejects.toMatchObject({ code: "no-stream" });
  });
});

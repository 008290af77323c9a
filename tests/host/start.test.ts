// How plugins start and end (envoy-facts 1.4, 2.4, 13 and 14).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { callback, compileWat, guest, logAnswer, logStatus, logText, OUT } from "./guest.ts";
import type { LogEntry } from "../../src/testing/index.ts";

const texts = (logs: readonly LogEntry[]) => logs.map((entry) => entry.text);
const START = `(import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_log_level" (func $level (param i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 16) "ABC")
  (func (export "proxy_abi_version_0_2_1")) (func (export "malloc") (param i32) (result i32) (i32.const 0))`;
const say = (letter: number) => `(drop (call $log (i32.const 2) (i32.const ${15 + letter}) (i32.const 1)))`;

describe("start", () => {
  it("runs _initialize, then main, and no _start (1.4)", async () => {
    const wasm = compileWat(`(module ${START} (func (export "_initialize") ${say(1)})
      (func (export "main") (param i32 i32) (result i32) ${say(2)} (i32.const 0)) (func (export "_start") ${say(3)}))`);
    expect(texts((await createHost({ wasm })).logs)).toEqual(["A", "B"]);
  });

  it("runs __main_void where there is no main (1.3)", async () => {
    const wasm = compileWat(
      `(module ${START} (func (export "_initialize") ${say(1)}) (func (export "__main_void") (result i32) ${say(2)} (i32.const 0)))`,
    );
    expect(texts((await createHost({ wasm })).logs)).toEqual(["A", "B"]);
  });

  it("runs _start where there is no _initialize, and never main alone (1.3)", async () => {
    expect(
      texts(
        (await createHost({ wasm: compileWat(`(module ${START} (func (export "_start") ${say(3)}))`) })).logs,
      ),
    ).toEqual(["C"]);
    const main = compileWat(
      `(module ${START} (func (export "main") (param i32 i32) (result i32) ${say(2)} (i32.const 0)))`,
    );
    expect((await createHost({ wasm: main })).logs).toEqual([]);
  });

  it("runs a start section that calls nothing (C1)", async () => {
    const wasm = compileWat(
      `(module ${START} (global $g (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 1))) (start $s))`,
    );
    await createHost({ wasm });
  });

  it("refuses a start section that calls the host, even to log (C1)", async () => {
    const wasm = compileWat(`(module ${START} (func $s ${say(1)}) (start $s))`);
    await expect(createHost({ wasm })).rejects.toMatchObject({
      code: "start-section-hostcall",
      message: /SIGSEGV/,
    });
  });

  it("allows next to nothing in _initialize (1.4)", async () => {
    const wasm = compileWat(
      `(module ${START} (func (export "_initialize") (drop (call $level (i32.const 0)))))`,
    );
    await expect(createHost({ wasm })).rejects.toMatchObject({
      code: "initialize-failed",
      message: /Function: _initialize failed: Uncaught Error: restricted_callback .*proxy_get_log_level/,
    });
  });

  it("refuses a module whose _initialize traps", async () => {
    const wasm = compileWat(`(module ${START} (func (export "_initialize") unreachable))`);
    await expect(createHost({ wasm })).rejects.toMatchObject({
      code: "initialize-failed",
      message: /RuntimeError: unreachable/,
    });
  });

  it("calls context_create, vm_start and configure with their sizes, and both configurations can be read (1.4, 5)", async () => {
    const read = (type: number) =>
      `(call $proxy_get_buffer_bytes (i32.const ${type}) (i32.const 0) (i32.const -1)`;
    const wasm = guest(
      () => `
      ${callback("proxy_on_context_create", `${logStatus("(local.get 0)")} ${logStatus("(local.get 1)")} ${logAnswer(read(7))}`)}
      ${callback("proxy_on_vm_start", `${logStatus("(local.get 1)")} ${logAnswer(read(6))} ${logAnswer(read(7))}`)}
      ${callback("proxy_on_configure", `${logStatus("(local.get 1)")} ${logAnswer(read(6))} ${logAnswer(read(7))}`)}`,
    );
    const host = await createHost({ wasm, configuration: "plugin", vmConfiguration: "vm" });
    expect(texts(host.logs)).toEqual(["01", "00", "plugin", "02", "vm", "01", "06", "vm", "plugin"]);
  });

  it("refuses a configuration when vm_start or configure returns 0 or traps (1.4)", async () => {
    const refuse = (name: string, body: string) =>
      createHost({ wasm: guest((text) => callback(name, body.replace("@", logText(text("why"))), 0)) });
    await expect(refuse("proxy_on_vm_start", "")).rejects.toMatchObject({ code: "vm-start-refused" });
    await expect(refuse("proxy_on_configure", "@")).rejects.toMatchObject({
      code: "configure-refused",
      message: /\[info\] why/,
    });
    await expect(refuse("proxy_on_configure", "unreachable")).rejects.toMatchObject({
      code: "configure-refused",
      message: /unreachable/,
    });
  });

  it("shares a VM between plugins with the same identity and runs vm_start once a root (1.4, 14)", async () => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_vm_start",
        `${logStatus("(local.get 0)")} ${logAnswer(`(call $proxy_get_property ${text("plugin_root_id")}`)}`,
      ),
    );
    const shared = await createHost({
      plugins: [
        { wasm, rootId: "a" },
        { wasm, rootId: "b" },
      ],
    });
    expect(texts(shared.logs)).toEqual(["01", "a", "02", "b"]);
    const separate = await createHost({
      plugins: [
        { wasm, rootId: "a" },
        { wasm, rootId: "b", vmId: "other" },
      ],
    });
    expect(texts(separate.logs)).toEqual(["01", "a", "01", "b"]);
  });

  it("starts a canary first on request, whose effects on shared data stay (1.4)", async () => {
    const wasm = guest(
      (text) =>
        `${callback(
          "proxy_on_configure",
          `(if (call $proxy_get_shared_data ${text("k")} (i32.const ${OUT}) (i32.const ${OUT + 4}) (i32.const ${OUT + 8}))
           (then (drop (call $proxy_set_shared_data ${text("k")} ${text("v")} (i32.const 0))) ${logText(text("first"))})
           (else ${logText(text("second"))}))
         (drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))`,
        )} ${callback("proxy_on_tick", logText(text("tick")))}`,
    );
    const host = await createHost({ wasm, canary: true });
    await host.advance(10);
    expect(texts(host.logs)).toEqual(["first", "second", "tick"]);
  });

  it("gives the guest its environment and nothing else (13)", async () => {
    const wasm = guest(
      () =>
        `${callback(
          "proxy_on_vm_start",
          `(drop (call $environ_sizes_get (i32.const ${OUT}) (i32.const ${OUT + 4})))
         (drop (call $environ_get (i32.const 600) (i32.const 700)))
         (drop (call $proxy_log (i32.const 2) (i32.const 700) (i32.sub (i32.load (i32.const ${OUT + 4})) (i32.const 1))))`,
        )}`,
    );
    const host = await createHost({ wasm, environment: { MODE: "test", B: "2" } });
    expect(host.logs[0]?.text).toBe("MODE=test\0B=2");
  });

  it("restricts host functions and callbacks to the capabilities (13)", async () => {
    const wasm = guest(
      (text) => `
      ${callback("proxy_on_vm_start", `${logStatus(`(call $proxy_get_log_level (i32.const ${OUT}))`)} ${logStatus("(call $random_get (i32.const 0) (i32.const 1))")}`)}
      ${callback("proxy_on_request_headers", logText(text("never")))}`,
    );
    const host = await createHost({ wasm, capabilities: ["proxy_log", "proxy_on_vm_start"] });
    await host.request();
    expect(host.logs.filter((entry) => entry.source === "guest").map((entry) => entry.text)).toEqual([
      "10",
      "76",
    ]);
    expect(host.logs.find((entry) => entry.source === "host")?.text).toContain("proxy_get_log_level");
  });

  it("ends a root with done and delete, and waits for proxy_done if done returns 0 (2.4)", async () => {
    const end = (answer: number) =>
      guest(
        (text) =>
          `${callback("proxy_on_done", logText(text("done")), answer)} ${callback("proxy_on_delete", logText(text("delete")))}`,
      );
    const ready = await createHost({ wasm: end(1) });
    await ready.dispose();
    expect(texts(ready.logs)).toEqual(["done", "delete"]);
    const busy = await createHost({ wasm: end(0) });
    await busy.dispose();
    await busy.dispose();
    expect(texts(busy.logs)).toEqual(["done"]);
  });

  it("answers proxy_done with NotFound while the root is not asked to end (2.4)", async () => {
    const host = await createHost({
      wasm: guest(() => callback("proxy_on_configure", logStatus("(call $proxy_done)"))),
    });
    expect(texts(host.logs)).toEqual(["01"]);
  });

  it("refuses requests after dispose", async () => {
    const host = await createHost({ wasm: guest(() => "") });
    await host.dispose();
    await expect(host.request()).rejects.toMatchObject({ code: "disposed" });
  });
});

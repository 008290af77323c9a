// Shared data, queues, metrics and workers (envoy-facts 9 and 14).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { callback, guest, logAnswer, logStatus, logText, OUT } from "./guest.ts";
import type { LogEntry } from "../../src/testing/index.ts";

type Text = (value: string | Uint8Array) => string;
const texts = (logs: readonly LogEntry[]) => logs.map((entry) => entry.text);
const onStart = (body: (text: Text) => string) => guest((text) => callback("proxy_on_configure", body(text)));
const WORD = (offset: number) => logStatus(`(i32.load (i32.const ${OUT + offset}))`);

describe("shared data", () => {
  const set = (text: Text, key: string, value: string, cas: number) =>
    logStatus(`(call $proxy_set_shared_data ${text(key)} ${text(value)} (i32.const ${cas}))`);
  const get = (text: Text, key: string) =>
    logStatus(
      `(call $proxy_get_shared_data ${text(key)} (i32.const ${OUT}) (i32.const ${OUT + 4}) (i32.const ${OUT + 8}))`,
    );

  it("compares and swaps with one growing counter (9)", async () => {
    const host = await createHost({
      wasm: onStart(
        (text) =>
          get(text, "k") +
          set(text, "k", "a", 77) +
          get(text, "k") +
          WORD(8) +
          set(text, "k", "b", 9) +
          set(text, "k", "b", 1) +
          get(text, "k") +
          WORD(8) +
          set(text, "k", "c", 0) +
          set(text, "", "", 0) +
          get(text, "") +
          WORD(4) +
          WORD(8),
      ),
    });
    expect(texts(host.logs)).toEqual([
      "01",
      "00",
      "00",
      "01",
      "08",
      "00",
      "00",
      "02",
      "00",
      "00",
      "00",
      "00",
      "04",
    ]);
    expect(host.sharedData.get("k")).toMatchObject({ text: "c", cas: 3 });
    expect(host.sharedData.keys()).toEqual(["k", ""]);
    expect(host.sharedData.get("none")).toBeNull();
  });

  it("belongs to a vm_id, whatever the module or worker (9)", async () => {
    const writer = onStart((text) => set(text, "k", "v", 0));
    const reader = guest((text) => callback("proxy_on_request_headers", get(text, "k")));
    const host = await createHost({
      plugins: [
        { wasm: writer, vmId: "a" },
        { wasm: reader, vmId: "a" },
        { wasm: reader, vmId: "b" },
      ],
      workers: 2,
    });
    host.sharedData.set("k", "typed in", "b");
    expect(texts((await host.request({ worker: 1 })).logs)).toEqual(["00", "00"]);
    expect(host.sharedData.get("k", "b")?.text).toBe("typed in");
  });
});

describe("queues", () => {
  const register = (text: Text, name: string) =>
    logStatus(`(call $proxy_register_shared_queue ${text(name)} (i32.const ${OUT}))`) + WORD(0);
  const resolve = (text: Text, vmId: string, name: string) =>
    logStatus(`(call $proxy_resolve_shared_queue ${text(vmId)} ${text(name)} (i32.const ${OUT}))`) + WORD(0);
  const dequeue = logAnswer("(call $proxy_dequeue_shared_queue (i32.const 1)");

  it("have one token a name, and must be registered before they are found (9)", async () => {
    const host = await createHost({
      wasm: onStart(
        (text) =>
          resolve(text, "", "q") +
          register(text, "q") +
          register(text, "r") +
          register(text, "q") +
          resolve(text, "", "r") +
          resolve(text, "v", "q") +
          resolve(text, "x", "q"),
      ),
      vmId: "v",
    });
    expect(texts(host.logs)).toEqual([
      "01",
      "00",
      "00",
      "01",
      "00",
      "02",
      "00",
      "01",
      "00",
      "02",
      "00",
      "01",
      "01",
      "01",
    ]);
  });

  it("announce each item once, on the worker that registered last (9)", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_configure",
          `(drop (call $proxy_register_shared_queue ${text("q")} (i32.const ${OUT})))`,
        ) +
        callback(
          "proxy_on_request_headers",
          `${logStatus(`(call $proxy_enqueue_shared_queue (i32.const 1) ${text("item")})`)} ${logText(text("enqueued"))}`,
        ) +
        callback("proxy_on_queue_ready", `${logStatus("(local.get 1)")} ${dequeue} ${dequeue}`),
    );
    const host = await createHost({ wasm, workers: 2 });
    const { logs } = await host.request({ worker: 0 });
    expect(logs.map((entry) => [entry.worker, entry.context, entry.text])).toEqual([
      [0, 2, "00"],
      [0, 2, "enqueued"],
      [1, 1, "01"],
      [1, 1, "item"],
      [1, 1, "07"],
    ]);
    await host.queues.enqueue("q", "from the test");
    expect(texts(host.logs).slice(-2)).toEqual(["from the test", "07"]);
    expect(host.queues.items("q")).toEqual([]);
    expect(host.queues.items("none")).toBeNull();
    await expect(host.queues.enqueue("none", "x")).rejects.toMatchObject({ code: "wrong-phase" });
  });

  it("answer NotFound for unknown tokens, and take empty items (9)", async () => {
    const host = await createHost({
      wasm: onStart(
        (text) =>
          logStatus(`(call $proxy_enqueue_shared_queue (i32.const 1) ${text("")})`) +
          dequeue +
          register(text, "q") +
          logStatus(`(call $proxy_enqueue_shared_queue (i32.const 1) ${text("")})`) +
          dequeue,
      ),
    });
    expect(texts(host.logs)).toEqual(["01", "01", "00", "01", "00", ""]);
  });
});

describe("metrics", () => {
  const define = (text: Text, type: number, name: string) =>
    logStatus(`(call $proxy_define_metric (i32.const ${type}) ${text(name)} (i32.const ${OUT}))`) + WORD(0);
  const increment = (id: number, by: number) =>
    logStatus(`(call $proxy_increment_metric (i32.const ${id}) (i64.const ${by}))`);
  const record = (id: number, value: number) =>
    logStatus(`(call $proxy_record_metric (i32.const ${id}) (i64.const ${value}))`);
  const read = (id: number) =>
    logStatus(`(call $proxy_get_metric (i32.const ${id}) (i32.const ${OUT}))`) + WORD(0);

  it("get a new id with each definition, by kind (9)", async () => {
    const host = await createHost({
      wasm: onStart(
        (text) =>
          [0, 1, 2, 0, 1, 2].map((type) => define(text, type, "m")).join("") +
          logStatus(`(call $proxy_define_metric (i32.const 3) ${text("m")} (i32.const ${OUT}))`),
      ),
    });
    expect(texts(host.logs)).toEqual([
      "00",
      "04",
      "00",
      "05",
      "00",
      "06",
      "00",
      "08",
      "00",
      "09",
      "00",
      "10",
      "02",
    ]);
  });

  it("count, set and record by kind (9)", async () => {
    const host = await createHost({
      wasm: onStart(
        (text) =>
          define(text, 0, "c") +
          define(text, 1, "g") +
          define(text, 2, "h") +
          increment(4, 5) +
          record(4, 2) +
          read(4) +
          increment(4, 0) +
          increment(4, -1) +
          record(5, 9) +
          increment(5, -4) +
          read(5) +
          record(6, 3) +
          record(6, 8) +
          increment(6, 1) +
          logStatus(`(call $proxy_get_metric (i32.const 6) (i32.const ${OUT}))`),
      ),
    });
    expect(texts(host.logs).slice(6)).toEqual([
      "00",
      "00",
      "00",
      "07",
      "02",
      "02",
      "00",
      "00",
      "00",
      "05",
      "00",
      "00",
      "02",
      "02",
    ]);
    expect(host.metrics.all()).toEqual({ c: 7, g: 5, h: [3, 8] });
    expect([
      host.metrics.counter("c"),
      host.metrics.gauge("g"),
      host.metrics.histogram("h"),
      host.metrics.counter("g"),
    ]).toEqual([7, 5, [3, 8], null]);
  });

  it("answer NotFound for unknown ids, as far as Envoy does (9)", async () => {
    const host = await createHost({
      wasm: onStart(() =>
        [4, 5, 6]
          .map(
            (id) =>
              increment(id, 1) +
              record(id, 1) +
              logStatus(`(call $proxy_get_metric (i32.const ${id}) (i32.const ${OUT}))`),
          )
          .join(""),
      ),
    });
    expect(texts(host.logs)).toEqual(["01", "01", "01", "01", "01", "01", "02", "01", "02"]);
  });

  it("wrap a gauge below zero, and are shared by all workers (9)", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_configure",
          `(drop (call $proxy_define_metric (i32.const 1) ${text("g")} (i32.const ${OUT})))`,
        ) +
        callback(
          "proxy_on_request_headers",
          `(drop (call $proxy_increment_metric (i32.const 5) (i64.const -1)))`,
        ),
    );
    const host = await createHost({ wasm, workers: 2 });
    await host.request({ worker: 0 });
    const { metrics } = await host.request({ worker: 1 });
    expect(metrics.gauge("g")).toBe(Number(2n ** 64n - 2n));
  });
});

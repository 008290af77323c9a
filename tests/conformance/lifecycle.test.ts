// What is called when: the walk of the reference host through a module, and what ends it.
import { describe, expect, it } from "vitest";

import { callback, guest, logStatus, logText } from "../host/guest.ts";
import { failures, logged, runOne, runText } from "./run.ts";
import type { TestResult } from "../../src/conformance/index.ts";

const CALLBACKS = [
  "proxy_on_context_create",
  "proxy_on_vm_start",
  "proxy_on_configure",
  "proxy_on_request_headers",
  "proxy_on_request_body",
  "proxy_on_request_trailers",
  "proxy_on_response_headers",
  "proxy_on_response_body",
  "proxy_on_response_trailers",
  "proxy_on_log",
  "proxy_on_tick",
  "proxy_on_delete",
];

/** A guest with every callback, none of which does anything; `proxy_on_done` answers `done`. */
const silent = (done = 1): Uint8Array =>
  guest(() => [...CALLBACKS.map((name) => callback(name, "")), callback("proxy_on_done", "", done)].join(""));

/** Every call into the module. */
async function calls(wasm: Uint8Array, fields: string): Promise<string[]> {
  const lines: string[] = [];
  const result = await runOne(wasm, fields, {
    logLevel: "TRACE",
    configuration: Buffer.from("config"),
    trace: (line) => lines.push(line),
  });
  expect(result.failures).toEqual([]);
  return lines.filter((line) => line.startsWith("-> ")).map((line) => line.slice("-> proxy_on_".length));
}

describe("the order of calls", () => {
  it("is plugin, stream, phases, end of stream, end of plugin", async () => {
    const fields = `
      response_body { input { content: "four" } }
      response_headers { input { header { key: "a" } header { key: "A" } header { key: "b" } } }
      request_body { input { content: "123" } }
      request_body {}
      request_headers {}`;
    expect(await calls(silent(), fields)).toEqual([
      "context_create(1, 0)",
      "vm_start(1, 0)",
      "configure(1, 6)",
      "context_create(2, 1)",
      "request_headers(2, 0, 0)",
      "request_body(2, 3, 1)",
      "request_body(2, 0, 1)",
      "response_headers(2, 2, 0)",
      "response_body(2, 4, 1)",
      "done(2)",
      "delete(2)",
      "done(1)",
      "delete(1)",
    ]);
  });

  it("leaves out absent phases, and the root's deletion if it is not done", async () => {
    expect(await calls(silent(0), "response_headers {}")).toEqual([
      "context_create(1, 0)",
      "vm_start(1, 0)",
      "configure(1, 6)",
      "context_create(2, 1)",
      "response_headers(2, 0, 0)",
      "done(2)",
      "delete(2)",
      "done(1)",
    ]);
  });

  it("does without callbacks that a module lacks", async () => {
    const wasm = guest(() => "");
    const fields =
      'request_headers {} request_body { input { content: "x" } result { body { exact: "x" } } } response_headers {}';
    expect(await failures(wasm, fields)).toEqual([]);
  });

  it("begins anew with each test", async () => {
    const wasm = guest(
      () => `(global $count (mut i32) (i32.const 0))
        ${callback("proxy_on_request_headers", `(global.set $count (i32.add (global.get $count) (i32.const 1))) ${logStatus("(global.get $count)")}`)}`,
    );
    const results = await runText(
      wasm,
      'test { name: "a" request_headers {} } test { name: "a" request_headers {} }',
    );
    expect(results.map(({ log }) => log)).toEqual([["info: 01"], ["info: 01"]]);
  });
});

describe("start code", () => {
  const start = (body: string): Uint8Array => guest(() => `(func (export "_initialize") ${body})`);

  it("may log, which nobody checks", async () => {
    const wasm = guest((text) => `(func (export "_initialize") ${logText(text("up"))})`);
    const result = await runOne(wasm, 'plugin_init { log { exact: "up" invert: true } }');
    expect([result.passed, result.log]).toEqual([true, ["info: up"]]);
  });

  it("may call no other host function", async () => {
    const wasm = guest(
      (text) =>
        `(func (export "_initialize") ${logText(text("up"))} (drop (call $proxy_get_current_time_nanoseconds (i32.const 0))))`,
    );
    const { failures: all, log } = await runOne(wasm, "request_headers {}");
    expect(all).toMatchObject([
      {
        kind: "error",
        phase: "load",
        message: expect.stringContaining(
          "proxy_get_current_time_nanoseconds may not be called here",
        ) as string,
        log: ["info: up"],
      },
    ]);
    expect(log).toEqual(["info: up"]);
  });

  it("that traps fails the test", async () => {
    expect(await failures(start("(unreachable)"), "")).toEqual([
      expect.stringContaining("error load: Function: _initialize failed: Uncaught RuntimeError: unreachable"),
    ]);
  });
});

describe("a module that cannot be loaded fails every test", () => {
  const suite = 'test { name: "a" } test { name: "b" }';

  it.for([
    ["is none", new Uint8Array([1, 2, 3]), "not a valid WebAssembly module"],
    [
      "has no ABI version",
      guest(() => "", { marker: "something" }),
      "the module exports none of proxy_abi_version_0_1_0",
    ],
    ["has no allocator", guest(() => "", { allocator: " " }), "neither malloc nor proxy_on_memory_allocate"],
    [
      "is of ABI 0.1.0",
      guest(() => "", { marker: "proxy_abi_version_0_1_0" }),
      "built for Proxy-Wasm ABI 0.1.0",
    ],
  ] as const)("if it %s", async ([, wasm, reason]) => {
    const results: readonly TestResult[] = await runText(wasm, suite);
    expect(results.map(({ name, passed }) => [name, passed])).toEqual([
      ["a", false],
      ["b", false],
    ]);
    for (const { failures: all } of results)
      expect(all).toMatchObject([
        { kind: "error", phase: "load", message: expect.stringContaining(reason) as string },
      ]);
  });

  it("if it imports what the reference host lacks, though Envoy has it", async () => {
    const wasm = guest(
      (text) => `(func (export "x") (drop (call $envoy_resolve_dns ${text("h")} (i32.const 0))))`,
    );
    expect(await failures(wasm, "")).toEqual([expect.stringContaining("imports env.envoy_resolve_dns")]);
  });

  it("if its start section calls the host", async () => {
    const wasm = guest((text) => `(func $begin ${logText(text("x"))}) (start $begin)`);
    expect(await failures(wasm, "")).toEqual([expect.stringContaining("from its start section")]);
  });
});

describe("what ends a test", () => {
  it.for(["proxy_on_vm_start", "proxy_on_configure"])("%s that returns 0", async (name) => {
    const wasm = guest(
      (text) =>
        callback(name, logText(text("no")), 0) + callback("proxy_on_request_headers", logText(text("never"))),
    );
    const result = await runOne(wasm, 'plugin_init { log { exact: "other" } } request_headers {}');
    expect(result.failures).toMatchObject([
      { kind: "error", phase: "plugin_init", message: `${name} returned 0`, log: ["info: no"] },
    ]);
    expect(result.log).toEqual(["info: no"]);
  });

  it.for([
    ["proxy_on_context_create", "plugin_init"],
    ["proxy_on_request_headers", "request_headers"],
    ["proxy_on_response_body", "response_body"],
    ["proxy_on_done", "stream_destroy"],
  ] as const)("a trap in %s, with what was logged so far", async ([name, phase]) => {
    const wasm = guest((text) => callback(name, `${logText(text("so far"))} (unreachable)`));
    const result = await runOne(wasm, "request_headers {} response_body { result { body { exact: '' } } }");
    expect(result.failures).toMatchObject([
      {
        kind: "error",
        phase,
        message: expect.stringContaining(
          `Function: ${name} failed: Uncaught RuntimeError: unreachable`,
        ) as string,
        log: ["info: so far"],
      },
    ]);
  });

  it("a trap in the root's last callbacks, which are not checked otherwise", async () => {
    const wasm = guest(() =>
      callback("proxy_on_delete", "(if (i32.eq (local.get 0) (i32.const 1)) (then (unreachable)))"),
    );
    expect(await failures(wasm, "")).toEqual([
      expect.stringContaining("error plugin_destroy: Function: proxy_on_delete"),
    ]);
  });

  it.for([
    [
      "request_headers { input { content: 'nonsense' } }",
      'error request_headers: expected a request line such as "GET / HTTP/1.1", found "nonsense"',
    ],
    [
      "response_headers { input { content: 'HTTP/1.1 20' } }",
      'error response_headers: expected a status line such as "HTTP/1.1 200 OK", found "HTTP/1.1 20"',
    ],
    [
      "request_headers { input { content: 'GET * HTTP/1.1' } }",
      'error request_headers: Invalid URI: "*" is neither a URL nor a path from "/"',
    ],
    [
      "request_headers { input { file: 'missing.data' } }",
      "error request_headers: the file missing.data cannot be read (relative to the folder of the test vectors): there is no such file",
    ],
    [
      "request_body { input { file: 'missing.data' } }",
      "error request_body: the file missing.data cannot be read (relative to the folder of the test vectors): there is no such file",
    ],
    [
      "num_chunks: 1 response_body {} response_body {}",
      "error response_body: num_chunks and chunk_size cut one body, but there are 2 invocations of response_body",
    ],
    [
      "num_chunks: 4 request_body { input { content: '123' } }",
      "error request_body: a body of 3 bytes cannot be cut into 4 chunks (num_chunks)",
    ],
    ["num_chunks: 0 request_body {}", "error request_body: num_chunks is 0; at least 1 is needed"],
    ["chunk_size: -1 request_body {}", "error request_body: chunk_size is -1; at least 1 is needed"],
  ])("input that cannot be used: %#", async ([fields, expected]) => {
    // What comes after it is not run: the last phase would fail.
    const after = "response_body { result { body { exact: 'never' } } }";
    const more = fields!.includes("response_body") ? "" : after;
    expect(await failures(silent(), `${fields} ${more}`)).toEqual([expected]);
  });

  it("not a host function that the reference host lacks: that is only noted", async () => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_request_headers",
        [
          "(call $proxy_continue_stream (i32.const 0))",
          "(call $proxy_close_stream (i32.const 0))",
          `(call $proxy_define_metric (i32.const 0) ${text("m")} (i32.const 0))`,
          "(call $proxy_increment_metric (i32.const 1) (i64.const 1))",
          "(call $proxy_record_metric (i32.const 1) (i64.const 1))",
          "(call $proxy_get_metric (i32.const 1) (i32.const 0))",
          `(call $proxy_http_call ${text("c")} ${text("")} ${text("")} ${text("")} (i32.const 1) (i32.const 0))`,
          `(call $proxy_grpc_call ${text("c")} ${text("s")} ${text("m")} ${text("")} ${text("")} (i32.const 1) (i32.const 0))`,
          `(call $proxy_grpc_stream ${text("c")} ${text("s")} ${text("m")} ${text("")} (i32.const 0))`,
          `(call $proxy_grpc_send (i32.const 1) ${text("")} (i32.const 0))`,
          "(call $proxy_grpc_cancel (i32.const 1))",
          "(call $proxy_grpc_close (i32.const 1))",
          `(call $proxy_set_property ${text("p")} ${text("v")})`,
        ]
          .map(logStatus)
          .join(""),
      ),
    );
    const result = await runOne(wasm, "request_headers {}");
    expect(result.log).toEqual(new Array(13).fill("info: 12"));
    expect(result.passed).toBe(true);
    expect(result.notes).toHaveLength(13);
    expect(result.notes[0]).toBe(
      "proxy_continue_stream is not offered by the host of test vectors (Unimplemented)",
    );
  });

  it("but a WASI function whose answer nobody knows", async () => {
    const wasm = guest(() =>
      callback(
        "proxy_on_request_headers",
        "(drop (call $fd_seek (i32.const 1) (i64.const 0) (i32.const 0) (i32.const 0)))",
      ),
    );
    expect(await failures(wasm, "request_headers {} response_headers { result { immediate {} } }")).toEqual([
      expect.stringContaining("error request_headers: the guest called the WASI function fd_seek"),
    ]);
  });

  it("not proc_exit either, which returns to the module", async () => {
    const wasm = guest((text) =>
      callback("proxy_on_request_headers", `(call $proc_exit (i32.const 3)) ${logText(text("on"))}`),
    );
    const result = await runOne(wasm, "request_headers {}");
    expect([result.passed, result.log, result.notes]).toEqual([
      true,
      ["info: on"],
      ["wasi proc_exit(3) called; the proxy goes on"],
    ]);
  });
});

describe("the log", () => {
  const chatty = guest(
    (text) =>
      `(func (export "_initialize") ${logText(text("start"))})` +
      [
        "proxy_on_context_create",
        "proxy_on_vm_start",
        "proxy_on_request_headers",
        "proxy_on_request_body",
        "proxy_on_done",
        "proxy_on_delete",
      ]
        .map((name) => callback(name, logText(text(name.slice("proxy_on_".length)))))
        .join(""),
  );

  it("belongs to a context and is cleared before each phase, but for the creation of a context", async () => {
    const all = ["start", "context_create", "vm_start", "request_headers", "request_body", "done", "delete"];
    const only = (...lines: string[]): string =>
      all.map((line) => `log { exact: "${line}" invert: ${!lines.includes(line)} }`).join(" ");
    expect(
      await failures(
        chatty,
        `plugin_init { ${only("context_create", "vm_start")} }
         stream_init { ${only("context_create")} }
         request_headers { result { ${only("request_headers")} } }
         request_body { result { ${only("request_body")} } }
         stream_destroy { ${only("done", "delete")} }`,
      ),
    ).toEqual([]);
  });

  it("keeps lines from the level on, which is INFO unless the file or the caller says otherwise", async () => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_request_headers",
        [0, 1, 2, 3, 4, 5, 6]
          .map((level) => `(drop (call $proxy_log (i32.const ${level}) ${text(`level ${level}`)}))`)
          .join("") + logStatus(`(call $proxy_log (i32.const 6) ${text("x")})`),
      ),
    );
    const kept = async (env: string, level?: "WARN"): Promise<string[]> => {
      const options = level === undefined ? {} : { logLevel: level };
      const [result] = await runText(wasm, `${env} test { request_headers {} }`, options);
      return result!.log.map((line) => line.replace(": level", ""));
    };
    const high = ["warn 3", "error 4", "critical 5"];
    expect(await kept("")).toEqual(["info 2", ...high, "info: 02"]);
    expect(await kept("env { log_level: UNDEFINED }")).toEqual(["info 2", ...high, "info: 02"]);
    expect(await kept("env { log_level: TRACE }")).toEqual([
      "trace 0",
      "debug 1",
      "info 2",
      ...high,
      "info: 02",
    ]);
    expect(await kept("env { log_level: CRITICAL }")).toEqual(["critical 5"]);
    expect(await kept("env { log_level: TRACE }", "WARN")).toEqual(high);
  });

  it("has the lines of stdout and stderr, and those of an effective context where they belong", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_request_headers",
          // A vector of one string at 600: its pointer and length are stored there first.
          `(i32.store (i32.const 600) ${text("out\n").split(") (")[0]!.replace(/\)?$/, ")")})
           (i32.store (i32.const 604) (i32.const 4))
           (drop (call $fd_write (i32.const 1) (i32.const 600) (i32.const 1) (i32.const 700)))
           (drop (call $fd_write (i32.const 2) (i32.const 600) (i32.const 1) (i32.const 700)))
           ${logStatus("(call $proxy_set_effective_context (i32.const 9))")}
           ${logStatus("(call $proxy_set_effective_context (i32.const 1))")}
           ${logText(text("to the root"))}
           ${logStatus("(call $proxy_set_effective_context (i32.const 0))")}`,
        ) + callback("proxy_on_done", logStatus("(call $proxy_set_effective_context (i32.const 2))"), 1),
    );
    const expectation =
      'log { exact: "out" } log { exact: "02" } log { exact: "to the root" invert: true } log { exact: "00" }';
    const result = await runOne(
      wasm,
      `request_headers { result { ${expectation} } } stream_destroy { log { exact: "00" } }`,
    );
    expect(result.failures).toEqual([]);
    // The stream is unknown to the root's own proxy_on_done, after its deletion.
    expect(result.log).toEqual([
      "info: out",
      "error: out",
      "info: 02",
      "info: 00",
      "info: to the root",
      "info: 00",
      "info: 00",
      "info: 02",
    ]);
  });
});

describe("the clock", () => {
  const wasm = guest(() =>
    callback(
      "proxy_on_request_headers",
      `(drop (call $proxy_get_current_time_nanoseconds (i32.const 600)))
       (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 608)))
       (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 616)))
       (drop (call $proxy_log (i32.const 2) (i32.const 600) (i32.const 24)))`,
    ),
  );
  it.for([
    ["", 1_000_000n],
    ["env { time_secs: 0 }", 1_000_000n],
    ["env { time_secs: 123456789 }", 123_456_789_000_000_000n],
  ] as const)("stands still: %s", async ([env, expected]) => {
    const bytes = Buffer.alloc(24);
    for (const at of [0, 8, 16]) bytes.writeBigUInt64LE(expected, at);
    const exact = [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
    const [result] = await runText(
      wasm,
      `${env} test { request_headers { result { log { exact: "${exact}" } } } }`,
    );
    expect(result!.failures).toEqual([]);
  });
});

describe("small host functions", () => {
  it("answer as the reference host does", async () => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_request_headers",
        [
          "(call $proxy_set_tick_period_milliseconds (i32.const 10))",
          "(call $proxy_done)",
          `(call $proxy_call_foreign_function ${text("f")} ${text("")} (i32.const 0) (i32.const 0))`,
          `(call $proxy_set_shared_data ${text("k")} ${text("v")} (i32.const 0))`,
          `(call $proxy_set_shared_data ${text("k")} ${text("v")} (i32.const 99))`,
          `(call $proxy_get_shared_data ${text("k")} (i32.const 600) (i32.const 604) (i32.const 608))`,
          `(call $proxy_get_shared_data ${text("none")} (i32.const 600) (i32.const 604) (i32.const 608))`,
          `(call $proxy_register_shared_queue ${text("q")} (i32.const 600))`,
          `(call $proxy_resolve_shared_queue ${text("")} ${text("q")} (i32.const 604))`,
          `(call $proxy_resolve_shared_queue ${text("")} ${text("other")} (i32.const 604))`,
          `(call $proxy_enqueue_shared_queue (i32.load (i32.const 600)) ${text("item")})`,
          "(call $proxy_dequeue_shared_queue (i32.load (i32.const 600)) (i32.const 608) (i32.const 612))",
          "(call $proxy_dequeue_shared_queue (i32.load (i32.const 600)) (i32.const 608) (i32.const 612))",
          "(call $proxy_get_log_level (i32.const 600))",
          "(i32.load (i32.const 600))",
          "(call $proxy_get_status (i32.const 600) (i32.const 604) (i32.const 608))",
          "(i32.load (i32.const 600))",
        ]
          .map(logStatus)
          .join(""),
      ),
    );
    expect(await logged(wasm, "request_headers {}")).toEqual(
      [0, 1, 1, 0, 8, 0, 1, 0, 0, 1, 0, 0, 7, 0, 0, 0, 1].map((status) => String(status).padStart(2, "0")),
    );
  });
});

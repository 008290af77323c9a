// The harness on a real Envoy: start, stop, log, statistics, crashes, and every part of the configuration.
import { afterEach, expect, test } from "vitest";

import { type Envoy, EnvoyError, type EnvoyRunOptions, startEnvoy, validate } from "../src/envoy/index.ts";
import { header } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { http2 } from "../tests/support/http2-client.ts";
import { startTcpEcho, TcpClient } from "../tests/support/tcp.ts";
import { startUpstream } from "../tests/support/upstream.ts";
import { bareGuest, guest, logCall } from "./support/modules.ts";

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});
async function keep<T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  running.push(started);
  return started;
}
const start = (options?: EnvoyRunOptions): Promise<Envoy> => keep(startEnvoy(options));
const refused = (options: EnvoyRunOptions): Promise<EnvoyError> =>
  startEnvoy(options).then(
    (envoy) => envoy.stop().then(() => Promise.reject(new Error("Envoy started"))),
    (error: EnvoyError) => error,
  );

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("an Envoy without filters forwards over HTTP/1.1 and HTTP/2, answers by itself, and leaves nothing behind", async () => {
  const one = await keep(startUpstream());
  const two = await keep(startUpstream({ http2: true }));
  const envoy = await start({
    http: {
      routes: [
        { path: "/direct", directResponse: { status: 418, body: "teapot" } },
        { prefix: "/two", cluster: "two" },
        { cluster: "one" },
      ],
      accessLog: "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE%",
    },
    clusters: { one: one.port, two: { port: two.port, http2: true } },
  });
  const plain = await http1(envoy.port, {
    ...{ method: "POST", path: "/a?b", headers: [["x-bytes", "\xC0\xA7"]] },
    ...{ body: ["in ", 5, "pieces"], trailers: [["x-end", "1"]] },
  });
  expect([plain.status, plain.body.toString(), plain.problem]).toEqual([200, "in pieces", undefined]);
  expect(header(one.last().headers, "x-bytes")).toBe("\xC0\xA7");
  expect(one.last().trailers).toEqual([["x-end", "1"]]);

  two.handler = () => ({ body: "two", trailers: [["x-end", "2"]] });
  const overHttp2 = await http2(envoy.port, { path: "/two", headers: [["x-a", "1"]] });
  expect([overHttp2.status, overHttp2.body.toString(), overHttp2.trailers]).toEqual([
    200,
    "two",
    [["x-end", "2"]],
  ]);
  expect(header(two.last().headers, "x-a")).toBe("1");

  const direct = await http1(envoy.port, { path: "/direct?x" });
  expect([direct.status, direct.body.toString()]).toEqual([418, "teapot"]);
  await expect.poll(() => envoy.accessLog).toEqual(["POST /a?b 200", "GET /two 200", "GET /direct?x 418"]);

  expect(await envoy.stat("cluster.two.upstream_rq_200")).toBe(1);
  expect(await envoy.stat("no.such.stat")).toBeUndefined();
  expect(Object.keys(await envoy.stats("^cluster\\.one\\.upstream_rq_200$"))).toEqual([
    "cluster.one.upstream_rq_200",
  ]);
  expect(await envoy.admin("/ready")).toBe("LIVE\n");
  await expect(envoy.admin("/nonsense")).rejects.toThrow(/answered 404 to GET \/nonsense/);

  expect(envoy.alive).toBe(true);
  expect(await envoy.stop()).toEqual({ code: 0, signal: null });
  expect([envoy.alive, isRunning(envoy.pid)]).toEqual([false, false]);
  expect(await envoy.stop()).toEqual({ code: 0, signal: null });
});

test("Envoys that start at the same time do not get in each other's way", async () => {
  const envoys = await Promise.all([1, 2, 3].map(() => start()));
  const ports = envoys.flatMap((envoy) => [envoy.port, envoy.adminPort]);
  expect(new Set(ports).size).toBe(6);
  for (const envoy of envoys) expect((await http1(envoy.port)).status).toBe(200);
});

test("a module adds a header, logs lines that stay whole, and grows its memory", async () => {
  const module = await guest(`
    (data (i32.const 0) "helloworldone\\0atwo: three")
    (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
      (drop (call $add_header (i32.const 2) (i32.const 0) (i32.const 5) (i32.const 5) (i32.const 5)))
      ${logCall(3, 10, 14)}
      (drop (memory.grow (i32.const 5)))
      (i32.const 0))`);
  const envoy = await start({
    http: { filters: [{ wasm: module, name: "greeter", rootId: "root", vmId: "vm" }] },
  });
  expect(envoy.linearMemoryPages()).toEqual([2, 2, 2]);
  const response = await http1(envoy.port);
  expect(header(response.headers, "hello")).toBe("world");
  const entry = await envoy.log.waitFor(/two: three/);
  expect(entry).toMatchObject({ level: "warning", component: "wasm" });
  expect(envoy.log.wasm).toEqual([{ level: "warning", prefix: "greeter root vm", text: "one\ntwo: three" }]);
  expect(envoy.linearMemoryPages().sort()).toEqual([2, 2, 7]);
  await expect(envoy.log.waitFor("never", 20)).rejects.toThrow(
    /did not show never: not within 20 ms[^]*two: three/,
  );
});

test("configurations reach the guest byte for byte, whatever YAML may think of them", async () => {
  const module = await guest(`
    (func (export "proxy_on_configure") (param $root i32) (param $size i32) (result i32)
      (drop (call $get_buffer (i32.const 7) (i32.const 0) (local.get $size) (i32.const 16) (i32.const 20)))
      (drop (call $log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))
      (i32.const 1))`);
  const texts = [
    "n",
    "on",
    "1.0",
    "null",
    "~",
    "0x10",
    "a: b # c",
    "'\"\\",
    "x\n\n  y\n",
    "\t\r\n\x7f\x85\u2028é🎉\0",
    "",
  ];
  const envoy = await start({
    http: {
      filters: texts.map((configuration, index) => ({
        wasm: module,
        name: `f${index}`,
        rootId: `r${index}`,
        configuration,
      })),
    },
  });
  for (const [index, text] of texts.entries()) {
    const own = envoy.log.wasm.filter((line) => line.prefix === `r${index}`);
    expect(own.map((line) => line.text)).toContain(text);
  }
});

test("a module that Envoy refuses is an error that names the cause and what to do", async () => {
  const module = await bareGuest(`(import "env" "abort" (func (param i32 i32 i32 i32)))`);
  const error = await refused({ http: { filters: [{ wasm: module }] } });
  expect(error).toBeInstanceOf(EnvoyError);
  expect(error.message).toMatch(/^Envoy ended before it was ready \(exit code 1\)\./);
  expect(error.message).toMatch(/missing import: env\.abort/);
  expect(error.message).toMatch(/build it without that import/);
  expect(error.exit).toEqual({ code: 1, signal: null });
  await expect(validate({ http: { filters: [{ wasm: module }] } })).rejects.toThrow(
    /^Envoy refused the configuration \(exit code 1\)\.[^]*missing import: env\.abort/,
  );
});

test("what a plugin logs before it refuses its configuration is part of the error", async () => {
  const module = await guest(`
    (data (i32.const 0) "no such mode")
    (func (export "proxy_on_configure") (param i32 i32) (result i32) ${logCall(3, 0, 12)} (i32.const 0))`);
  const { message } = await refused({ http: { filters: [{ wasm: module }] } });
  expect(message).toMatch(/no such mode[^]*onConfigure returned false or trapped/);
});

test("a missing module, an unknown field and a taken port are each named", async () => {
  const missing = await refused({ http: { filters: [{ wasm: "no/such.wasm" }] } });
  expect(missing.message).toMatch(/There is no module \/.*no\/such\.wasm: build it first/);
  const unknown = await refused({ override: (bootstrap) => void (bootstrap.no_such_field = 1) });
  expect(unknown.message).toMatch(/no_such_field[^]*this version of Envoy does not know/);
  const server = await keep(startTcpEcho());
  const taken = await refused({ http: { port: server.port }, override: exclusive });
  expect(taken.message).toMatch(/Address already in use[^]*use port 0/);
});

test("a module that traps answers 503 and shows its function in the log", async () => {
  const module = await guest(`
    (func $deep (unreachable))
    (func $callback (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (call $deep) (i32.const 0))`);
  const envoy = await start({ http: { filters: [{ wasm: module }] } });
  expect((await http1(envoy.port)).status).toBe(503);
  const entry = await envoy.log.waitFor("proxy_on_request_headers failed");
  expect(entry.level).toBe("error");
  expect(entry.message).toMatch(/unreachable\nProxy-Wasm plugin in-VM backtrace:\n.*deep\n.*callback/);
  expect(envoy.alive).toBe(true);
});

test("a crash while a module is loaded is seen as the signal it is", async () => {
  const module = await guest(`(func $start ${logCall(2, 0, 1)}) (start $start)`);
  const error = await refused({ http: { filters: [{ wasm: module }] } });
  expect(error.exit).toEqual({ code: null, signal: "SIGSEGV" });
  expect(error.message).toMatch(/signal SIGSEGV[^]*Segmentation fault[^]*start section/);
});

test("a crash while Envoy serves ends what waits for it", async () => {
  const module = await guest(`
    (func (export "proxy_on_done") (param i32) (result i32)
      (call $respond (i32.const 500) ${"(i32.const 0) ".repeat(6)} (i32.const -1)))`);
  const envoy = await start({ http: { filters: [{ wasm: module }] } });
  const waiting = envoy.log.waitFor("never", 10_000);
  waiting.catch(() => {});
  await http1(envoy.port);
  expect(await envoy.exit).toEqual({ code: null, signal: "SIGSEGV" });
  await expect(waiting).rejects.toThrow(/Envoy is gone \(signal SIGSEGV\)/);
  expect(envoy.alive).toBe(false);
  await expect(envoy.admin("/ready")).rejects.toThrow(/did not answer GET \/ready/);
});

test("network filters, access loggers, services and stats sinks run, each with its callbacks", async () => {
  const server = await keep(startTcpEcho());
  const say = (name: string, type: string, result = ""): string =>
    `(func (export "${name}") ${type} ${logCall(2, 0, 4)} ${result})`;
  const module = (text: string, callback: string): Promise<Uint8Array> =>
    guest(`(data (i32.const 0) "${text}") ${callback}`);
  const one = "(param i32) (result i32)";
  const two = "(param i32 i32)";
  const envoy = await start({
    http: { accessLoggers: [{ wasm: await module("log ", say("proxy_on_log", "(param i32)")) }] },
    tcp: {
      filters: [{ wasm: await module("tcp ", say("proxy_on_new_connection", one, "(i32.const 0)")) }],
      cluster: "echo",
    },
    clusters: { none: {}, echo: server.port },
    wasmServices: [
      { wasm: await module("serv", say("proxy_on_configure", `${two} (result i32)`, "(i32.const 1)")) },
    ],
    statsSinks: [{ wasm: await module("stat", say("envoy_on_stats_update", two)) }],
    statsFlushIntervalMs: 100,
  });
  expect(Object.keys(envoy.ports)).toEqual(["http", "tcp"]);
  expect(envoy.port).toBe(envoy.ports.http);
  expect((await http1(envoy.port)).status).toBe(503);
  const client = await TcpClient.open(envoy.ports.tcp ?? 0);
  client.write("ping");
  expect((await client.read(4)).toString()).toBe("ping");
  client.close();
  for (const text of ["log ", "tcp ", "serv", "stat"])
    await envoy.log.waitFor((entry) => entry.wasm?.text === text);
});

test("limits on headers, buffers and silence are Envoy's to keep", async () => {
  const upstream = await keep(startUpstream());
  const module = await guest(`
    (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32) (i32.const 1))`);
  const envoy = await start({
    http: {
      ...{
        maxHeadersCount: 10,
        maxRequestHeadersKb: 2,
        perConnectionBufferLimitBytes: 5000,
        streamIdleTimeoutMs: 200,
      },
      filters: [{ wasm: module }],
    },
    clusters: { upstream: { port: upstream.port, maxHeadersCount: 10, maxResponseHeadersKb: 2 } },
  });
  const many = Array.from({ length: 11 }, (_, index) => [`x-${index}`, ""] as const);
  const long = [["x-long", "a".repeat(3000)]] as const;
  expect((await http1(envoy.port)).status).toBe(200);
  expect((await http1(envoy.port, { headers: many })).status).toBe(431);
  expect((await http1(envoy.port, { headers: long })).status).toBe(431);
  expect((await http1(envoy.port, { method: "POST", body: "a".repeat(20_000) })).status).toBe(413);
  upstream.handler = () => ({ headers: many });
  expect((await http1(envoy.port)).status).toBe(502);
  upstream.handler = () => ({ headers: long });
  expect((await http1(envoy.port)).status).toBe(502);
  upstream.handler = () => "never";
  expect((await http1(envoy.port)).status).toBe(504);
});

test("Envoy finds no fault with any option", async () => {
  const wasm = await guest("");
  const plugin = {
    ...{
      wasm,
      name: "all",
      rootId: "r",
      vmId: "v",
      configuration: "{}",
      vmConfiguration: new Uint8Array([0, 255]),
    },
    ...({ failurePolicy: "FAIL_RELOAD", reloadBackoffMs: 500, allowOnHeadersStopIteration: true } as const),
    environmentVariables: { keyValues: { y: "no", MODE: "1.0" }, hostEnvKeys: ["HOME"] },
    allowedCapabilities: ["proxy_log", "proxy_on_vm_start"],
  };
  const log = await validate({
    http: [
      {
        ...{
          name: "main",
          port: 0,
          address: "127.0.0.1",
          perConnectionBufferLimitBytes: 4096,
          accessLog: "%REQ(:PATH)%",
        },
        ...{ maxRequestHeadersKb: 10, maxHeadersCount: 20, streamIdleTimeoutMs: 0, accessLoggers: [plugin] },
        filters: [plugin, { ...plugin, name: "off", disabled: true }],
        routes: [
          { name: "skip", prefix: "/skip", cluster: "b", timeoutMs: 1500, disabledFilters: ["all"] },
          {
            path: "/x",
            directResponse: { status: 204 },
            fields: { metadata: { filter_metadata: { a: { b: 1 } } } },
          },
          {},
        ],
        connectionManager: { server_name: "on", via: "1.0" },
      },
      {},
    ],
    tcp: { filters: [plugin], idleTimeoutMs: 1000, accessLoggers: [plugin], accessLog: "%BYTES_SENT%" },
    clusters: {
      a: { port: 1, connectTimeoutMs: 250, perConnectionBufferLimitBytes: 4096, maxHeadersCount: 5 },
      b: { port: 1, address: "localhost", http2: true, maxResponseHeadersKb: 100, filters: [plugin] },
      c: { fields: { circuit_breakers: { thresholds: [{ max_retries: 1 }] } } },
    },
    wasmServices: [plugin, { ...plugin, singleton: false }],
    statsSinks: [plugin],
    ...{
      statsFlushIntervalMs: 1000,
      node: { id: "n", cluster: "on", metadata: { y: true } },
      concurrency: 2,
    },
  });
  expect(log.entries.filter((entry) => ["error", "critical"].includes(entry.level))).toEqual([]);
});

/** Lets Envoy's listener not share its port, so that a taken port is an error whoever has it. */
function exclusive(bootstrap: Record<string, unknown>): void {
  const { listeners } = bootstrap.static_resources as { listeners: Record<string, unknown>[] };
  for (const listener of listeners) listener.enable_reuse_port = false;
}

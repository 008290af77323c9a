// What a filter does inside of serve: its log, its answers, callouts and ticks on real time, its settings.
import { describe, expect, test } from "vitest";

import { atEnd, example, local, serve, upstreamServer } from "./support.ts";
import { buildFilter } from "../support/asc.ts";
import { callback, guest, logAnswer, logStatus, logText, OUT } from "../host/guest.ts";
import { encodePairs } from "../../src/host/pairs.ts";
import { header } from "../support/bytes.ts";
import { http1, Http1Connection } from "../support/http-client.ts";
import { http2 } from "../support/http2-client.ts";
import { startTcp } from "../support/tcp.ts";

type Text = (value: string | Uint8Array) => string;

describe("the report", () => {
  test("has the address first, then the log of the start, of each stream, and a line per request", async () => {
    const wasm = await buildFilter(`
import { FilterHeadersStatus, HttpContext, registerRootContext, RootContext, logWarn, logDebug } from "proxy-wasm-as";
class Root extends RootContext {
  override onConfigure(size: u32): bool { console.log("configured"); return true; }
  override createHttpContext(contextId: u32): HttpContext { return new Stream(); }
}
class Stream extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    logWarn("careful\\nsecond line");
    logDebug("not shown");
    return FilterHeadersStatus.Continue;
  }
  override onLog(): void { console.log("over"); }
}
registerRootContext<Root>();`);
    const { server, port, lines, line } = await serve(wasm);
    await http1(port, { path: "/a?b=c" });
    await http2(port, { path: `/${"x".repeat(100)}`, method: "POST", body: "b" });
    await line(/\[3 .* 200/);
    expect(lines[0]).toMatch(
      new RegExp(
        `^listening on ${server.url} \\(filter.wasm, \\d+ bytes; no upstream, so requests are echoed\\)$`,
      ),
    );
    expect(lines.slice(1, 4)).toEqual([
      "[1 root] info configured",
      "[2 GET /a?b=c] warn careful\nsecond line",
      "[2 GET /a?b=c] info over",
    ]);
    expect(lines[4]).toMatch(/^\[2 GET \/a\?b=c\] 200 via_upstream, \d+ bytes, \d+\.\d ms$/);
    expect(lines[5]).toMatch(/^\[3 POST \/x{76}\.\.\.\] warn /);
    expect(lines.join()).not.toContain("not shown");
    await server.close();
  });

  test("shows control characters as what they are", async () => {
    const wasm = guest((text) =>
      callback("proxy_on_request_headers", logText(text("\x1b]0;title\x07 \x1b[2J"))),
    );
    const { port, line } = await serve(wasm);
    await http1(port);
    expect(await line(/title/)).toBe("[2 GET /] info \\x1b]0;title\\x07 \\x1b[2J");
  });

  test("a lower log level shows more, and the filter is told of it", async () => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_configure",
        `(drop (call $proxy_log (i32.const 0) ${text("finest")})) (drop (call $proxy_get_log_level (i32.const ${OUT}))) ${logStatus(`(i32.load (i32.const ${OUT}))`)}`,
      ),
    );
    const { lines } = await serve(wasm, { logLevel: "trace" });
    expect(lines.slice(1)).toEqual(["[1 root] trace finest", "[1 root] info 00"]);
  });
});

test("a filter answers by itself, or lets pass and changes the response", async () => {
  const { port, line } = await serve(example("auth-header"));
  const denied = await http1(port);
  expect([denied.status, denied.body.toString()]).toEqual([401, "authorization header required\n"]);
  expect(header(denied.headers, "content-length")).toBe("30");
  const passed = await http2(port, { headers: [["authorization", "me"]] });
  expect([passed.status, header(passed.headers, "x-test")]).toEqual([200, "me"]);
  await line(/\[2 GET \/\] 401, 30 bytes/);
});

test("whole bodies are rewritten, whatever comes in", async () => {
  const upper = await serve(example("uppercase-body"));
  const echoed = await http1(upper.port, { method: "POST", body: ["some ", 20, "text"] });
  expect(JSON.parse(echoed.body.toString())).toMatchObject({ body: "SOME TEXT" });
  const upstream = await upstreamServer({
    handler: () => ({ headers: [["content-type", "text/plain"]], body: ["teh ", 20, "end"] }),
  });
  const rewrite = await serve(example("response-rewrite"), { upstream: local(upstream.port) });
  expect((await http1(rewrite.port)).body.toString()).toBe("the end");
});

test("configuration, environment and root id reach the filter", async () => {
  const wasm = guest((text) =>
    callback(
      "proxy_on_configure",
      `${logAnswer("(call $proxy_get_buffer_bytes (i32.const 7) (i32.const 0) (i32.const -1)")}
       ${logAnswer(`(call $proxy_get_property ${text("plugin_root_id")}`)}
       ${logAnswer(`(call $proxy_get_property ${text("plugin_name")}`)}
       (drop (call $environ_get (i32.const ${OUT}) (i32.const 700)))
       (drop (call $proxy_log (i32.const 2) (i32.const 700) (i32.const 9)))`,
    ),
  );
  const { lines } = await serve(wasm, {
    configuration: Buffer.from("für dich"),
    rootId: "my-root",
    environment: { MODE: "test" },
  });
  expect(lines.slice(1).map((line) => line.replace("[1 root] info ", ""))).toEqual(
    ["für dich", "my-root", "filter", "MODE=test\\x00".replace("\\x00", "")].map((line) => line),
  );
});

test("the connection's addresses and the protocol are properties", async () => {
  const wasm = guest((text) =>
    callback(
      "proxy_on_response_headers",
      ["source\0address", "destination\0address", "request\0protocol", "upstream\0address"]
        .map((path) => logAnswer(`(call $proxy_get_property ${text(path)}`))
        .join(""),
    ),
  );
  const upstream = await upstreamServer();
  const { port, lines } = await serve(wasm, { upstream: local(upstream.port) });
  await http2(port);
  const values = lines.slice(1, 5).map((line) => line.replace("[2 GET /] info ", ""));
  expect(values[0]).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(values.slice(1)).toEqual([`127.0.0.1:${port}`, "HTTP/2", `127.0.0.1:${upstream.port}`]);
});

const call = (text: Text, cluster = "auth", timeout = 1000, body = "") =>
  `(call $proxy_http_call ${text(cluster)} ${text(
    encodePairs([
      [":method", body === "" ? "GET" : "POST"],
      [":path", "/check"],
      [":authority", "auth.local"],
    ]),
  )} ${text(body)} (i32.const 0) (i32.const 0) (i32.const ${timeout}) (i32.const ${OUT}))`;
const RESUME =
  "(drop (call $proxy_set_effective_context (i32.const 2))) (drop (call $proxy_continue_stream (i32.const 0)))";
const asking = (cluster: string, timeout = 1000, body = "") =>
  guest(
    (text) =>
      callback("proxy_on_request_headers", `(drop ${call(text, cluster, timeout, body)})`, 4) +
      callback(
        "proxy_on_http_call_response",
        `${logAnswer(`(call $proxy_get_header_map_value (i32.const 6) ${text(":status")}`)}
         ${logAnswer("(call $proxy_get_buffer_bytes (i32.const 4) (i32.const 0) (i32.const -1)")} ${RESUME}`,
      ),
  );

describe("callouts", () => {
  test("go to the server of their cluster, and the request waits for the answer", async () => {
    const auth = await upstreamServer({ handler: () => ({ delayMs: 50, body: "yes" }) });
    const upstream = await upstreamServer();
    const { port, line } = await serve(asking("auth", 1000, "who?"), {
      upstream: local(upstream.port),
      clusters: { auth: local(auth.port) },
    });
    const response = await http1(port);
    expect([response.status, upstream.requests.length]).toEqual([200, 1]);
    expect(auth.last()).toMatchObject({
      method: "POST",
      path: "/check",
      body: Buffer.from("who?"),
      complete: true,
    });
    expect(header(auth.last().headers, "host")).toBe("auth.local");
    await line(/\[1 root\] info 200/);
    await line(/\[1 root\] info yes/);
  });

  test("fail as in Envoy: 503 when nobody listens, 504 when nobody answers", async () => {
    const silent = await startTcp(() => {});
    atEnd(() => silent.stop());
    const late = await serve(asking("auth", 100), { clusters: { auth: local(silent.port) } });
    expect((await http1(late.port)).status).toBe(200);
    await late.line(/info 504/);
    await late.line(/info upstream request timeout/);
    const gone = await startTcp(() => {});
    await gone.stop();
    const refused = await serve(asking("auth"), { clusters: { auth: local(gone.port) } });
    expect((await http1(refused.port)).status).toBe(200);
    await refused.line(/info 503/);
  });

  test("to a cluster without a server are refused, as for an unknown cluster", async () => {
    const wasm = guest((text) => callback("proxy_on_request_headers", logStatus(call(text, "nobody"))));
    const { port, line } = await serve(wasm);
    await http1(port);
    await line(/\[2 GET \/\] info 02/);
  });
});

test("ticks come by the clock, also without any request", async () => {
  const wasm = guest(
    (text) =>
      callback("proxy_on_configure", "(drop (call $proxy_set_tick_period_milliseconds (i32.const 20)))") +
      callback("proxy_on_tick", logText(text("tick"))),
  );
  const { lines, server } = await serve(wasm);
  await expect.poll(() => lines.filter((line) => line === "[1 root] info tick").length).toBeGreaterThan(3);
  await server.close();
  const count = lines.length;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(lines.length).toBe(count);
});

test("the end of the server ends open streams, then the root", async () => {
  const names = ["log", "done", "delete"];
  const wasm = guest(
    (text) =>
      names
        .map((name) =>
          callback(`proxy_on_${name}`, `${logText(text(name))} ${logStatus("(local.get 0)")}`, 1),
        )
        .join("") + callback("proxy_on_request_headers", logText(text("held")), 4),
  );
  const { port, server, lines, line } = await serve(wasm);
  const connection = await Http1Connection.open(port);
  await connection.write(["GET /held HTTP/1.1\r\nhost: a\r\n\r\n"]);
  await line(/info held/);
  await server.close();
  expect(await connection.ended).toMatch(/closed|ECONNRESET/);
  const ends = lines.filter((each) => each.includes(" info ")).map((each) => each.replace(/^.*info /, ""));
  expect(ends).toEqual(["held", ...names.flatMap((name) => [name, "02"]), "done", "01", "delete", "01"]);
});

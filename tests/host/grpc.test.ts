// gRPC callouts (envoy-facts 7.2).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { encodePairs } from "../../src/host/pairs.ts";
import { callback, guest, logAnswer, logStatus, logText, OUT } from "./guest.ts";
import type { HostOptions, LogEntry } from "../../src/testing/index.ts";

type Text = (value: string | Uint8Array) => string;
const texts = (logs: readonly LogEntry[]) =>
  logs.filter((entry) => entry.source === "guest").map((entry) => entry.text);
/** GrpcService { envoy_grpc { cluster_name } }. */
const service = (cluster: string) =>
  Buffer.from([0x0a, cluster.length + 2, 0x0a, cluster.length, ...Buffer.from(cluster)]);
const unary = (text: Text, target: Uint8Array | string = service("up"), timeout = 0) =>
  `(call $proxy_grpc_call ${text(target)} ${text("pkg.Auth")} ${text("Check")} ${text(encodePairs([["X-Meta", "m"]]))} ${text("question")} (i32.const ${timeout}) (i32.const ${OUT}))`;
const stream = (text: Text, target: Uint8Array | string = service("up")) =>
  `(call $proxy_grpc_stream ${text(target)} ${text("pkg.Auth")} ${text("Watch")} (i32.const 0) (i32.const 0) (i32.const ${OUT}))`;
const TOKEN = logStatus(`(i32.load (i32.const ${OUT}))`);
const EVENTS = (text: Text) =>
  ["receive_initial_metadata", "receive", "receive_trailing_metadata", "close"]
    .map((name) =>
      callback(
        `proxy_on_grpc_${name}`,
        `${logText(text(name))} ${logStatus("(local.get 1)")} ${logStatus("(local.get 2)")} ${name === "receive" ? logAnswer("(call $proxy_get_buffer_bytes (i32.const 5) (i32.const 0) (i32.const -1)") : ""}
      ${name === "close" ? `(drop (call $proxy_get_status (i32.const ${OUT + 8}) (i32.const ${OUT}) (i32.const ${OUT + 4}))) ${logStatus(`(i32.load (i32.const ${OUT + 8}))`)} (drop (call $proxy_log (i32.const 2) (i32.load (i32.const ${OUT})) (i32.load (i32.const ${OUT + 4}))))` : ""}`,
      ),
    )
    .join("");
const opening = (open: (text: Text) => string) =>
  guest((text) => callback("proxy_on_configure", logStatus(open(text)) + TOKEN) + EVENTS(text));
const host = (wasm: Uint8Array, grpc: HostOptions["grpc"] = { up: "open" }) =>
  createHost({ wasm, ...(grpc === undefined ? {} : { grpc }) });

describe("unary gRPC callouts", () => {
  it("deliver one message and nothing else (7.2)", async () => {
    let seen: unknown;
    const running = await host(opening(unary), {
      up: (request) => {
        seen = [
          request.service,
          request.method,
          request.metadata.get("x-meta"),
          String(request.message),
          request.timeout,
        ];
        return { message: "answer" };
      },
    });
    expect(seen).toEqual(["pkg.Auth", "Check", "m", "question", 0]);
    expect(texts(running.logs)).toEqual(["00", "05", "receive", "05", "06", "answer"]);
    expect(running.callouts.grpc).toEqual([]);
  });

  it("deliver a failure as close alone, with code and text (7.2)", async () => {
    const running = await host(opening(unary), { up: () => ({ status: 7, message: "nope" }) });
    expect(texts(running.logs).slice(2)).toEqual(["close", "05", "07", "07", "nope"]);
  });

  it("time out with UNAVAILABLE (7.2)", async () => {
    const running = await host(opening((text) => unary(text, service("up"), 100)));
    await running.advance(100);
    expect(texts(running.logs).slice(2, 5)).toEqual(["close", "05", "14"]);
  });

  it("number tokens 5, 9; refuse an unknown cluster: bare 4, serialized 10 (7.2)", async () => {
    const running = await host(
      guest((text) =>
        callback(
          "proxy_on_configure",
          logStatus(unary(text)) +
            TOKEN +
            logStatus(unary(text, service("none"))) +
            logStatus(unary(text, "\xffbare")) +
            logStatus(unary(text)) +
            TOKEN,
        ),
      ),
    );
    expect(texts(running.logs)).toEqual(["00", "05", "10", "04", "00", "17"]);
  });

  it("can be cancelled: nothing comes any more, and a second time it is NotFound (7.2)", async () => {
    const cancel = (token: number) => logStatus(`(call $proxy_grpc_cancel (i32.const ${token}))`);
    const running = await host(
      guest(
        (text) =>
          callback("proxy_on_configure", logStatus(unary(text)) + cancel(5) + cancel(5) + cancel(4)) +
          EVENTS(text),
      ),
      { up: () => ({ message: "late" }) },
    );
    expect(texts(running.logs)).toEqual(["00", "00", "01", "02"]);
  });
});

describe("gRPC streams", () => {
  it("deliver metadata, messages, trailing metadata and close (7.2)", async () => {
    const running = await host(opening(stream));
    const [open] = running.callouts.grpc;
    expect([open?.kind, open?.service, open?.method, open?.token]).toEqual([
      "stream",
      "pkg.Auth",
      "Watch",
      6,
    ]);
    await open?.initialMetadata({ a: "1" });
    await open?.send("one");
    await open?.send("two");
    await open?.close(0, "", { t: "1" });
    expect(texts(running.logs).slice(2)).toEqual([
      "receive_initial_metadata",
      "06",
      "01",
      "receive",
      "06",
      "03",
      "one",
      "receive",
      "06",
      "03",
      "two",
      "receive_trailing_metadata",
      "06",
      "01",
      "close",
      "06",
      "00",
      "00",
      "",
    ]);
    expect(() => open?.respond("x")).toThrow(/gRPC call/);
  });

  it("take messages of the guest, and know tokens by kind (7.2)", async () => {
    const send = (token: number, text: Text, end: number) =>
      logStatus(`(call $proxy_grpc_send (i32.const ${token}) ${text("hi")} (i32.const ${end}))`);
    const running = await host(
      guest((text) =>
        callback(
          "proxy_on_configure",
          logStatus(stream(text)) +
            send(6, text, 0) +
            send(6, text, 1) +
            send(5, text, 0) +
            send(10, text, 0) +
            logStatus("(call $proxy_grpc_close (i32.const 6))"),
        ),
      ),
    );
    expect(texts(running.logs)).toEqual(["00", "00", "00", "02", "01", "00"]);
    expect([running.callouts.grpc[0]?.messages.map(String), running.callouts.grpc[0]?.halfClosed]).toEqual([
      ["hi", "hi"],
      true,
    ]);
  });

  it("to an unknown cluster still close, for a token that was never given (7.2)", async () => {
    const running = await host(opening((text) => stream(text, service("none"))));
    expect(texts(running.logs)).toEqual(["10", "00", "close", "06", "14", "14", "Cluster not available"]);
  });

  it("to a cluster without hosts tell of their metadata within the call (parity table)", async () => {
    const running = await host(
      opening((text) => stream(text)),
      { up: "no-hosts" },
    );
    expect(texts(running.logs)).toEqual([
      ...["receive_initial_metadata", "06", "00", "receive_trailing_metadata", "06", "04"],
      ...["10", "00", "close", "06", "14", "14", "no healthy upstream{no_healthy_upstream}"],
    ]);
  });

  it("whose remote side has closed are freed by grpc_close (7.2)", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_configure",
          `(drop ${stream(text)}) (drop (call $proxy_set_tick_period_milliseconds (i32.const 1)))`,
        ) + callback("proxy_on_tick", logStatus("(call $proxy_grpc_close (i32.const 6))")),
    );
    const running = await host(wasm);
    await running.callouts.grpc[0]?.close(0);
    await running.advance(2);
    expect(texts(running.logs)).toEqual(["00", "01"]);
  });
});

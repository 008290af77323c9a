// proxy_send_local_response (envoy-facts 6).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { encodePairs } from "../../src/host/pairs.ts";
import { callback, guest, logAnswer, logStatus, logText } from "./guest.ts";
import type { HostOptions, LogEntry, RequestInput } from "../../src/testing/index.ts";

type Text = (value: string | Uint8Array) => string;
const texts = (logs: readonly LogEntry[]) => logs.map((entry) => entry.text);
const reply = (
  text: Text,
  { status = 403, body = "", headers = [] as [string, string][], details = "", grpc = -1 } = {},
) =>
  `(call $proxy_send_local_response (i32.const ${status}) ${text(details)} ${text(body)} ${text(encodePairs(headers))} (i32.const ${grpc}))`;
const SEEN = (text: Text) =>
  callback("proxy_on_response_headers", `${logText(text("headers"))} ${logStatus("(local.get 2)")}`) +
  callback("proxy_on_response_body", logText(text("body")));

async function walk(wasm: Uint8Array, input: RequestInput = {}, options: Partial<HostOptions> = {}) {
  return (await createHost({ wasm, ...options })).request(input);
}

describe("local responses", () => {
  it("has the guest's headers after :status, and content-length and content-type from Envoy (6)", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_request_headers",
          logStatus(
            reply(text, {
              body: "no",
              headers: [
                ["X-A", "1"],
                ["content-length", "99"],
              ],
            }),
          ),
        ) + SEEN(text),
    );
    const { response, logs } = await walk(wasm, {}, { edgeHeaders: false });
    expect(response.headers.entries()).toEqual([
      [":status", "403"],
      ["x-a", "1"],
      ["content-length", "2"],
      ["content-type", "text/plain"],
    ]);
    expect(texts(logs)).toEqual(["00", "headers", "00", "body"]);
  });

  it("keeps the guest's content-type, and has neither without a body (6)", async () => {
    const html = guest((text) =>
      callback(
        "proxy_on_request_headers",
        logStatus(reply(text, { body: "x", headers: [["content-type", "text/html"]] })),
      ),
    );
    expect((await walk(html)).response.headers.get("content-type")).toBe("text/html");
    const empty = guest(
      (text) =>
        callback(
          "proxy_on_request_headers",
          logStatus(reply(text, { headers: [["content-type", "text/html"]] })),
        ) + SEEN(text),
    );
    const { response, logs } = await walk(empty);
    expect([response.headers.has("content-type"), response.headers.has("content-length")]).toEqual([
      false,
      false,
    ]);
    expect(texts(logs)).toEqual(["00", "headers", "01"]);
  });

  it("wins over continue_stream in the same callback, whichever comes first (6)", async () => {
    const resume = "(drop (call $proxy_continue_stream (i32.const 0)))";
    for (const order of [(answer: string) => answer + resume, (answer: string) => resume + answer]) {
      const wasm = guest((text) => callback("proxy_on_request_headers", order(`(drop ${reply(text)})`), 1));
      expect((await walk(wasm)).response.status).toBe(403);
    }
  });

  it("ends the request while its body passes, and resets the upstream (6)", async () => {
    const wasm = guest((text) =>
      callback("proxy_on_request_body", `(if (local.get 2) (then (drop ${reply(text, { status: 400 })})))`),
    );
    const { upstream, response } = await walk(wasm, { method: "POST", body: ["a", "b"], protocol: "HTTP/2" });
    expect([response.status, upstream?.text(), upstream?.complete, upstream?.reset]).toEqual([
      400,
      "a",
      false,
      true,
    ]);
  });

  it("replaces a response that has not left, without further callbacks (6)", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_response_headers",
          `${logText(text("headers"))} (drop ${reply(text, { status: 500, body: "replaced" })})`,
        ) +
        callback("proxy_on_response_body", logText(text("body"))) +
        callback("proxy_on_log", logText(text("log"))),
    );
    const { response, logs } = await walk(wasm, { upstream: { body: "original", headers: { "x-up": "1" } } });
    expect([response.status, response.text(), response.headers.has("x-up")]).toEqual([
      500,
      "replaced",
      false,
    ]);
    expect(texts(logs)).toEqual(["headers", "log"]);
  });

  it("can only cut a response that has left (6)", async () => {
    const wasm = guest((text) => callback("proxy_on_response_body", `(drop ${reply(text)})`));
    const { response } = await walk(wasm, { upstream: { body: ["a", "b"] } });
    expect([response.status, response.reset !== null]).toEqual([200, true]);
  });

  it("sent twice in one callback, the first is sent with the details of the second (6)", async () => {
    const wasm = guest(
      (text) =>
        callback(
          "proxy_on_request_headers",
          `(drop ${reply(text, { status: 401, details: "first" })}) (drop ${reply(text, { status: 402, details: "second" })})`,
        ) +
        callback("proxy_on_log", logAnswer(`(call $proxy_get_property ${text("response\0code_details")}`)),
    );
    const { response, logs } = await walk(wasm);
    expect([response.status, texts(logs)]).toEqual([401, ["second"]]);
  });

  it("still shows the request headers in response_headers of the reply (6)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_headers", `(drop ${reply(text)})`, 1) +
        callback(
          "proxy_on_response_headers",
          logAnswer(`(call $proxy_get_header_map_value (i32.const 0) ${text(":path")}`),
        ),
    );
    expect(texts((await walk(wasm, { path: "/x" })).logs)).toEqual(["/x"]);
  });

  it.each([
    [-1, "7"],
    [17, "7"],
    [5, "5"],
    [0, "0"],
  ])("becomes a trailers-only answer for gRPC requests, with status %i given (6)", async (grpc, expected) => {
    const wasm = guest((text) =>
      callback("proxy_on_request_headers", `(drop ${reply(text, { body: "no way", grpc })})`),
    );
    const { response } = await walk(wasm, { headers: { "content-type": "application/grpc" } });
    expect([
      response.status,
      response.headers.get("grpc-status"),
      response.headers.get("grpc-message"),
      response.text(),
    ]).toEqual([200, expected, "no way", ""]);
  });

  it("is seen by filters before it in the list, and by later ones only if they ran (2.1)", async () => {
    const gate = guest(
      (text) =>
        callback("proxy_on_request_headers", `(drop ${reply(text)})`) +
        callback("proxy_on_response_headers", logText(text("gate"))),
    );
    const watch = guest(
      (text) =>
        callback("proxy_on_request_headers", logText(text("request"))) +
        callback("proxy_on_response_headers", logText(text("response"))),
    );
    const order = async (first: Uint8Array, second: Uint8Array) =>
      texts(
        (await (await createHost({ plugins: [{ wasm: first }, { wasm: second, vmId: "b" }] })).request())
          .logs,
      );
    expect(await order(watch, gate)).toEqual(["request", "gate", "response"]);
    expect(await order(gate, watch)).toEqual(["gate"]);
  });

  it("answers a HEAD request with its headers alone", async () => {
    const wasm = guest((text) =>
      callback("proxy_on_request_headers", `(drop ${reply(text, { body: "gone" })})`),
    );
    const { response } = await walk(wasm, { method: "HEAD" });
    expect([response.status, response.headers.get("content-length"), response.text()]).toEqual([
      403,
      "4",
      "",
    ]);
  });
});

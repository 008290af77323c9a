// Properties (envoy-facts 8 and 2.2).
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { parseProto } from "../../src/host/protobuf.ts";
import { callback, guest, logAnswer, logStatus } from "./guest.ts";
import type { HostOptions, LogEntry, PropertyValue, RequestInput } from "../../src/testing/index.ts";

type Text = (value: string | Uint8Array) => string;
const texts = (logs: readonly LogEntry[]) => logs.map((entry) => entry.text);
const get = (text: Text, ...path: string[]) =>
  logAnswer(`(call $proxy_get_property ${text(path.join("\0"))}`);
const at = (name: string, body: (text: Text) => string) => guest((text) => callback(name, body(text)));
/** Logs the bytes of a property in hex, which logging as text would garble. */
const hex = (logs: readonly LogEntry[]) =>
  logs.map((entry) => Buffer.from(entry.text, "latin1").toString("hex"));
const long = (value: number | bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes.toString("hex");
};

async function walk(wasm: Uint8Array, input: RequestInput = {}, options: Partial<HostOptions> = {}) {
  return (await createHost({ wasm, ...options })).request(input);
}
/** What the guest reads for each path, given values that are ASCII. */
async function read(paths: string[][], properties: Record<string, PropertyValue> = {}) {
  return texts(
    (
      await walk(
        at("proxy_on_request_headers", (text) => paths.map((path) => get(text, ...path)).join("")),
        {},
        { properties },
      )
    ).logs,
  );
}

describe("properties", () => {
  it("of the request come from its headers while they are there (2.2)", async () => {
    const paths = [
      "path",
      "url_path",
      "query",
      "host",
      "scheme",
      "method",
      "referer",
      "useragent",
      "id",
      "protocol",
    ];
    const body = (text: Text) => paths.map((name) => get(text, "request", name)).join("");
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_headers", body(text)) + callback("proxy_on_response_headers", body(text)),
    );
    const { logs } = await walk(wasm, {
      path: "/a/b?c=d?e",
      headers: { referer: "r", "user-agent": "ua", "x-request-id": "id" },
    });
    expect(texts(logs).slice(0, 10)).toEqual([
      "/a/b?c=d?e",
      "/a/b",
      "c=d?e",
      "example.com",
      "http",
      "GET",
      "r",
      "ua",
      "id",
      "HTTP/1.1",
    ]);
    expect(texts(logs).slice(10)).toEqual([...Array(9).fill("01"), "HTTP/1.1"]);
  });

  it("of the response are there from response_headers on, and in log (2.2)", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_headers", get(text, "response", "code")) +
        callback(
          "proxy_on_response_headers",
          get(text, "response", "code") + get(text, "response", "code_details"),
        ) +
        callback(
          "proxy_on_log",
          get(text, "response", "flags") +
            get(text, "response", "size") +
            get(text, "request", "duration") +
            get(text, "response", "grpc_status"),
        ),
    );
    const { logs } = await walk(wasm, { upstream: { status: 300, body: "hello" } });
    expect(texts(logs.slice(0, 1))).toEqual(["01"]);
    expect(hex(logs.slice(1))).toEqual([
      long(300),
      Buffer.from("via_upstream").toString("hex"),
      long(0),
      long(5),
      long(0),
      long(2),
    ]);
  });

  it("give bodies and headers their sizes", async () => {
    const { logs } = await walk(
      at("proxy_on_log", (text) => get(text, "request", "size") + get(text, "request", "headers_bytes")),
      { method: "POST", body: "abc", headers: { a: "b" } },
      { edgeHeaders: false },
    );
    expect(hex(logs)[0]).toBe(long(3));
  });

  it("are encoded by type (8)", async () => {
    const properties = {
      metadata: {
        filter_metadata: {
          ns: { text: "t", number: 1.5, yes: true, none: null, list: ["a", "b"], map: { k: "v" } },
        },
      },
      "source.port": 1234,
      "connection.mtls": true,
      "request.time": new Date(5),
      "upstream.cx_pool_ready_duration": 7n,
      "filter_state.wasm.foo": new Uint8Array([1, 2]),
    };
    const meta = (...keys: string[]) => ["metadata", "filter_metadata", "ns", ...keys];
    const paths = [
      meta("text"),
      meta("number"),
      meta("yes"),
      meta("none"),
      meta("list"),
      meta("list", "1"),
      meta("map"),
      meta("map", "k"),
      meta("nope"),
      ["source", "port"],
      ["connection", "mtls"],
      ["request", "time"],
      ["upstream", "cx_pool_ready_duration"],
      ["filter_state", "wasm.foo"],
    ];
    const { logs } = await walk(
      at("proxy_on_request_headers", (text) => paths.map((path) => get(text, ...path)).join("")),
      {},
      { properties, logLevel: "info" },
    );
    const double = Buffer.alloc(8);
    double.writeDoubleLE(1.5);
    const values = logs.map((entry) => entry.text);
    expect(values[0]).toBe("t");
    expect(values[3]).toBe("");
    expect(values[4]).toBe("\x02\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0a\0\0b\0\0");
    expect(values[5]).toBe("b");
    expect(values[6]).toBe("\x01\0\0\0\x01\0\0\0\x01\0\0\0k\0v\0");
    expect([values[7], values[8]]).toEqual(["v", "01"]);
    expect(Buffer.from(values[2]!, "latin1").toString("hex")).toBe("01");
    expect(Buffer.from(values[10]!, "latin1").toString("hex")).toBe("01");
    expect(Buffer.from(values[12]!, "latin1").toString("hex")).toBe(long(7));
    expect(Buffer.from(values[13]!, "latin1").toString("hex")).toBe("0102");
  });

  it("metadata as a whole is a protobuf message (8)", async () => {
    const { logs } = await walk(
      at("proxy_on_request_headers", (text) => get(text, "metadata")),
      {},
      { properties: { metadata: { filter_metadata: { ns: { k: "v" } } } } },
    );
    const fields = parseProto(Buffer.from(logs[0]!.text, "latin1"));
    const entry = parseProto(fields?.get(1)?.[0] as Buffer);
    expect(String(entry?.get(1)?.[0])).toBe("ns");
  });

  it("can be walked into, but groups cannot be read whole (8)", async () => {
    const groups = ["request", "response", "connection", "xds", "filter_state", "source"].map((group) => [
      group,
    ]);
    expect(await read(groups)).toEqual(Array(6).fill("03"));
  });

  it("have paths of segments: a trailing NUL is tolerated, an empty segment is NotFound, an empty path a failure, a dot no separator (8)", async () => {
    expect(
      await read([["request", "method", ""], ["request", "", "method"], [""], ["request.method"]]),
    ).toEqual(["GET", "01", "03", "01"]);
  });

  it("that Envoy has removed are NotFound (8)", async () => {
    const removed = [
      "node",
      "cluster_name",
      "cluster_metadata",
      "route_name",
      "route_metadata",
      "listener_direction",
      "listener_metadata",
      "upstream_host_metadata",
      "virtual_host_name",
    ];
    expect(await read(removed.map((name) => [name]))).toEqual(removed.map(() => "01"));
  });

  it("of the plugin can be read everywhere; on the root there is else only the node (8)", async () => {
    const body = (text: Text) =>
      ["plugin_name", "plugin_root_id", "plugin_vm_id"].map((name) => get(text, name)).join("") +
      get(text, "xds", "node", "id") +
      get(text, "xds", "route_name");
    const wasm = guest(
      (text) => callback("proxy_on_vm_start", body(text)) + callback("proxy_on_request_headers", body(text)),
    );
    const host = await createHost({
      wasm,
      name: "n",
      rootId: "r",
      vmId: "v",
      properties: { "xds.node": { id: "node-1" }, "xds.route_name": "route" },
    });
    expect(texts(host.logs)).toEqual(["n", "r", "v", "node-1", "01"]);
    expect(texts((await host.request()).logs)).toEqual(["n", "r", "v", "node-1", "route"]);
  });

  it("written by set_property are seen by every filter of the stream under the bare key, and in log (8)", async () => {
    const set = (text: Text) => logStatus(`(call $proxy_set_property ${text("key")} ${text("value")})`);
    const writer = guest(
      (text) => callback("proxy_on_configure", set(text)) + callback("proxy_on_request_headers", set(text)),
    );
    const reader = guest(
      (text) =>
        callback("proxy_on_request_headers", get(text, "key") + get(text, "filter_state", "wasm.key")) +
        callback("proxy_on_log", get(text, "key")),
    );
    const host = await createHost({ plugins: [{ wasm: writer }, { wasm: reader, vmId: "other" }] });
    expect(texts(host.logs)).toEqual(["01"]);
    expect(texts((await host.request()).logs)).toEqual(["00", "value", "value", "value"]);
  });

  it("can be set for one stream, and typed in while the host runs", async () => {
    const host = await createHost({
      wasm: at("proxy_on_request_headers", (text) => get(text, "source", "address")),
    });
    const seen = async (input: RequestInput = {}) => texts((await host.request(input)).logs)[0];
    expect(await seen()).toBe("127.0.0.1:50000");
    host.properties.set("source.address", "10.0.0.1:1");
    expect(await seen()).toBe("10.0.0.1:1");
    expect(await seen({ properties: { "source.address": "10.0.0.2:2" } })).toBe("10.0.0.2:2");
    host.properties.delete("source.address");
    expect(await seen()).toBe("127.0.0.1:50000");
  });

  it("that are messages ask for their bytes", async () => {
    const host = await createHost({
      wasm: at("proxy_on_request_headers", (text) => get(text, "xds", "node")),
      properties: { "xds.node": { id: "x" } },
    });
    await expect(host.request()).rejects.toMatchObject({ code: "unsupported", message: /xds\.node/ });
  });
});

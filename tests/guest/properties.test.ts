// The readers of properties of the guest library, in the embedded host, where a test types the values in.
import { beforeAll, expect, test } from "vitest";

import { createHost, type LogEntry } from "../../src/testing/index.ts";
import { buildFile } from "../support/asc.ts";

let logs: readonly LogEntry[];
const seen = new Map<string, string>();

beforeAll(async () => {
  const host = await createHost({
    wasm: await buildFile("tests/guest/assembly/properties.ts"),
    ...{ name: "dump", rootId: "dump-root", vmId: "dump-vm" },
    properties: {
      "connection.tls_version": "TLSv1.3",
      "connection.mtls": true,
      "response.backend_latency": 5_000_000n,
      "upstream.cx_pool_ready_duration": 7n,
      "upstream.locality": Uint8Array.of(1, 2, 3),
      "xds.listener_direction": 2n,
      "xds.route_metadata": {
        filter_metadata: {
          "test.types": {
            ...{ "a.text": "text", number: 3.5, fraction: "1.5", flag: true, list: ["a", "b"] },
            ...{ nothing: null, struct: { Name: "value", other: "more" } },
          },
        },
      },
      metadata: { filter_metadata: { test: { where: "dynamic" } } },
    },
  });
  await host.request({ path: "/p?q=1", headers: { "x-a": ["1", "2"] } });
  logs = host.logs;
  for (const { text } of logs) {
    const [, name, value] = /^(\S+ .+?) = ([^]*)$/.exec(text) ?? [];
    if (name !== undefined) seen.set(name, value ?? "");
  }
}, 60_000);

test.each([
  ["request.path", '"/p?q=1"'],
  ["request.header", '"1,2"'],
  ["request.duration", "absent"],
  ["response.code", "absent"],
  ["response.codeDetails", "null"],
  ["connection.id", "0"],
  ["connection.mtls", "truetrue"],
  ["connection.tlsVersion", '"TLSv1.3"'],
  ["connection.peerCertificate", "null"],
  ["source.address", '"127.0.0.1:50000"'],
  ["source.port", "50000"],
  ["upstream.cxPoolReadyDuration", "7"],
  ["upstream.localityBytes", "3 bytes"],
  ["xds.listenerDirection", "2"],
  ["xds.nodeId", "null"],
  ["plugin.rootId", '"dump-root"'],
  ["route text", '"text"'],
  ["route number", "3.5"],
  ["route fraction", '"1.5"'],
  ["route flag", "true"],
  ["route list", "[a,b]"],
  ["route item", '"b"'],
  ["route struct", "{Name:value,other:more}"],
  ["route member", '"value"'],
  ["route absent", "null"],
  ["route has", "truefalse"],
  ["cluster", "null"],
  ["dynamic", '"dynamic"'],
])("in request headers, %s = %s", (name, value) => {
  expect(seen.get(`request ${name}`)).toBe(value);
});

test.each([
  ["response request.path", "null"],
  ["response response.code", "200"],
  ["log request.path", '"/p?q=1"'],
  ["log response.codeDetails", '"via_upstream"'],
  ["log response.backendLatency", "5000000"],
  ["log own", '"välue"'],
  ["root plugin.name", '"dump"'],
  ["root request.protocol", "null"],
  ["root set", "1"],
  ["readers segments", '"HTTP/1.1"'],
  ["readers joined", '"HTTP/1.1"'],
  ["readers same", '"HTTP/1.1"'],
  ["readers has", "truefalse"],
  ["readers i64", "50000"],
  ["readers misfit", "-7true"],
  ["readers group", "null"],
  ["readers no segments", "null"],
  ["writing own", '"välue"'],
  ["writing as filter state", '"välue"'],
  ["writing raw", "2 bytes"],
])("%s = %s", (name, value) => {
  expect(seen.get(name)).toBe(value);
});

test("a reader that does not fit says so, once", () => {
  expect(logs.map((entry) => entry.text).filter((text) => text.includes("proxy-wasm-as"))).toEqual([
    "proxy-wasm-as: a property has 6 bytes and was read as a value of 8: use the reader for its type",
  ]);
});

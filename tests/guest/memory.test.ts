// Linear memory over long runs, with few and many streams open: it finds its level and stays there.
import { describe, expect, test } from "vitest";

import { buildFile } from "../support/asc.ts";
import { finish, request, startStub, type Stub } from "./stub-host.ts";

/** Runs requests with `live` others open all the time, oldest ended first; returns the pages in use afterwards. */
function run(stub: Stub, from: number, count: number, live: number, bodySize = 0): number {
  for (let id = from; id < from + count; id++) {
    request(stub, id, bodySize);
    if (id - live >= 2) finish(stub, id - live);
  }
  return stub.pages;
}

const EXAMPLES = ["hello", "auth-header", "greeting", "uppercase-body", "response-rewrite"];

describe.each(["minimal", "incremental"])("runtime %s", (runtime) => {
  test.each(EXAMPLES)("%s: 60,000 requests take no more than 20,000", async (example) => {
    const wasm = await buildFile(`examples/${example}/assembly/index.ts`, { options: { runtime } });
    const stub = await startStub(wasm, { header: `text/${"x".repeat(100)}` });
    const warm = run(stub, 2, 20_000, 0);
    expect(run(stub, 20_002, 60_000, 0)).toBe(warm);
    expect(warm).toBeLessThanOrEqual(4);
  });

  test.each([100, 5000])("with %i streams open", async (live) => {
    const wasm = await buildFile("examples/auth-header/assembly/index.ts", { options: { runtime } });
    const stub = await startStub(wasm, { header: "x".repeat(100) });
    const warm = run(stub, 2, 40_000, live);
    expect(run(stub, 40_002, 300_000, live)).toBe(warm);
    // A stream holds an object of about 60 bytes and a text of 200.
    expect(warm).toBeLessThanOrEqual(Math.ceil((live * 2000) / 65536) + 8);
  });

  test("whole bodies of 100 KiB random bytes (field report 77)", async () => {
    const wasm = await buildFile("examples/uppercase-body/assembly/index.ts", { options: { runtime } });
    const body = Uint8Array.from({ length: 100 * 1024 }, (_, i) => (i * 2654435761) >>> 13);
    const stub = await startStub(wasm, { header: null, body });
    const warm = run(stub, 2, 60, 10, body.length);
    expect(run(stub, 62, 300, 10, body.length)).toBe(warm);
  });
});

test("contexts come and go in any number and order", async () => {
  const stub = await startStub(await buildFile("examples/greeting/assembly/index.ts"));
  const ids = Array.from({ length: 20_000 }, (_, i) => i + 2);
  for (const id of ids) request(stub, id);
  const most = stub.pages;
  // Odd ones first, from both ends.
  for (const id of [...ids.filter((each) => each % 2), ...ids.filter((each) => !(each % 2)).reverse()])
    finish(stub, id);
  for (const id of ids) request(stub, id + 50_000);
  for (const id of ids) finish(stub, id + 50_000);
  expect(stub.pages).toBe(most);
});

test("ids that are unknown, dead or of another kind let everything pass", async () => {
  const stub = await startStub(await buildFile("tests/guest/assembly/registrations.ts"));
  request(stub, 2);
  finish(stub, 2);
  for (const id of [0, 1, 2, 3, 0xffffffff | 0]) {
    for (const name of [
      "request_headers",
      "request_body",
      "response_headers",
      "response_body",
      "downstream_data",
    ]) {
      expect(stub.call(`proxy_on_${name}`, id, 1, 1)).toBe(0);
    }
    expect(stub.call("proxy_on_new_connection", id)).toBe(0);
    stub.call("proxy_on_downstream_connection_close", id, 1);
    stub.call("proxy_on_log", id);
    stub.call("proxy_on_context_create", 9, id === 1 ? 77 : id);
  }
});

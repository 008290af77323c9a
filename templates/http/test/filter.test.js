// Runs the built module without a proxy, in a host that behaves as Envoy does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createHost } from "proxy-wasm-as/testing";

const wasm = new URL("../build/my-filter.wasm", import.meta.url);

test("every response says hello", async () => {
  const host = await createHost({ wasm, upstream: { status: 404, body: "nothing here" } });
  const { response } = await host.request({ path: "/anywhere" });
  assert.equal(response.status, 404);
  assert.equal(response.headers.get("hello"), "world");
});

test("the request arrives as it was sent", async () => {
  const host = await createHost({ wasm });
  const { upstream } = await host.request({ method: "POST", path: "/", body: "unchanged" });
  assert.equal(upstream.text(), "unchanged");
  assert.equal(upstream.headers.get("hello"), null);
});

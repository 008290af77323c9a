// Runs the built module without a proxy, in a host that behaves as Envoy does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createHost } from "proxy-wasm-as/testing";

const wasm = new URL("../build/my-filter.wasm", import.meta.url);
const lines = (host) => host.logs.map((entry) => entry.text);

test("it beats every five seconds", async () => {
  const host = await createHost({ wasm });
  await host.advance(4_999);
  assert.deepEqual(lines(host), []);
  await host.advance(5_001);
  assert.deepEqual(lines(host), ["beat 1", "beat 2"]);
});

test("the configuration is the number of seconds", async () => {
  const host = await createHost({ wasm, configuration: "1" });
  await host.advance(3_000);
  assert.deepEqual(lines(host), ["beat 1", "beat 2", "beat 3"]);
});

test("another configuration is refused", async () => {
  await assert.rejects(createHost({ wasm, configuration: "often" }), { code: "configure-refused" });
});

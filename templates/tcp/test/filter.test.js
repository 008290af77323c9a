// Runs the built module without a proxy, in a host that behaves as Envoy does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createHost } from "proxy-wasm-as/testing";

const wasm = new URL("../build/my-filter.wasm", import.meta.url);

test("the bytes of a connection are counted, both ways", async () => {
  const host = await createHost({ wasm });
  const connection = await host.tcp();
  await connection.downstreamData("hello");
  await connection.upstreamData("hello to you");
  await connection.close();
  assert.equal(connection.upstream.toString(), "hello");
  assert.equal(connection.client.toString(), "hello to you");
  assert.deepEqual(
    host.logs.map((entry) => entry.text),
    ["5 bytes from the client, 12 from the upstream"],
  );
});

// Tests the built filter without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/tcp-logger.wasm", import.meta.url);

test("a connection is logged with its bytes and its time, when it is over", async () => {
  const host = await createHost({ wasm, properties: { "source.address": "1.2.3.4:5" } });
  const connection = await host.tcp();
  const { forwarded } = await connection.downstreamData("ping");
  expect(forwarded.toString()).toBe("ping");
  await connection.upstreamData("a longer answer");
  await host.advance(20);
  expect(host.logs).toEqual([]);
  await connection.close();
  expect(host.logs.map((entry) => entry.text)).toEqual(["1.2.3.4:5: 4 bytes sent, 15 received, 20 ms"]);
});

test("connections at the same time do not mix", async () => {
  const host = await createHost({ wasm, properties: { "source.address": "1.2.3.4:5" } });
  const [one, other] = [await host.tcp(), await host.tcp()];
  await one.downstreamData("a");
  await other.downstreamData("bb");
  await one.close();
  await other.close();
  expect(host.logs.map((entry) => entry.text)).toEqual([
    "1.2.3.4:5: 1 bytes sent, 0 received, 0 ms",
    "1.2.3.4:5: 2 bytes sent, 0 received, 0 ms",
  ]);
});

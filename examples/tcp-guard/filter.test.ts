// Tests the built filter without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const options = {
  wasm: new URL("build/tcp-guard.wasm", import.meta.url),
  properties: { "source.address": "1.2.3.4:5" },
};

test("a connection waits for the answer, and then passes with what has come meanwhile", async () => {
  const host = await createHost({ ...options, callouts: { auth: "open" } });
  const connection = await host.tcp();
  await connection.downstreamData("early");
  expect([connection.connected, connection.upstream.toString()]).toEqual([false, ""]);
  const [call] = host.callouts.pending;
  expect(call?.request.headers.get(":path")).toBe("/check");
  expect(call?.request.headers.get("x-client")).toBe("1.2.3.4:5");
  await call?.respond({ status: 200 });
  expect([connection.connected, connection.upstream.toString()]).toEqual([true, "early"]);
});

test.each([{ status: 403 }, "refused", "reset", "timeout"] as const)(
  "an authorization service that answers %j closes the connection",
  async (auth) => {
    const host = await createHost({ ...options, callouts: { auth } });
    const connection = await host.tcp();
    if (!connection.finished) await host.advance(1000);
    expect([connection.closedByProxy, connection.connected]).toEqual([true, false]);
    expect(host.logs).toHaveLength(1);
  },
);

test("an unknown cluster closes the connection at once", async () => {
  const host = await createHost(options);
  const connection = await host.tcp();
  expect([connection.closedByProxy, connection.connected]).toEqual([true, false]);
});

test("a client that leaves while it waits is forgotten", async () => {
  const host = await createHost({ ...options, callouts: { auth: "open" } });
  const connection = await host.tcp();
  const [call] = host.callouts.pending;
  await connection.close();
  await call?.respond({ status: 200 });
  expect([connection.finished, host.logs]).toEqual([true, []]);
});

// Tests of the route-by-header filter, without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/route-by-header.wasm", import.meta.url);

test("beta users get a header that routes look at; nobody else has it", async () => {
  const host = await createHost({ wasm });
  const version = async (headers: Record<string, string>): Promise<string | null> =>
    (await host.request({ headers })).upstream?.headers.get("x-version") ?? null;
  expect(await version({ "x-user": "beta-bob" })).toBe("beta");
  expect(await version({ "x-user": "ada" })).toBeNull();
  expect(await version({ "x-version": "beta" })).toBeNull();
});

test("a tenant is filter state, which the upstream does not see", async () => {
  const host = await createHost({ wasm });
  const { upstream, logs } = await host.request({ headers: { "x-tenant": "blue" } });
  expect(upstream?.headers.get("x-version")).toBeNull();
  expect(logs).toEqual([]);
});

// Tests the built filter without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/auth-header.wasm", import.meta.url);

test("without the header the upstream is not asked", async () => {
  const host = await createHost({ wasm });
  const { upstream, response } = await host.request({ path: "/hello" });
  expect(upstream).toBeNull();
  expect(response.status).toBe(401);
  expect(response.text()).toBe("authorization header required\n");
});

test("the header's value comes back in the response", async () => {
  const host = await createHost({ wasm, upstream: { status: 200, body: "hi" } });
  const { upstream, response } = await host.request({ headers: { authorization: "Bearer t0ken" } });
  expect(upstream?.path).toBe("/");
  expect(response.headers.get("x-test")).toBe("Bearer t0ken");
  expect(response.text()).toBe("hi");
});

// Tests the built filter without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/external-auth.wasm", import.meta.url);
const headers = { authorization: "Bearer t0ken", "x-user": "root" };

test("the service's word for who it is goes on to the upstream, not the client's", async () => {
  const host = await createHost({ wasm, callouts: { auth: { status: 200, headers: { "x-user": "ada" } } } });
  const { upstream } = await host.request({ headers });
  expect(upstream?.headers.getAll("x-user")).toEqual(["ada"]);
});

test("whom the service refuses the upstream does not see", async () => {
  const host = await createHost({ wasm, callouts: { auth: { status: 403 } } });
  const { upstream, response } = await host.request({ headers });
  expect([upstream, response.status]).toEqual([null, 403]);
});

test.each([
  ["is refused a connection", "refused"],
  ["is cut off", "reset"],
  ["takes too long", "timeout"],
  ["has no host", "no-hosts"],
  ["breaks", { status: 500 }],
  ["does not say who it is", { status: 200 }],
] as const)("nobody passes where the call %s", async (_, auth) => {
  const behaviour = typeof auth === "string" && auth !== "no-hosts" ? () => auth : auth;
  const host = await createHost({ wasm, callouts: { auth: behaviour } });
  const { upstream, response } = await host.request({ headers });
  expect([upstream, response.status]).toEqual([null, 503]);
});

test("nobody passes where the proxy does not know the cluster", async () => {
  const host = await createHost({ wasm });
  expect((await host.request({ headers })).response.status).toBe(503);
});

test("without authorization nothing is asked", async () => {
  const host = await createHost({ wasm, callouts: { auth: "open" } });
  expect((await host.request()).response.status).toBe(401);
  expect(host.callouts.pending).toEqual([]);
});

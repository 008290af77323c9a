// Tests the built filter without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/grpc-auth.wasm", import.meta.url);
const headers = { authorization: "Bearer t0ken" };

/** A message whose first field is a text. */
const message = (text: string): Buffer => Buffer.concat([Buffer.from([10, text.length]), Buffer.from(text)]);

test("the service gets the token, and the upstream the user", async () => {
  const host = await createHost({
    wasm,
    grpc: {
      auth: (request) => {
        expect([request.service, request.method]).toEqual(["example.Auth", "Check"]);
        expect(request.message).toEqual(message("Bearer t0ken"));
        return { message: message("ada") };
      },
    },
  });
  const { upstream } = await host.request({ headers });
  expect(upstream?.headers.get("x-user")).toBe("ada");
});

test.each([
  [7, 403],
  [14, 503],
  [4, 503],
])("nobody passes on status %i", async (status, http) => {
  const host = await createHost({ wasm, grpc: { auth: () => ({ status }) } });
  const { upstream, response } = await host.request({ headers });
  expect([upstream, response.status]).toEqual([null, http]);
});

test.each([
  ["is empty", Buffer.alloc(0)],
  ["has no user", Buffer.from([16, 1])],
  ["is cut off", Buffer.from([10, 200])],
  ["never ends", Buffer.alloc(30, 255)],
])("nobody passes where the message %s", async (_, bytes) => {
  const host = await createHost({ wasm, grpc: { auth: () => ({ message: bytes }) } });
  expect((await host.request({ headers })).response.status).toBe(503);
  expect(host.trap).toBeNull();
});

test("nobody passes where the service has no host", async () => {
  const host = await createHost({ wasm, grpc: { auth: "no-hosts" } });
  expect((await host.request({ headers })).response.status).toBe(503);
});

// Tests the built filter without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/token-exchange.wasm", import.meta.url);
const headers = { "x-api-key": "s3cret" };

test("the token of the first call goes into the second, and both answers to the upstream", async () => {
  const asked: string[] = [];
  const host = await createHost({
    wasm,
    callouts: {
      identity: (request) => {
        asked.push(
          `${request.method} ${request.path} ${request.text() || request.headers.get("authorization")}`,
        );
        return { body: request.path === "/token" ? "t0ken" : "ada" };
      },
    },
  });
  const { upstream } = await host.request({ headers });
  expect(asked).toEqual(["POST /token s3cret", "GET /me Bearer t0ken"]);
  expect(upstream?.headers.get("authorization")).toBe("Bearer t0ken");
  expect(upstream?.headers.get("x-user")).toBe("ada");
  expect(upstream?.headers.get("x-api-key")).toBeNull();
});

test.each([
  ["/token", 401, 401],
  ["/me", 401, 401],
  ["/token", 500, 503],
  ["/me", 500, 503],
])("nobody passes where %s answers %i", async (path, answer, status) => {
  const host = await createHost({
    wasm,
    callouts: { identity: (request) => (request.path === path ? { status: answer } : { body: "t0ken" }) },
  });
  const { upstream, response } = await host.request({ headers });
  expect([upstream, response.status]).toEqual([null, status]);
});

test("nobody passes whose name is none for a header", async () => {
  const host = await createHost({ wasm, callouts: { identity: { body: "ada\nx-role: admin" } } });
  expect((await host.request({ headers })).response.status).toBe(503);
});

test("nobody passes where the call cannot be made", async () => {
  const host = await createHost({ wasm, callouts: { identity: "no-hosts" } });
  expect((await host.request({ headers })).response.status).toBe(503);
});

// What serve answers without an upstream: what the upstream would have received.
import { expect, test } from "vitest";

import { example, serve } from "./support.ts";
import { http1 } from "../support/http-client.ts";
import { http2 } from "../support/http2-client.ts";
import type { Echo } from "../../src/serve/index.ts";

const hello = example("hello");
const parse = (body: Buffer): Echo => JSON.parse(body.toString()) as Echo;

test("shows method, path, authority, headers, body and trailers", async () => {
  const { port } = await serve(hello);
  const response = await http1(port, {
    method: "PATCH",
    path: "/a%20b?c=d",
    headers: [
      ["host", "example.com"],
      ["x-one", "1"],
      ["x-two", "a"],
      ["x-two", "b"],
      ["x-name", Buffer.from("Zoë").toString("latin1")],
    ],
    body: ["in ", "parts"],
    trailers: [["x-end", "t"]],
  });
  const echo = parse(response.body);
  expect(echo).toMatchObject({
    ...{ method: "PATCH", path: "/a%20b?c=d", authority: "example.com" },
    ...{ body: "in parts", bodyEncoding: "utf8", bodyBytes: 8, trailers: { "x-end": "t" } },
  });
  expect(echo.headers).toMatchObject({ "x-one": "1", "x-two": ["a", "b"], "x-name": "Zoë" });
  expect(Object.keys(echo.headers).filter((name) => name.startsWith(":"))).toEqual([]);
});

test("shows bytes that are no text in base64", async () => {
  const { port } = await serve(hello);
  const echo = parse((await http2(port, { method: "POST", body: Buffer.from([0xff, 0x00, 0x80]) })).body);
  expect([echo.bodyEncoding, echo.body, echo.bodyBytes]).toEqual(["base64", "/wCA", 3]);
});

test("shows the first 64 KiB of a long body, even if that cuts a letter in two", async () => {
  const { port } = await serve(hello);
  const echo = parse(
    (await http1(port, { method: "POST", body: Buffer.from(`x${"é".repeat(100_000)}`) })).body,
  );
  expect(echo.bodyBytes).toBe(200_001);
  expect(echo.bodyEncoding).toBe("utf8");
  expect(echo.body).toBe(`x${"é".repeat(32_767)}`);
});

test("answers HEAD without a body", async () => {
  const { port } = await serve(hello);
  const response = await http1(port, { method: "HEAD" });
  expect([response.status, response.body.length, response.complete]).toEqual([200, 0, true]);
});

// Tests the built plugin without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const options = {
  wasm: new URL("build/access-log.wasm", import.meta.url),
  kinds: ["access-log"],
} as const;

test("each request is logged when it is over", async () => {
  const host = await createHost(options);
  await host.request({ path: "/a" });
  await host.request({ method: "POST", path: "/b", upstream: { status: 503 } });
  expect(host.logs.map((entry) => entry.text)).toEqual([
    "GET /a 200 via_upstream",
    "POST /b 503 via_upstream",
  ]);
});

test("only requests from the configured status on are logged", async () => {
  const host = await createHost({ ...options, configuration: "400\n" });
  await host.request({ path: "/a", upstream: { status: 399 } });
  await host.request({ path: "/b", upstream: { status: 400 } });
  expect(host.logs.map((entry) => entry.text)).toEqual(["GET /b 400 via_upstream"]);
});

test("a malformed request and a client that leaves are logged, with what there is", async () => {
  const host = await createHost({ ...options, configuration: "400" });
  await host.openStream().malformedRequest();
  const stream = host.openStream();
  await stream.requestHeaders({ ":path": "/slow" });
  await stream.close();
  expect(host.logs.map((entry) => entry.text)).toEqual([
    expect.stringMatching(/^- - 400 /),
    "GET /slow - downstream_remote_disconnect",
  ]);
});

// Tests of the request-metrics filter, without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/request-metrics.wasm", import.meta.url);

test("requests are counted by method and status", async () => {
  const host = await createHost({ wasm, upstream: { status: 404 }, workers: 2 });
  await host.request({ worker: 0 });
  await host.request({ worker: 1 });
  await host.request({ method: "POST", body: "a body" });
  // A client must not be able to make metrics.
  await host.request({ method: "INVENTED" });
  await host.request({ method: "INVENTED;.;code=.=1" });
  expect(host.metrics.all()).toMatchObject({
    "method=.=GET;.;code=.=404;.;requests": 2,
    "method=.=POST;.;code=.=404;.;requests": 1,
    "method=.=other;.;code=.=404;.;requests": 2,
    requests_in_flight: 0,
    request_milliseconds: [0, 0, 0, 0, 0],
  });
});

test("the gauge shows the requests that are on their way", async () => {
  const host = await createHost({ wasm });
  const stream = host.openStream();
  await stream.requestHeaders();
  expect(host.metrics.gauge("requests_in_flight")).toBe(1);
  await host.advance(250);
  await stream.reset();
  expect(host.metrics.gauge("requests_in_flight")).toBe(0);
  expect(host.metrics.histogram("request_milliseconds")).toEqual([250]);
});

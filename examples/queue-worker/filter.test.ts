// Tests of filter and service of queue-worker, without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/queue-worker.wasm", import.meta.url);

const front = { wasm, name: "filter", rootId: "front", vmId: "front" };
const worker = { wasm, name: "service", rootId: "worker", vmId: "worker", kinds: ["service"] as const };

test("the service handles what the filter hands it, each once", async () => {
  const host = await createHost({ plugins: [front, worker] });
  for (let i = 0; i < 100; i++) await host.request({ path: `/${i}` });
  const handled = host.logs.map((entry) => entry.text).filter((text) => text.startsWith("handled "));
  expect(handled).toEqual(Array.from({ length: 100 }, (_, i) => `handled GET /${i} 200`));
  expect(host.metrics.counter("requests_handled")).toBe(100);
  expect(host.queues.items("requests", "worker")).toEqual([]);
});

test("without the service requests pass, and the log says what is lost", async () => {
  const host = await createHost({ plugins: [front] });
  const { response, logs } = await host.request({ path: "/lost" });
  expect(response.status).toBe(200);
  expect(logs.map((entry) => [entry.level, entry.text])).toEqual([["warn", "nobody takes: GET /lost 200"]]);
});

// Tests of the telemetry filter, without a proxy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/telemetry.wasm", import.meta.url);

/** The tags of the only time series of a metric. */
function tagsOf(all: Record<string, unknown>, metric: string): Record<string, string> {
  const [name] = Object.keys(all).filter((each) => each.endsWith(`;.;${metric}`));
  return Object.fromEntries(
    [...(name ?? "").matchAll(/(\w+)=\.=(.*?);\.;/g)].map(([, key, value]) => [key, value]),
  );
}

test("a request to this workload is reported with its labels", async () => {
  const host = await createHost({
    wasm,
    upstream: { status: 201, body: "hello" },
    properties: {
      "xds.listener_direction": 1n,
      "xds.cluster_name": "inbound|8080||",
      "xds.node": { metadata: { WORKLOAD_NAME: "mine", NAMESPACE: "apps" } },
      "connection.mtls": true,
      "connection.uri_san_peer_certificate": "spiffe://cluster.local/ns/a/sa/b",
    },
  });
  await host.request({ method: "POST", body: "a body" });
  const all = host.metrics.all();
  expect(tagsOf(all, "istio_requests_total")).toEqual({
    reporter: "destination",
    source_workload: "unknown",
    source_workload_namespace: "unknown",
    source_principal: "spiffe://cluster.local/ns/a/sa/b",
    destination_workload: "mine",
    destination_workload_namespace: "apps",
    destination_principal: "unknown",
    destination_service: "inbound|8080||",
    request_protocol: "http",
    response_code: "201",
    grpc_response_status: "",
    response_flags: "-",
    connection_security_policy: "mutual_tls",
  });
  const metrics = ["requests_total", "request_duration_milliseconds", "request_bytes", "response_bytes"];
  expect(Object.keys(all).map((name) => name.replace(/^.*;\.;/, ""))).toEqual(
    metrics.map((name) => `istio_${name}`),
  );
});

test("a request that this workload makes is reported as its source", async () => {
  const host = await createHost({ wasm, upstream: { headers: { "grpc-status": "5" } } });
  await host.request({ headers: { "content-type": "application/grpc" } });
  expect(tagsOf(host.metrics.all(), "istio_requests_total")).toMatchObject({
    reporter: "source",
    request_protocol: "grpc",
    grpc_response_status: "5",
    connection_security_policy: "unknown",
  });
});

test("the same labels are one time series, however many requests", async () => {
  const host = await createHost({ wasm });
  for (let i = 0; i < 50; i++) await host.request();
  expect(Object.keys(host.metrics.all())).toHaveLength(4);
  expect(Object.values(host.metrics.all())[0]).toBe(50);
});

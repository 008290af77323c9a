// The proxies that are compared with each other, alive at the same time.
import { request } from "node:http";

import { type Envoy, type EnvoyBinary, startEnvoy } from "../../src/envoy/index.ts";
import { AUTHORITY } from "../request.ts";
import { pin } from "../pinning.ts";
import { processorTime, tickedTime } from "./accounting.ts";
import type { Variant } from "./variants.ts";

/** A running proxy. */
export interface Proxy {
  readonly variant: Variant;
  readonly envoy: Envoy;
  /** Processor time from its start until it had answered its first request, in nanoseconds. */
  readonly startTime: number;
}

export interface ProxyOptions {
  readonly envoy: EnvoyBinary;
  readonly workers: number;
  readonly cores: readonly number[] | undefined;
  readonly upstreamPort: number;
}

/** Path that Envoy answers itself, without a body. Every other path goes to the upstream. */
export const DIRECT_PATH = "/direct";

export async function startProxy(variant: Variant, options: ProxyOptions): Promise<Proxy> {
  const envoy = await startEnvoy({
    envoy: options.envoy,
    concurrency: options.workers,
    logLevel: "warning",
    componentLogLevels: {},
    http: {
      filters: variant.filters,
      routes: [{ path: DIRECT_PATH, directResponse: { status: 200 } }, { cluster: "upstream" }],
    },
    clusters: { upstream: options.upstreamPort },
  });
  try {
    // Workers make their VMs when the proxy is already called ready.
    await firstAnswer(envoy.port);
    const startTime = Math.max(processorTime(envoy.pid), tickedTime(envoy.pid));
    pin(envoy.pid, options.cores);
    return { variant, envoy, startTime };
  } catch (error) {
    await envoy.stop();
    throw error;
  }
}

function firstAnswer(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: DIRECT_PATH, agent: false, timeout: 60_000 };
    const headers = { host: AUTHORITY, authorization: "first" };
    const call = request({ ...options, headers }, (response) => {
      response.resume();
      response.on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`Envoy answered its first request with ${response.statusCode}.`));
      });
    });
    call.on("timeout", () => call.destroy(new Error("no answer within 60 s")));
    call.on("error", reject);
    call.end();
  });
}

// The listener of a parity case: its filters, limits and routes.
import type { HttpListenerOptions, TcpListenerOptions, WasmPluginOptions } from "../../src/envoy/index.ts";
import { textOf } from "./embedded.ts";
import { guestModule } from "./guests.ts";
import type { Filter, ParityCase } from "./case.ts";

/** A listener with its plugins. */
export interface Listener {
  readonly name: string;
  readonly plugins: string[];
  readonly labels: string[];
  readonly probes: number;
  readonly http?: HttpListenerOptions;
  readonly tcp?: TcpListenerOptions;
}

/** Cases with the same key share a listener, and so their VM. */
export function keyOf(parity: ParityCase): string {
  const { filters, bufferLimit, streamIdleTimeout, upstreamHttp2, tcp, fresh, endless, name } = parity;
  const alone = fresh || endless || tcp !== undefined ? name : "";
  return JSON.stringify([filters ?? [{}], bufferLimit, streamIdleTimeout, upstreamHttp2, alone]);
}

/** The listener that a case needs; `index` makes its names unique. */
export async function listenerOf(parity: ParityCase, index: number): Promise<Listener> {
  const given = parity.filters ?? [{}];
  const name = `listener${index}`;
  const labels = given.map((filter, place) => filter.name ?? `f${place}`);
  const filters = await Promise.all(given.map((filter, place) => pluginOf(filter, `l${index}f${place}`)));
  const common = {
    name,
    ...(parity.bufferLimit === undefined ? {} : { perConnectionBufferLimitBytes: parity.bufferLimit }),
  };
  const plugins = filters.map((filter) => filter.rootId!);
  const probes = given.filter(({ guest = "probe" }) => guest === "probe").length;
  if (parity.tcp) return { name, plugins, labels, probes, tcp: { ...common, filters, cluster: "tcp" } };
  const http: HttpListenerOptions = {
    ...common,
    filters,
    streamIdleTimeoutMs: parity.streamIdleTimeout,
    routes: [
      {
        cluster: "dead",
        fields: {
          match: { prefix: "/", headers: [{ name: "x-upstream", string_match: { exact: "dead" } }] },
        },
      },
      { cluster: parity.upstreamHttp2 ? "upstream2" : "upstream" },
    ],
  };
  return { name, plugins, labels, probes, http };
}

async function pluginOf(filter: Filter, unique: string): Promise<WasmPluginOptions> {
  return {
    wasm: await guestModule(filter.guest ?? "probe"),
    name: filter.name ?? unique,
    rootId: filter.rootId ?? unique,
    vmId: filter.vmId ?? `vm-${unique}`,
    configuration: filter.config === undefined ? undefined : textOf(filter.config),
    vmConfiguration: filter.vmConfig === undefined ? undefined : textOf(filter.vmConfig),
    failurePolicy: filter.failurePolicy,
    reloadBackoffMs: filter.reloadBackoff,
    allowOnHeadersStopIteration: filter.allowOnHeadersStopIteration,
    allowedCapabilities: filter.capabilities,
    environmentVariables: filter.environment && { keyValues: filter.environment },
  };
}

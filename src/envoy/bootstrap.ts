// The bootstrap: typed options in, Envoy's configuration out, as a plain object and as YAML.
import { quotedYaml, type YamlComments } from "../yaml/quoted.ts";
import { cluster } from "./cluster.ts";
import { httpListener, tcpListener } from "./listener.ts";
import type { BootstrapOptions, Message } from "./options.ts";
import { defined, duration, statsSink, wasmService } from "./plugin-config.ts";

/**
 * Envoy's bootstrap message for the options, as a plain object that may be edited.
 * Throws an Error that names the option if the options contradict each other.
 */
export function toBootstrap(options: BootstrapOptions): Message {
  const { envoyVersion } = options;
  const clusters = Object.entries(options.clusters ?? {});
  const scope = { clusters: clusters.map(([name]) => name), envoyVersion };
  const tcp = list(options.tcp);
  const http = options.http === undefined && tcp.length === 0 ? [{}] : list(options.http);
  const listeners = [
    ...http.map((each, index) => httpListener(each, { ...scope, name: numbered("http", index) })),
    ...tcp.map((each, index) => tcpListener(each, { ...scope, name: numbered("tcp", index) })),
  ];
  refuseDuplicates(listeners.map((listener) => listener.name as string));
  const sinks = options.statsSinks ?? [];
  const services = options.wasmServices ?? [];
  const bootstrap = defined({
    node: options.node ?? { id: "proxy-wasm-as", cluster: "proxy-wasm-as" },
    admin: { address: { socket_address: { address: "127.0.0.1", port_value: options.adminPort ?? 0 } } },
    bootstrap_extensions:
      services.length > 0 ? services.map((service) => wasmService(service, envoyVersion)) : undefined,
    stats_sinks: sinks.length > 0 ? sinks.map((sink) => statsSink(sink, envoyVersion)) : undefined,
    stats_flush_interval:
      options.statsFlushIntervalMs === undefined ? undefined : duration(options.statsFlushIntervalMs),
    stats_config:
      options.statsTags === undefined ? undefined : { stats_tags: options.statsTags.map(statsTag) },
    static_resources: {
      listeners,
      clusters: clusters.map(([name, each]) => cluster(name, each, envoyVersion)),
    },
  });
  return options.override?.(bootstrap) ?? bootstrap;
}

/**
 * YAML text of a bootstrap. Every string value is quoted, and every key that could be read as something else: a string
 * such as `n`, `on` or `1.0` never turns into a boolean or a number.
 */
export function toYaml(bootstrap: Message, comments?: YamlComments): string {
  return quotedYaml(bootstrap, comments);
}

/** Every file that the bootstrap loads a module from. */
export function wasmFiles(bootstrap: unknown): string[] {
  if (Array.isArray(bootstrap)) return bootstrap.flatMap(wasmFiles);
  if (typeof bootstrap !== "object" || bootstrap === null) return [];
  const message = bootstrap as Message;
  const own = message.code?.local?.filename;
  return [...(typeof own === "string" ? [own] : []), ...Object.values(message).flatMap(wasmFiles)];
}

/** Takes `name=.=value;.;` out of a statistic's name; the value is the tag's. */
function statsTag(name: string): Message {
  return { tag_name: name, regex: `(\\b${name}=\\.=(.*?);\\.;)` };
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}${index + 1}`;
}

function refuseDuplicates(names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(`Two listeners are called ${JSON.stringify(twice)}: give each its own \`name\`.`);
  }
}

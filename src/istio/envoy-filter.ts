// EnvoyFilter: patches Envoy's configuration itself, for what the other kinds cannot say.
import { quotedYaml, type YamlComment } from "../yaml/quoted.ts";
import { IstioConfigError } from "./error.ts";
import { RUN_WITH, resourceComments } from "./comments.ts";
import { checkEnvironment, metadata, present, priority, selector } from "./plugin.ts";
import { moduleFields, type ModuleSource } from "./module-source.ts";
import type { Phase, Resource, ResourceOptions } from "./plugin.ts";

/** An EnvoyFilter with a plugin in it. */
export interface EnvoyFilterOptions extends ResourceOptions {
  readonly module: ModuleSource;
  /** The message `envoy.extensions.wasm.v3.PluginConfig`; where its code comes from is filled in here. */
  readonly plugin: Resource;
  /** Default: before the router. AUTHN is before all other filters; the other phases have no fixed place. */
  readonly phase?: Phase | undefined;
  readonly tcp?: boolean | undefined;
  /** The plugin's environment, to be checked. */
  readonly env?: Readonly<Record<string, string | null>> | undefined;
  readonly pullSecret?: string | undefined;
}

const TYPE = "type.googleapis.com/";
const HTTP_WASM = `${TYPE}envoy.extensions.filters.http.wasm.v3.Wasm`;
const NETWORK_WASM = `${TYPE}envoy.extensions.filters.network.wasm.v3.Wasm`;
/** Without a priority, which patch comes first depends on names and age. */
const DEFAULT_PRIORITY = 10;

/** The resource. Throws an IstioConfigError for what Istio or Envoy would refuse, ignore or misread. */
export function envoyFilter(options: EnvoyFilterOptions): Resource {
  if (options.env !== undefined) checkEnvironment(options.env);
  if (options.pullSecret !== undefined)
    throw new IstioConfigError(
      "an EnvoyFilter has no pull secret",
      "Use config wasmplugin for a registry that wants credentials.",
    );
  const labels = selector(options);
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: metadata(options),
    spec: present({
      workloadSelector: labels && { labels },
      priority: priority(options) ?? DEFAULT_PRIORITY,
      configPatches: patches(options),
    }),
  };
}

/** The resource as commented YAML. */
export function envoyFilterYaml(options: EnvoyFilterOptions): string {
  const remote = options.module.from !== "file";
  const value = ["spec", "configPatches", remote ? 1 : 0, "patch", "value"];
  const before: YamlComment[] = [
    ...resourceComments(options, ["spec", "workloadSelector"]),
    [["spec", "priority"], "Orders EnvoyFilters: the lowest is applied first."],
    [["spec", "configPatches", 0], remote ? "The filter's place." : "The filter, in its place."],
    [["spec", "configPatches", 0, "match", "context"], "ANY, SIDECAR_INBOUND, SIDECAR_OUTBOUND or GATEWAY."],
    [["spec", "configPatches", 0, "patch", "operation"], placeComment(options)],
    [
      ["spec", "configPatches", 1],
      "What stands there: the proxy's agent fetches the module, and gives Envoy a file.",
    ],
    [[...value, "typed_config", "config", "failure_policy"], "FAIL_CLOSED, FAIL_OPEN or FAIL_RELOAD."],
    [[...value, "typed_config", "config", "configuration"], "The filter reads the text in `value` as it is."],
    [
      [...value, "typed_config", "config", "allow_on_headers_stop_iteration"],
      "StopIteration on headers stops the headers only, and the body's callbacks run. Since Envoy 1.35.",
    ],
    [
      [...value, "typed_config", "config", "capability_restriction_config"],
      "Host functions and callbacks that the module may use; all others are denied to it.",
    ],
    [
      [...value, "typed_config", "config", "vm_config", "code", "remote", "sha256"],
      options.module.from === "oci"
        ? "The digest of the image's manifest."
        : "SHA-256 of the module's bytes: sha256sum build/filter.wasm",
    ],
    [
      [...value, "typed_config", "config", "vm_config", "code", "remote", "http_uri", "cluster"],
      "Envoy wants a name here; the agent, which fetches the module, does not use it.",
    ],
  ];
  return quotedYaml(envoyFilter(options), {
    head:
      `EnvoyFilter ${options.name}: patches a Proxy-Wasm filter into the configuration of Istio's proxies.\n` +
      `It reaches into internals that may change with a version: where a WasmPlugin can say it, use that.\n${RUN_WITH}`,
    before,
  });
}

function placeComment({ phase }: EnvoyFilterOptions): string {
  return phase === "AUTHN"
    ? "Before all other filters."
    : "At the end, just before the filter that is matched.";
}

function patches(options: EnvoyFilterOptions): Resource[] {
  const { module, name, namespace, tcp } = options;
  const { url, sha256 } = moduleFields(module);
  const type = tcp === true ? NETWORK_WASM : HTTP_WASM;
  if (module.from === "file") {
    const code = { local: { filename: module.path } };
    return [
      patch(options, { name, typed_config: { "@type": type, config: withCode(options.plugin, code) } }),
    ];
  }
  if (tcp === true)
    throw new IstioConfigError(
      "an EnvoyFilter for TCP can load a file only",
      "Use config wasmplugin for an image or a URL, or give the path of a file in the proxy's container.",
    );
  if (sha256 === undefined)
    throw new IstioConfigError(
      "an EnvoyFilter needs the digest of an image",
      "Give it with the image: registry/name:tag@sha256:..., as push prints it.",
    );
  const remote = { http_uri: { uri: url, cluster: "_", timeout: "30s" }, sha256 };
  // Configurations of extensions have one name space in a proxy.
  const extension = `${namespace ?? "default"}.${name}`;
  return [
    patch(options, {
      name: extension,
      config_discovery: {
        config_source: { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" },
        type_urls: [type],
      },
    }),
    {
      applyTo: "EXTENSION_CONFIG",
      patch: {
        operation: "ADD",
        value: {
          name: extension,
          typed_config: { "@type": type, config: withCode(options.plugin, { remote }) },
        },
      },
    },
  ];
}

function patch({ phase, tcp }: EnvoyFilterOptions, value: Resource): Resource {
  if (phase === "AUTHZ" || phase === "STATS")
    throw new IstioConfigError(
      `an EnvoyFilter has no phase ${phase}`,
      "The filters of that phase are not in every proxy, and a patch that finds none is dropped in silence. Use config wasmplugin, or AUTHN, or no phase.",
    );
  const http = {
    name: "envoy.filters.network.http_connection_manager",
    ...(phase === "AUTHN" ? {} : { subFilter: { name: "envoy.filters.http.router" } }),
  };
  const filter = tcp === true ? { name: "envoy.filters.network.tcp_proxy" } : http;
  const first = phase === "AUTHN";
  return {
    applyTo: tcp === true ? "NETWORK_FILTER" : "HTTP_FILTER",
    match: { context: "ANY", listener: { filterChain: { filter } } },
    patch: { operation: first ? "INSERT_FIRST" : "INSERT_BEFORE", value },
  };
}

function withCode(plugin: Resource, code: Resource): Resource {
  return { ...plugin, vm_config: { ...(plugin["vm_config"] as Resource), code } };
}

// WasmPlugin: the resource that all versions of Istio since 1.12 take.
import { quotedYaml, type YamlComment } from "../yaml/quoted.ts";
import { metadata, present, priority, selector, wasmFields } from "./plugin.ts";
import { pluginComments, resourceComments, RUN_WITH } from "./comments.ts";
import type { PluginOptions, Resource } from "./plugin.ts";

/** The resource. Throws an IstioConfigError for what Istio would refuse, ignore or misread. */
export function wasmPlugin(options: PluginOptions): Resource {
  const labels = selector(options);
  const { url, sha256, ...rest } = wasmFields(options);
  return {
    apiVersion: "extensions.istio.io/v1alpha1",
    kind: "WasmPlugin",
    metadata: metadata(options),
    spec: present({
      selector: labels && { matchLabels: labels },
      url,
      sha256,
      phase: options.phase,
      priority: priority(options),
      ...rest,
    }),
  };
}

/** The resource as commented YAML. */
export function wasmPluginYaml(options: PluginOptions): string {
  const resource = wasmPlugin(options);
  return quotedYaml(resource, {
    head: `WasmPlugin ${options.name}: has Istio load a Proxy-Wasm filter into its proxies.\n${RUN_WITH}`,
    before: [...resourceComments(options, ["spec", "selector"]), ...fields(options)],
  });
}

function fields(options: PluginOptions): YamlComment[] {
  return pluginComments(options, ["spec"], ["spec"]);
}

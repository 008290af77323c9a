// TrafficExtension: the resource that supersedes WasmPlugin in newer versions of Istio.
import { quotedYaml } from "../yaml/quoted.ts";
import { metadata, present, priority, selector, wasmFields } from "./plugin.ts";
import { pluginComments, resourceComments, RUN_WITH } from "./comments.ts";
import type { PluginOptions, Resource } from "./plugin.ts";

/** The resource. Throws an IstioConfigError for what Istio would refuse, ignore or misread. */
export function trafficExtension(options: PluginOptions): Resource {
  const labels = selector(options);
  return {
    apiVersion: "extensions.istio.io/v1alpha1",
    kind: "TrafficExtension",
    metadata: metadata(options),
    spec: present({
      selector: labels && { matchLabels: labels },
      phase: options.phase,
      priority: priority(options),
      wasm: wasmFields(options),
    }),
  };
}

/** The resource as commented YAML. */
export function trafficExtensionYaml(options: PluginOptions): string {
  return quotedYaml(trafficExtension(options), {
    head:
      `TrafficExtension ${options.name}: has Istio load a Proxy-Wasm filter into its proxies.\n` +
      `For versions of Istio that have this kind (kubectl get crd trafficextensions.extensions.istio.io);\n` +
      `older ones have WasmPlugin.\n${RUN_WITH}`,
    before: [
      ...resourceComments(options, ["spec", "selector"]),
      ...pluginComments(options, ["spec"], ["spec", "wasm"]),
    ],
  });
}

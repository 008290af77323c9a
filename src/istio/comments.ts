// The comments in generated resources: what a field does, and what its absence means.
import type { ModuleSource } from "./module-source.ts";
import type { PluginOptions, ResourceOptions } from "./plugin.ts";
import type { YamlComment } from "../yaml/quoted.ts";

type Path = readonly (string | number)[];

/** How to apply a resource. */
export const RUN_WITH = "Apply it with: kubectl apply -f FILE";

/** Comments on what all resources have. */
export function resourceComments(options: ResourceOptions, selector: Path): YamlComment[] {
  return [
    [
      ["metadata"],
      options.namespace === undefined
        ? "No namespace: it goes where kubectl points. In Istio's root namespace it is for all namespaces."
        : "In Istio's root namespace (istio-system) it is for all namespaces, elsewhere for its own.",
    ],
    options.selector === undefined
      ? [["spec"], "No selector: for every proxy of the namespace."]
      : [selector, "Only for pods with these labels."],
  ];
}

/** Comments on a plugin, whose order is in one place and whose fields are in another. */
export function pluginComments(options: PluginOptions, order: Path, fields: Path): YamlComment[] {
  return [
    [[...fields, "url"], moduleComment(options.module)],
    [[...fields, "sha256"], checksumComment(options.module)],
    [
      [...order, "phase"],
      "Before Istio's filters of this kind. Without a phase: at the end, before the router.",
    ],
    [[...order, "priority"], "Within a phase the highest priority runs first."],
    [
      [...fields, "imagePullSecret"],
      "A secret in the same namespace: kubectl create secret docker-registry ...",
    ],
    [[...fields, "pluginName"], "The root id: which of the module's registered roots serves this plugin."],
    [[...fields, "type"], "For TCP connections."],
    [
      [...fields, "failStrategy"],
      "When the module cannot be loaded or has trapped: FAIL_CLOSE refuses requests, FAIL_OPEN lets them pass\n" +
        "unfiltered, FAIL_RELOAD starts the filter anew.",
    ],
    [
      [...fields, "vmConfig"],
      "Environment of the filter. HOST takes a value from the proxy's own environment.",
    ],
    [[...fields, "pluginConfig"], "The filter reads it as JSON text; Istio sorts its keys."],
  ];
}

function moduleComment(module: ModuleSource): string {
  if (module.from === "file") return "A file in the container of the proxy: mount it there.";
  if (module.from === "http") return "The proxy's agent fetches it.";
  return module.digest === undefined
    ? "By its tag: proxies that have it cached do not see that the tag was moved. The digest, which push prints, pins it."
    : "The image, pinned by its manifest digest.";
}

function checksumComment(module: ModuleSource): string {
  return module.from === "http"
    ? "SHA-256 of the module's bytes: sha256sum build/filter.wasm"
    : "For an image this is the digest of its manifest, not of the module.";
}

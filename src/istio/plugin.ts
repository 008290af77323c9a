// What WasmPlugin and TrafficExtension say about a plugin, and what Istio would refuse about it.
import { IstioConfigError } from "./error.ts";
import { checkLabels, checkNamespace, checkResourceName } from "./names.ts";
import { moduleFields, type ModuleSource } from "./module-source.ts";

/** A place in the order of filters: before Istio's own for authentication, authorization or statistics. */
export const PHASES = ["AUTHN", "AUTHZ", "STATS"] as const;
export type Phase = (typeof PHASES)[number];

/** What happens to requests when the plugin cannot be loaded or has trapped. */
export type FailurePolicy = "closed" | "open" | "reload";

/** A resource of Kubernetes. */
export interface ResourceOptions {
  readonly name: string;
  /** Default: that of whoever applies it. */
  readonly namespace?: string | undefined;
  /** Labels of the pods it is for. Default: all of the namespace. */
  readonly selector?: Readonly<Record<string, string>> | undefined;
  /** Orders the resources of one phase: the highest first. */
  readonly priority?: number | undefined;
}

/** A plugin, as both kinds have it. */
export interface PluginOptions extends ResourceOptions {
  readonly module: ModuleSource;
  readonly rootId?: string | undefined;
  /** JSON text of an object: Istio takes nothing else. */
  readonly configuration?: string | undefined;
  readonly phase?: Phase | undefined;
  readonly failurePolicy?: FailurePolicy | undefined;
  /** Environment of the plugin; null takes the value from the proxy's own. */
  readonly env?: Readonly<Record<string, string | null>> | undefined;
  /** Secret in the same namespace with the credentials of the registry. */
  readonly pullSecret?: string | undefined;
  /** For TCP connections, not HTTP. */
  readonly tcp?: boolean | undefined;
}

/** A plain object that becomes YAML. */
export type Resource = Record<string, unknown>;

const FAIL_STRATEGY = { closed: "FAIL_CLOSE", open: "FAIL_OPEN", reload: "FAIL_RELOAD" } as const;
const MAX_ROOT_ID = 256;
const MAX_ENV_NAME = 256;
const INT32 = 2 ** 31;

/** `metadata`, checked. */
export function metadata(options: ResourceOptions): Resource {
  checkResourceName("the name", options.name);
  if (options.namespace !== undefined) checkNamespace(options.namespace);
  return present({ name: options.name, namespace: options.namespace });
}

/** `selector`, checked; undefined for everything. */
export function selector(options: ResourceOptions): Readonly<Record<string, string>> | undefined {
  const { selector: labels } = options;
  if (labels === undefined || Object.keys(labels).length === 0) return undefined;
  checkLabels(labels);
  return labels;
}

/** `priority`, checked. */
export function priority({ priority: value }: ResourceOptions): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < -INT32 || value >= INT32)
    throw new IstioConfigError(
      `the priority cannot be ${value}`,
      `It is a whole number from ${-INT32} to ${INT32 - 1}; the highest runs first.`,
    );
  return value;
}

/** The fields that are in `spec` of a WasmPlugin, and in `spec.wasm` of a TrafficExtension. */
export function wasmFields(options: PluginOptions): Resource {
  const { module, failurePolicy, pullSecret, tcp, rootId } = options;
  if (pullSecret !== undefined) {
    checkResourceName("the pull secret", pullSecret);
    if (module.from !== "oci")
      throw new IstioConfigError(
        "a pull secret is for images only",
        "Leave it out, or give an image with --image.",
      );
  }
  if (rootId !== undefined && Buffer.byteLength(rootId) > MAX_ROOT_ID)
    throw new IstioConfigError(`the root id is longer than ${MAX_ROOT_ID} bytes`, "Choose a shorter one.");
  return present({
    ...moduleFields(module),
    imagePullSecret: pullSecret,
    // An empty root id is what a plugin without one has.
    pluginName: rootId === "" ? undefined : rootId,
    type: tcp === true ? "NETWORK" : undefined,
    failStrategy: failurePolicy === undefined ? undefined : FAIL_STRATEGY[failurePolicy],
    vmConfig: vmConfig(options),
    pluginConfig: pluginConfig(options.configuration),
  });
}

/** The object without its undefined fields. */
export function present(fields: Resource): Resource {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Refuses names of environment variables that Istio or Envoy would refuse. */
export function checkEnvironment(env: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (name === "" || Buffer.byteLength(name) > MAX_ENV_NAME || /[=\0]/.test(name))
      throw new IstioConfigError(
        `${JSON.stringify(name)} is no name of an environment variable`,
        `It has 1 to ${MAX_ENV_NAME} bytes, and no '='.`,
      );
    if (name.startsWith("ISTIO_META"))
      throw new IstioConfigError(
        `the plugin would not see ${name}`,
        "Istio keeps names that begin with ISTIO_META for itself. Choose another one.",
      );
    if (value?.includes("\0"))
      throw new IstioConfigError(`the value of ${name} has a NUL in it`, "No environment variable has one.");
  }
}

function vmConfig({ env }: PluginOptions): Resource | undefined {
  if (env === undefined || Object.keys(env).length === 0) return undefined;
  checkEnvironment(env);
  return {
    env: Object.entries(env).map(([name, value]) =>
      value === null ? { name, valueFrom: "HOST" } : { name, value },
    ),
  };
}

function pluginConfig(text: string | undefined): Resource | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new IstioConfigError(`the configuration is no JSON: ${(cause as Error).message}`, ONLY_OBJECTS);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new IstioConfigError("the configuration is JSON, but no object", ONLY_OBJECTS);
  if (Object.keys(value).length === 0) return undefined;
  checkNumbers(value);
  return value as Resource;
}

const ONLY_OBJECTS =
  'Istio takes an object only, such as {"greeting":"hello"}. An EnvoyFilter (config envoyfilter) takes any text.';

/** Istio keeps numbers as doubles: larger ones would arrive as others. */
function checkNumbers(value: unknown): void {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new IstioConfigError(
      "the configuration has a whole number beyond 2^53",
      "Istio would round it. Make it a string.",
    );
  if (typeof value === "object" && value !== null) Object.values(value).forEach(checkNumbers);
}

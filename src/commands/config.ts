// `proxy-wasm-as config`: the configuration that loads a filter, for Envoy and for Istio.
import { existsSync, writeFileSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Command } from "commander";

import { CommandError } from "./command-error.ts";
import {
  IstioConfigError,
  envoyFilter,
  envoyFilterYaml,
  trafficExtension,
  trafficExtensionYaml,
  wasmPlugin,
  wasmPluginYaml,
} from "../istio/index.ts";
import { OciError, formatReference, parseReference } from "../oci/index.ts";
import { EXIT_USAGE } from "./io.ts";
import { envoyConfig } from "./envoy-config.ts";
import { POLICIES, environmentVariables } from "./flags.ts";
import { configFlags } from "./config-flags.ts";
import { pluginConfig } from "../envoy/index.ts";
import type { ConfigFlags, ConfigKind } from "./config-flags.ts";
import type { CommandIo } from "./io.ts";
import type { EnvoyFilterOptions, ModuleSource, Phase, PluginOptions } from "../istio/index.ts";

/** Flags that only some kinds have a place for, and where the others send the user. */
const ONLY_FOR: readonly (readonly [
  flag: keyof ConfigFlags,
  kinds: readonly ConfigKind[],
  advice: string,
])[] = [
  [
    "allowOnHeadersStopIteration",
    ["envoy", "envoyfilter"],
    "Istio's WasmPlugin and TrafficExtension have no such field: use config envoyfilter.",
  ],
  [
    "capabilities",
    ["envoy", "envoyfilter"],
    "Istio's WasmPlugin and TrafficExtension have no such field: use config envoyfilter.",
  ],
  ["namespace", ["wasmplugin", "envoyfilter", "trafficextension"], "Namespaces are Kubernetes'."],
  ["selector", ["wasmplugin", "envoyfilter", "trafficextension"], "Selectors are Istio's."],
  ["phase", ["wasmplugin", "envoyfilter", "trafficextension"], "Phases are Istio's."],
  [
    "priority",
    ["wasmplugin", "envoyfilter", "trafficextension"],
    "Priorities are Istio's: in Envoy the order of http_filters is the order.",
  ],
  ["pullSecret", ["wasmplugin", "trafficextension"], "Only Istio's own resources name a secret."],
  [
    "image",
    ["wasmplugin", "envoyfilter", "trafficextension"],
    "Envoy fetches no images: pull it, and give the file with --wasm.",
  ],
  ["upstream", ["envoy"], "Istio knows where requests go."],
  ["port", ["envoy"], "Istio knows where requests come from."],
  ["envoyVersion", ["envoy"], "An EnvoyFilter is written for every version."],
];

/** Adds the command. */
export function addConfigCommand(program: Command, io: CommandIo): void {
  configFlags(program).action((kind: ConfigKind, flags: ConfigFlags) => {
    const text = config(kind, flags, io);
    if (flags.output === undefined) return io.stdout.write(text);
    try {
      writeFileSync(resolve(io.cwd, flags.output), text);
    } catch (cause) {
      throw usage(`cannot write ${flags.output}: ${(cause as Error).message}`, undefined, cause);
    }
    return io.stderr.write(`wrote ${flags.output}\n`);
  });
}

/** The text of a configuration. Throws a CommandError for what the proxy would refuse. */
export function config(kind: ConfigKind, flags: ConfigFlags, io: CommandIo): string {
  for (const [flag, kinds, advice] of ONLY_FOR) {
    if (flags[flag] !== undefined && !kinds.includes(kind))
      throw usage(`config ${kind} has no ${option(flag)}`, advice);
  }
  const configuration = readConfiguration(flags, io);
  try {
    const module = moduleSource(flags, kind);
    const name = flags.name ?? defaultName(module);
    if (kind === "envoy") return envoyConfig({ ...flags, name, configuration, module }, io);
    const common: PluginOptions = { ...flags, name, module, configuration, phase: upper(flags.phase) };
    if (kind === "envoyfilter") {
      const options = envoyFilterOptions(common, flags);
      return flags.json ? json(envoyFilter(options)) : envoyFilterYaml(options);
    }
    if (kind === "wasmplugin") return flags.json ? json(wasmPlugin(common)) : wasmPluginYaml(common);
    return flags.json ? json(trafficExtension(common)) : trafficExtensionYaml(common);
  } catch (error) {
    if (error instanceof IstioConfigError || error instanceof OciError)
      throw usage(error.message, error.advice, error);
    throw error;
  }
}

function envoyFilterOptions(common: PluginOptions, flags: ConfigFlags): EnvoyFilterOptions {
  const plugin = pluginConfig(
    {
      // Only for its name; where the code comes from is written by envoyFilter.
      wasm: "plugin.wasm",
      name: common.name,
      rootId: flags.rootId,
      configuration: common.configuration,
      failurePolicy: flags.failurePolicy && POLICIES[flags.failurePolicy],
      allowOnHeadersStopIteration: flags.allowOnHeadersStopIteration,
      environmentVariables: environmentVariables(flags.env),
      allowedCapabilities: flags.capabilities,
    },
    // The capabilities' place in the plugin is known to all versions, that in the VM only from 1.40 on.
    "1.39.0",
  );
  return { ...common, plugin };
}

function moduleSource(flags: ConfigFlags, kind: ConfigKind): ModuleSource {
  const { wasm, image, sha256 } = flags;
  if (image !== undefined) {
    const reference = parseReference(image);
    const given = sha256 === undefined ? undefined : `sha256:${sha256.replace(/^sha256:/, "")}`;
    if (given !== undefined && reference.digest !== undefined && given !== reference.digest)
      throw usage("--sha256 is not the digest that is in --image", "Leave one of them out.");
    return {
      from: "oci",
      image: formatReference({ ...reference, digest: undefined }),
      digest: reference.digest ?? given,
    };
  }
  if (wasm === undefined || wasm === "")
    throw usage(
      kind === "envoy" ? "no module: --wasm is missing" : "no module: --wasm or --image is missing",
      "Give a file, such as --wasm build/filter.wasm.",
    );
  if (wasm.startsWith("oci://"))
    throw usage("--wasm is a file or a URL", `Give the image with --image ${wasm}.`);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(wasm) && !wasm.startsWith("file://")) {
    if (sha256 === undefined)
      throw usage(
        "a module from a URL needs its SHA-256",
        "Give it with --sha256: sha256sum build/filter.wasm prints it. The proxy refuses any other bytes.",
      );
    return { from: "http", url: wasm, sha256: sha256.replace(/^sha256:/, "") };
  }
  if (sha256 !== undefined)
    throw usage("--sha256 is for URLs and images", "Leave it out: nothing checks a local file.");
  return { from: "file", path: wasm.replace(/^file:\/\//, "") };
}

function defaultName(module: ModuleSource): string {
  const whole =
    module.from === "file"
      ? module.path
      : module.from === "http"
        ? (URL.canParse(module.url) && new URL(module.url).pathname) || "filter"
        : module.image.replace(/:[^/]*$/, "");
  const name = basename(whole)
    .replace(/\.wasm$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" ? "filter" : name.slice(0, 63).replace(/-+$/, "");
}

function readConfiguration(flags: ConfigFlags, io: CommandIo): string | undefined {
  const { configuration, configurationFile: file } = flags;
  if (file === undefined) return configuration;
  const path = resolve(io.cwd, file);
  if (!existsSync(path)) throw usage(`there is no file ${path}`, "Check the path of --configuration-file.");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (cause) {
    throw usage(`cannot read ${file} as text: ${(cause as Error).message}`, "It must be UTF-8.", cause);
  }
}

function usage(message: string, advice?: string, cause?: unknown): CommandError {
  return new CommandError(message, {
    exitCode: EXIT_USAGE,
    ...(advice === undefined ? {} : { advice }),
    ...(cause === undefined ? {} : { cause }),
  });
}

function option(flag: keyof ConfigFlags): string {
  return `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function upper(phase: Lowercase<Phase> | undefined): Phase | undefined {
  return phase?.toUpperCase() as Phase | undefined;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

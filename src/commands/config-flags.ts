// The flags of `proxy-wasm-as config`, and what their values may be.
import { Argument, InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";

import { ENV_IMPORTS, GUEST_EXPORTS, WASI_IMPORTS } from "../host/index.ts";
import { PHASES, type FailurePolicy, type Phase } from "../istio/index.ts";
import { parsePort, parseUpstream } from "./flags.ts";

/** What can be printed. */
export const CONFIG_KINDS = ["envoy", "wasmplugin", "envoyfilter", "trafficextension"] as const;
export type ConfigKind = (typeof CONFIG_KINDS)[number];

/** As the user gives it. */
export interface ConfigFlags {
  wasm?: string;
  image?: string;
  sha256?: string;
  name?: string;
  namespace?: string;
  rootId?: string;
  configuration?: string;
  configurationFile?: string;
  phase?: Lowercase<Phase>;
  priority?: number;
  selector?: Record<string, string>;
  failurePolicy?: FailurePolicy;
  allowOnHeadersStopIteration?: true;
  env?: Record<string, string | null>;
  capabilities?: string[];
  pullSecret?: string;
  tcp?: true;
  upstream?: URL;
  port?: number;
  envoyVersion?: string;
  output?: string;
  json?: true;
}

/** The command with its flags, without what it does. */
export function configFlags(program: Command): Command {
  return program
    .command("config")
    .summary("print configuration that loads a filter into Envoy or Istio")
    .description(
      "Prints complete, commented YAML that loads a filter: a configuration for Envoy, or a resource for Istio. " +
        "What the proxy would refuse, ignore or misread is refused here.",
    )
    .addArgument(new Argument("<kind>", "what to print").choices(CONFIG_KINDS))
    .option(
      "--wasm <file or url>",
      "the module: a file where the proxy runs, or an http(s) URL with --sha256",
    )
    .addOption(
      new Option(
        "--image <reference>",
        "an image: registry/name:tag, with @sha256:<manifest digest> to pin it",
      ).conflicts("wasm"),
    )
    .option("--sha256 <digest>", "of the module's bytes for a URL, of the manifest for an image")
    .option("--name <name>", "name of the plugin and the resource (default: that of the file or image)")
    .option("--namespace <namespace>", "namespace of the resource (default: none, so kubectl's)")
    .option("--root-id <id>", "root id of the filter (default: none)")
    .addOption(
      new Option(
        "-c, --configuration <text>",
        "plugin configuration; Istio takes JSON objects only",
      ).conflicts("configurationFile"),
    )
    .option("--configuration-file <file>", "plugin configuration from a file")
    .addOption(
      new Option("--phase <phase>", "place among Istio's filters (default: the end)").choices(
        PHASES.map((phase) => phase.toLowerCase()),
      ),
    )
    .option("--priority <number>", "order within a phase", parseInteger)
    .option("--selector <label=value>", "only pods with this label (repeatable)", collectLabels)
    .addOption(
      new Option(
        "--failure-policy <policy>",
        "what happens to requests when the filter has failed (default: the proxy's, closed)",
      ).choices(["closed", "open", "reload"]),
    )
    .option("--allow-on-headers-stop-iteration", "let StopIteration stop the headers only")
    .option(
      "-e, --env <name[=value]>",
      "environment variable; without a value, the proxy's own (repeatable)",
      collectEnvironment,
    )
    .option(
      "--capabilities <names>",
      "the only host functions and callbacks the module may use, by commas",
      parseCapabilities,
    )
    .option("--pull-secret <name>", "secret with the registry's credentials")
    .option("--tcp", "a filter of TCP connections, not of HTTP")
    .option(
      "-u, --upstream <url>",
      "where Envoy sends requests (default: http://127.0.0.1:8080)",
      parseUpstream,
    )
    .option("-p, --port <port>", "port on which Envoy listens (default: 10000)", parsePort)
    .option("--envoy-version <version>", "version of the Envoy that reads it (default: 1.40.0)", parseVersion)
    .option("-o, --output <file>", "write to a file")
    .option("--json", "print JSON, which Envoy and kubectl read as well")
    .addHelpText(
      "after",
      `
Examples:
  proxy-wasm-as config envoy --wasm build/filter.wasm > envoy.yaml
  proxy-wasm-as config envoy --wasm https://example.com/filter.wasm --sha256 <digest>
  proxy-wasm-as config wasmplugin --image registry.example.com/team/filter:1.0.0@sha256:<digest> \\
    --selector istio=ingressgateway --phase authn --configuration '{"greeting":"hello"}' | kubectl apply -f -
  proxy-wasm-as config envoyfilter --wasm /var/lib/filter.wasm --allow-on-headers-stop-iteration`,
    );
}

function parseInteger(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

function parseVersion(text: string): string {
  if (!/^\d+\.\d+\.\d+$/.test(text)) throw new InvalidArgumentError("It must look like 1.40.0.");
  return text;
}

function collectLabels(text: string, before: Record<string, string> = {}): Record<string, string> {
  const all = { ...before };
  for (const part of text.split(",")) {
    const [key, value] = split(part);
    if (value === null) throw new InvalidArgumentError("It must be label=value, such as app=web.");
    if (Object.hasOwn(all, key)) throw new InvalidArgumentError(`${key} is given twice.`);
    all[key] = value;
  }
  return all;
}

function collectEnvironment(
  text: string,
  before: Record<string, string | null> = {},
): Record<string, string | null> {
  const [name, value] = split(text);
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: value };
}

function split(text: string): [string, string | null] {
  const index = text.indexOf("=");
  if (index === 0 || text === "") throw new InvalidArgumentError("It must begin with a name.");
  return index < 0 ? [text, null] : [text.slice(0, index), text.slice(index + 1)];
}

function parseCapabilities(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (![ENV_IMPORTS, WASI_IMPORTS, GUEST_EXPORTS].some((table) => Object.hasOwn(table, name)))
      throw new InvalidArgumentError(
        `${JSON.stringify(name)} is no host function and no callback. They look like proxy_log, fd_write, proxy_on_request_headers.`,
      );
  }
  return [...new Set(names)];
}

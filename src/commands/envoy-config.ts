// A whole configuration of Envoy with a filter in it, commented: what `config envoy` prints.
import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";

import { CommandError } from "./command-error.ts";
import { EXIT_USAGE } from "./io.ts";
import { POLICIES, environmentVariables } from "./flags.ts";
import { toBootstrap, toYaml } from "../envoy/index.ts";
import type { ClusterOptions, Message, RemoteModule, WasmPluginOptions } from "../envoy/index.ts";
import type { CommandIo } from "./io.ts";
import type { FailurePolicy, ModuleSource } from "../istio/index.ts";
import type { YamlComment } from "../yaml/quoted.ts";

/** What goes into the configuration. */
export interface EnvoyConfigOptions {
  readonly name: string;
  readonly module: ModuleSource;
  readonly rootId?: string | undefined;
  readonly configuration?: string | undefined;
  readonly failurePolicy?: FailurePolicy | undefined;
  readonly allowOnHeadersStopIteration?: true | undefined;
  readonly env?: Readonly<Record<string, string | null>> | undefined;
  readonly capabilities?: readonly string[] | undefined;
  readonly tcp?: true | undefined;
  readonly upstream?: URL | undefined;
  readonly port?: number | undefined;
  readonly envoyVersion?: string | undefined;
  readonly json?: true | undefined;
}

const DEFAULT_PORT = 10_000;
const ADMIN_PORT = 9901;
const DEFAULT_UPSTREAM = new URL("http://127.0.0.1:8080");
/** Where Debian, Ubuntu and Envoy's own images have the authorities they trust. */
const TRUSTED_CA = "/etc/ssl/certs/ca-certificates.crt";
const CODE_CLUSTER = "wasm_module";

/** The text of the configuration. */
export function envoyConfig(options: EnvoyConfigOptions, io: CommandIo): string {
  const { module, port = DEFAULT_PORT, upstream = DEFAULT_UPSTREAM } = options;
  checkEnvironmentNames(options.env ?? {});
  const wasm = moduleOf(module, io);
  const filter: WasmPluginOptions = {
    wasm,
    name: options.name,
    rootId: options.rootId,
    configuration: options.configuration === "" ? undefined : options.configuration,
    failurePolicy: options.failurePolicy && POLICIES[options.failurePolicy],
    allowOnHeadersStopIteration: options.allowOnHeadersStopIteration,
    environmentVariables: environmentVariables(options.env),
    allowedCapabilities: options.capabilities,
  };
  const listener = { name: "main", port, filters: [filter] };
  const bootstrap = toBootstrap({
    ...(options.tcp ? { tcp: listener, http: [] } : { http: listener }),
    clusters: {
      upstream: server(upstream),
      ...(module.from === "http" && { [CODE_CLUSTER]: server(new URL(module.url)) }),
    },
    node: { id: options.name, cluster: options.name },
    adminPort: ADMIN_PORT,
    envoyVersion: options.envoyVersion,
  });
  if (options.json) return `${JSON.stringify(bootstrap, null, 2)}\n`;
  return toYaml(bootstrap, { head: head(options, port, upstream), before: comments(bootstrap, options) });
}

/** A cluster for the server of a URL. */
function server(url: URL): ClusterOptions {
  const secure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return {
    address: host,
    port: Number(url.port) || (secure ? 443 : 80),
    ...(secure && { tls: { serverName: host, trustedCa: { filename: TRUSTED_CA } } }),
  };
}

function moduleOf(module: ModuleSource, io: CommandIo): string | RemoteModule {
  if (module.from === "oci")
    throw usage("Envoy fetches no images", "Pull it, and give the file with --wasm.");
  if (module.from === "http") {
    const { url, sha256 } = module;
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:")
      throw usage(`${JSON.stringify(url)} is no URL of a module`, "It begins with http: or https:.");
    if (!/^[a-f0-9]{64}$/.test(sha256))
      throw usage(
        `${JSON.stringify(sha256)} is no SHA-256`,
        "It has 64 digits of 0-9 and a-f: sha256sum build/filter.wasm prints it.",
      );
    if (parsed.username !== "" || parsed.password !== "")
      throw usage(
        "the URL has a user name or password in it",
        "Envoy would not send them. Serve the module without.",
      );
    return { url: parsed.href, sha256, cluster: CODE_CLUSTER };
  }
  const path = resolve(io.cwd, module.path);
  if (!existsSync(path))
    io.stderr.write(`note: there is no ${path} on this machine; it must be there where Envoy runs\n`);
  return path;
}

function checkEnvironmentNames(env: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (/[=\0]/.test(name) || value?.includes("\0"))
      throw usage(
        `${JSON.stringify(name)} is no environment variable`,
        "It has a name without '=', and no NUL.",
      );
  }
}

function head({ name, tcp }: EnvoyConfigOptions, port: number, upstream: URL): string {
  const what = tcp ? "TCP connections to" : "HTTP requests to";
  return (
    `Envoy with the Proxy-Wasm filter ${name}: ${what} 127.0.0.1:${port} pass it on their way to ${upstream.host}.\n` +
    "Start it with: envoy -c FILE"
  );
}

function comments(bootstrap: Message, options: EnvoyConfigOptions): YamlComment[] {
  const listener = ["static_resources", "listeners", 0];
  const chain = [...listener, "filter_chains", 0, "filters"];
  const filters = options.tcp ? chain : [...chain, 0, "typed_config", "http_filters"];
  const plugin = [...filters, 0, "typed_config", "config"];
  const vm = [...plugin, "vm_config"];
  const module =
    options.module.from === "http"
      ? "Envoy fetches the module, and takes no bytes but those of this SHA-256; until then it answers 503."
      : "The module. Envoy reads it when it starts.";
  const upstream = bootstrap["static_resources"].clusters[0].load_assignment.endpoints[0].lb_endpoints[0];
  const isName = isIP(upstream.endpoint.address.socket_address.address as string) === 0;
  return [
    [["admin"], "Statistics, log levels and more, for this machine only."],
    [[...listener, "address"], "0.0.0.0 instead of 127.0.0.1 is for everybody."],
    [
      [...listener, "filter_chains", 0, "filters", 0, "typed_config", "route_config"],
      "Every request goes to the cluster `upstream`, below.",
    ],
    [[...filters, 0], "The filter."],
    [[...plugin, "root_id"], "Which of the module's registered roots serves this plugin."],
    [
      [...plugin, "failure_policy"],
      "After the filter has trapped: FAIL_CLOSED answers 503 until Envoy is restarted, FAIL_OPEN lets requests pass\n" +
        "unfiltered, FAIL_RELOAD starts a new copy of the filter.",
    ],
    [
      [...plugin, "allow_on_headers_stop_iteration"],
      "StopIteration on headers stops the headers only, and the body's callbacks run. Since Envoy 1.35.",
    ],
    [[...plugin, "configuration"], "The filter reads the text in `value` as it is."],
    [[...plugin, "capability_restriction_config"], CAPABILITIES],
    [[...vm, "capability_restriction_config"], CAPABILITIES],
    [[...vm, "code"], module],
    [
      [...vm, "environment_variables"],
      "Environment of the filter. `host_env_keys` copies variables of Envoy's own.",
    ],
    [
      [...filters, 1],
      options.tcp ? "Forwards the connection; always the last." : "Sends the request on; always the last.",
    ],
    [
      ["static_resources", "clusters", 0],
      isName ? "The upstream, by its name: Envoy looks it up again and again." : "The upstream.",
    ],
    [["static_resources", "clusters", 1], "The server that has the module."],
  ];
}

const CAPABILITIES = "Host functions and callbacks that the module may use; all others are denied to it.";

function usage(message: string, advice: string): CommandError {
  return new CommandError(message, { exitCode: EXIT_USAGE, advice });
}

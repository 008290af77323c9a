// One run of Envoy with a filter: the upstream, Envoy itself, the watch, and the end of all three.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { basename } from "node:path";

import { HotFilter, findEnvoy, startEnvoy, unexpectedEnd } from "../envoy/index.ts";
import { startHttpEcho, startTcpEcho, watchFiles } from "../serve/index.ts";
import type {
  ClusterOptions,
  Envoy,
  EnvoyBinary,
  LogLevel,
  NetworkFilterOptions,
  WasmPluginOptions,
} from "../envoy/index.ts";
import type { CommandIo } from "./io.ts";
import type { EchoServer, Watch } from "../serve/index.ts";
import type { EnvoyReport } from "./envoy-report.ts";
import type { LogLevelName } from "../host/index.ts";

/** What to run. */
export interface EnvoySessionOptions {
  /** Absolute path of the module. */
  readonly wasm: string;
  /** As the user calls it. */
  readonly title: string;
  readonly version?: string | undefined;
  /** `http:`, `https:`, or `tcp:`; undefined for an echo. */
  readonly upstream?: URL | undefined;
  readonly upstreamHttp2: boolean;
  readonly tcp: boolean;
  readonly configuration: string | { readonly file: string };
  readonly rootId?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly port: number;
  readonly failurePolicy: "FAIL_CLOSED" | "FAIL_OPEN" | "FAIL_RELOAD";
  readonly logLevel: LogLevelName;
  readonly allowOnHeadersStopIteration?: boolean | undefined;
  readonly watch: boolean;
}

/** Enough to say why a module was refused; an Envoy that runs for days must not fill the memory. */
const KEPT_LOG_ENTRIES = 2000;

/** Runs until it is interrupted. Rejects with an EnvoyError if Envoy does not start, or ends by itself. */
export async function runEnvoy(
  options: EnvoySessionOptions,
  report: EnvoyReport,
  io: CommandIo,
): Promise<void> {
  const [wasm, configuration] = await read(options);
  const binary = await findEnvoy({
    version: options.version,
    env: { ...io.env },
    onProgress: (message) => io.stderr.write(`${message}\n`),
  });
  const cleanups: (() => unknown)[] = [];
  try {
    const echo = options.upstream ? undefined : await (options.tcp ? startTcpEcho() : startHttpEcho());
    if (echo) cleanups.push(() => echo.close());
    const hot = options.watch
      ? await HotFilter.create(hotOptions(options, binary), wasm, configuration)
      : undefined;
    if (hot) cleanups.push(() => hot.dispose());
    const filter = hot?.filter ?? { ...plugin(options), wasm: options.wasm, configuration };
    const envoy = await start(options, binary, filter, echo, report, io);
    cleanups.push(() => envoy.stop());
    if (hot) report.quiet(true);
    report.follow(envoy);
    await hot?.checkFirst(envoy);
    report.quiet(false);
    report.listening({
      envoy,
      title: options.title,
      bytes: wasm.length,
      upstream: options.upstream,
      tcp: options.tcp,
    });
    const watch = hot && watchFilter(options, hot, envoy, report);
    if (watch) cleanups.push(() => watch.stop());
    await untilEnd(envoy, io.interrupted);
    report.stopped();
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
    report.flush();
  }
}

async function read({ wasm, configuration }: EnvoySessionOptions): Promise<[Buffer, Buffer | string]> {
  return [
    await readFile(wasm),
    typeof configuration === "string" ? configuration : await readFile(configuration.file),
  ];
}

async function start(
  options: EnvoySessionOptions,
  binary: EnvoyBinary,
  filter: NetworkFilterOptions,
  echo: EchoServer | undefined,
  report: EnvoyReport,
  io: CommandIo,
): Promise<Envoy> {
  const listener = {
    name: "main",
    port: options.port,
    filters: [filter],
    accessLog: report.accessLogFormat(options.tcp),
  };
  return startEnvoy({
    envoy: binary,
    env: { ...io.env },
    ...(options.tcp ? { tcp: listener } : { http: listener }),
    clusters: { upstream: await upstream(options, echo, io) },
    componentLogLevels: { wasm: envoyLevel(options.logLevel) },
    logLimit: KEPT_LOG_ENTRIES,
    onLog: () => report.changed(),
    onAccessLog: (line) => report.access(line),
  });
}

function plugin(options: EnvoySessionOptions): Omit<WasmPluginOptions, "wasm"> & { name: string } {
  return {
    name: basename(options.wasm).replace(/\.wasm$/, ""),
    rootId: options.rootId,
    failurePolicy: options.failurePolicy,
    allowOnHeadersStopIteration: options.allowOnHeadersStopIteration,
    environmentVariables: options.environment && { keyValues: options.environment },
  };
}

function hotOptions(
  options: EnvoySessionOptions,
  { version }: EnvoyBinary,
): Parameters<typeof HotFilter.create>[0] {
  return { ...plugin(options), kind: options.tcp ? "tcp" : "http", envoyVersion: version };
}

async function upstream(
  { upstream: url, upstreamHttp2 }: EnvoySessionOptions,
  echo: EchoServer | undefined,
  io: CommandIo,
): Promise<ClusterOptions> {
  if (url === undefined) return { port: echo?.port };
  const address = url.hostname.replace(/^\[|\]$/g, "");
  const secure = url.protocol === "https:";
  return {
    address,
    port: Number(url.port) || (secure ? 443 : 80),
    http2: upstreamHttp2,
    ...(secure && { tls: { serverName: address, trustedCa: { inline_string: await trusted(io) } } }),
  };
}

/** Whom Node trusts: that needs no knowledge of where this system has its authorities. */
async function trusted({ env }: CommandIo): Promise<string> {
  const extra = env["NODE_EXTRA_CA_CERTS"];
  return [...rootCertificates, ...(extra ? [await readFile(extra, "utf8")] : [])].join("\n");
}

function watchFilter(options: EnvoySessionOptions, hot: HotFilter, envoy: Envoy, report: EnvoyReport): Watch {
  const { wasm, configuration, title } = options;
  const files = typeof configuration === "string" ? [wasm] : [wasm, configuration.file];
  return watchFiles(files, async () => {
    try {
      const [bytes, text] = await read(options);
      report.quiet(true);
      const swap = await hot.swap(envoy, bytes, text);
      report.quiet(false);
      report.swapped(swap, title, bytes.length);
    } catch (error) {
      // Half-way through a build there may be no file. An Envoy that is gone is told of elsewhere.
      report.quiet(false);
      if (envoy.alive) report.notReloaded(title, error as Error);
    }
  });
}

async function untilEnd(envoy: Envoy, interrupted: AbortSignal): Promise<void> {
  if (interrupted.aborted) return;
  const stop = new AbortController();
  try {
    const ended = await Promise.race([
      envoy.exit,
      once(interrupted, "abort", { signal: stop.signal }).then(() => undefined),
    ]);
    // Ctrl-C reaches Envoy as well, and either may be the first to tell.
    await new Promise((resolve) => setImmediate(resolve));
    if (ended !== undefined && !interrupted.aborted) throw unexpectedEnd(envoy.log, ended);
  } finally {
    stop.abort();
  }
}

function envoyLevel(level: LogLevelName): LogLevel {
  return level === "warn" ? "warning" : (level as LogLevel);
}

// Starts an Envoy on free ports, or lets it check a configuration.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { isLive, listenerPorts } from "./admin.ts";
import { toBootstrap, toYaml, wasmFiles } from "./bootstrap.ts";
import { Envoy } from "./envoy.ts";
import { describeExit, EnvoyError, startError, type ProcessExit } from "./error.ts";
import { envoyVersion } from "./binary.ts";
import { findEnvoy, type EnvoyBinary } from "./find.ts";
import { EnvoyLog } from "./log.ts";
import type { BootstrapOptions } from "./options.ts";
import { ManagedProcess, removeAtExit } from "./process.ts";

export interface EnvoyRunOptions extends BootstrapOptions {
  /** The binary, or its path. Default: what {@link findEnvoy} finds. */
  envoy?: EnvoyBinary | string | undefined;
  /** Number of worker threads. Default: 1. */
  concurrency?: number | undefined;
  /** Level of the log. Default: `warning`, which leaves out what every start says. */
  logLevel?: LogLevel | undefined;
  /** Levels of single components. Default: `{ wasm: "debug" }`; the guest sees the level of `wasm`. */
  componentLogLevels?: Readonly<Record<string, LogLevel>> | undefined;
  /** Further arguments of the command line. */
  args?: readonly string[] | undefined;
  /** Environment of Envoy. Default: that of this process. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Longest time until Envoy is ready, or has checked the configuration, in ms. Default: 30000. */
  timeoutMs?: number | undefined;
  /** Gets Envoy's log while it is written, e.g. to show it. */
  onLog?: ((chunk: Buffer) => void) | undefined;
  /** Entries of the log that are kept, for an Envoy that runs for long. Default: all. */
  logLimit?: number | undefined;
  /** Gets each line of the access logs; none is kept then. */
  onAccessLog?: ((line: string) => void) | undefined;
}

/** Levels as Envoy's command line takes them. */
export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "critical" | "off";

const POLL_MS = 5;

/**
 * Starts an Envoy and waits until it serves. Rejects with an EnvoyError if Envoy refuses the configuration or dies
 * before it is ready: the message has what Envoy said, how it ended and what to do; `log` has the rest.
 * Several may run at once: each listens on its own free ports of 127.0.0.1.
 */
export async function startEnvoy(options: EnvoyRunOptions = {}): Promise<Envoy> {
  const launch = await prepare(options);
  const adminFile = join(launch.folder, "admin");
  const run = execute(launch, options, ["--admin-address-path", adminFile]);
  const controller = new AbortController();
  try {
    const adminPort = await Promise.race([
      waitForReady(adminFile, controller.signal),
      ended(run).then((exit) => Promise.reject(failed(run, exit, "Envoy ended before it was ready"))),
      timeout(run, options, controller.signal),
    ]);
    const ports = inOrder(launch.listeners, await listenerPorts(adminPort));
    run.process.exit.then(launch.clean, launch.clean);
    return new Envoy({ ...launch, ...run, adminPort, ports });
  } catch (error) {
    await run.process.stop(0).catch(() => {});
    await launch.clean();
    throw error;
  } finally {
    controller.abort();
  }
}

/**
 * Lets Envoy check the configuration, modules included: each is loaded, and started once. Resolves with Envoy's log;
 * rejects with an EnvoyError, as {@link startEnvoy} does, if Envoy refuses it.
 */
export async function validate(options: EnvoyRunOptions = {}): Promise<EnvoyLog> {
  const launch = await prepare(options);
  const run = execute(launch, options, ["--mode", "validate"]);
  const controller = new AbortController();
  try {
    const exit = await Promise.race([ended(run), timeout(run, options, controller.signal)]);
    if (exit.code !== 0) throw failed(run, exit, "Envoy refused the configuration");
    return run.log;
  } finally {
    controller.abort();
    await run.process.stop(0).catch(() => {});
    await launch.clean();
  }
}

interface Launch {
  path: string;
  version: string;
  config: string;
  listeners: string[];
  folder: string;
  clean: () => Promise<void>;
}

interface Run {
  process: ManagedProcess;
  log: EnvoyLog;
  accessLog: string[];
}

async function prepare(options: EnvoyRunOptions): Promise<Launch> {
  const given = options.envoy ?? (await findEnvoy());
  const path = typeof given === "string" ? given : given.path;
  const version = typeof given === "string" ? await envoyVersion(given) : given.version;
  const bootstrap = toBootstrap({ envoyVersion: version, ...options });
  const missing = wasmFiles(bootstrap).find((file) => !existsSync(file));
  if (missing !== undefined)
    throw new EnvoyError(`There is no module ${missing}: build it first, or correct the path.`);
  const config = toYaml(bootstrap);
  const folder = await mkdtemp(join(tmpdir(), "proxy-wasm-as-envoy-"));
  const forget = removeAtExit(folder);
  await writeFile(join(folder, "envoy.yaml"), config);
  const listeners = (bootstrap.static_resources?.listeners ?? []) as { name?: string }[];
  return {
    path,
    version,
    config,
    listeners: listeners.map((listener) => listener.name ?? ""),
    folder,
    clean: async () => {
      await rm(folder, { recursive: true, force: true });
      forget();
    },
  };
}

function execute(launch: Launch, options: EnvoyRunOptions, mode: readonly string[]): Run {
  const log = new EnvoyLog(options.logLimit);
  const accessLog: string[] = [];
  const levels = Object.entries(options.componentLogLevels ?? { wasm: "debug" });
  const args = [
    ...["--config-path", join(launch.folder, "envoy.yaml")],
    // No shared memory, so neither a clash with another Envoy nor anything left in /dev/shm.
    "--disable-hot-restart",
    ...["--concurrency", String(options.concurrency ?? 1)],
    ...["--log-level", options.logLevel ?? "warning"],
    ...(levels.length > 0 ? ["--component-log-level", levels.map((pair) => pair.join(":")).join(",")] : []),
    // The default is to write access logs every 10 s.
    ...["--file-flush-interval-msec", "20"],
    ...mode,
    ...(options.args ?? []),
  ];
  const child = new ManagedProcess(launch.path, args, options.env ?? process.env, {
    stdout: lineSplitter(options.onAccessLog ?? ((line) => accessLog.push(line))),
    stderr: (chunk) => {
      log.write(chunk);
      options.onLog?.(chunk);
    },
  });
  child.exit.then(
    (exit) => log.end(`Envoy is gone (${describeExit(exit)})`),
    (error: Error) => log.end(`Envoy could not be started (${error.message})`),
  );
  return { process: child, log, accessLog };
}

function ended(run: Run): Promise<ProcessExit> {
  return run.process.exit.catch((cause: Error) => {
    throw new EnvoyError(`Envoy could not be started: ${cause.message}`, { cause });
  });
}

async function timeout(run: Run, options: EnvoyRunOptions, signal: AbortSignal): Promise<never> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  await sleep(timeoutMs, undefined, { signal });
  throw startError(`Envoy was not ready within ${timeoutMs} ms`, run.log);
}

function failed(run: Run, exit: ProcessExit, what: string): EnvoyError {
  return startError(`${what} (${describeExit(exit)})`, run.log, exit);
}

/** Waits until Envoy has written the address of its admin server, and until that server calls itself live. */
async function waitForReady(adminFile: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    const address = await readFile(adminFile, "utf8").catch(() => "");
    const port = Number(/:(\d+)\s*$/.exec(address)?.[1]);
    // It may refuse connections for a moment: whether Envoy is alive is watched elsewhere.
    if (port > 0 && (await isLive(port).catch(() => false))) return port;
    await sleep(POLL_MS, undefined, { signal });
  }
}

function inOrder(names: readonly string[], ports: ReadonlyMap<string, number>): Map<string, number> {
  const known = names.filter((name) => ports.has(name)).map((name) => [name, ports.get(name) ?? 0] as const);
  return new Map([...known, ...ports]);
}

function lineSplitter(add: (line: string) => void): (chunk: Buffer) => void {
  let partial = "";
  return (chunk) => {
    const lines = (partial + chunk.toString("latin1")).split("\n");
    partial = lines.pop() ?? "";
    for (const line of lines) add(Buffer.from(line, "latin1").toString());
  };
}

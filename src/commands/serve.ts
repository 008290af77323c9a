// `proxy-wasm-as serve`: a dev reverse proxy with a filter inside.
import { once } from "node:events";
import { resolve } from "node:path";
import { Option } from "commander";
import type { Command } from "commander";

import { HostError } from "../host/index.ts";
import { CommandError } from "./command-error.ts";
import {
  POLICIES,
  collectCluster,
  collectEnv,
  failurePolicyOption,
  logLevelOption,
  parseCount,
  parsePort,
  parseUpstream,
} from "./flags.ts";
import { palette } from "./palette.ts";
import { serveProject } from "./serve-project.ts";
import { startServer } from "../serve/index.ts";
import { EXIT_FAILED, EXIT_USAGE } from "./io.ts";
import type { CommandIo } from "./io.ts";
import type { DevServer, ServeOptions } from "../serve/index.ts";
import type { LogLevelName } from "../host/index.ts";

/** As the user gives it. */
interface ServeFlags {
  upstream?: URL;
  upstreamHttp2?: boolean;
  timeout: number;
  config?: string;
  configFile?: string;
  rootId?: string;
  port: number;
  host: string;
  env?: Record<string, string>;
  cluster?: Record<string, URL>;
  failurePolicy: keyof typeof POLICIES;
  logLevel: LogLevelName;
  allowOnHeadersStopIteration?: boolean;
  watch?: boolean;
}

/** Adds the command. */
export function addServeCommand(program: Command, io: CommandIo): void {
  program
    .command("serve")
    .summary("run a filter in a small reverse proxy on this machine")
    .description(
      "Runs a filter in a small reverse proxy on this machine, behaving as Envoy does, with HTTP/1.1 and cleartext " +
        "HTTP/2 on one port. Prints the filter's log, with the stream that each line comes from, and one line per request.",
    )
    .argument("[file.wasm]", "the filter (default: the project in this folder is built and served)")
    .option(
      "-u, --upstream <url>",
      "where requests go, such as http://127.0.0.1:3000 (default: they are echoed)",
      parseUpstream,
    )
    .option("--upstream-http2", "speak cleartext HTTP/2 to the upstream, as gRPC servers need")
    .option("--timeout <ms>", "time for the upstream's whole answer; 0 is for ever", parseCount, 15_000)
    .addOption(new Option("-c, --config <text>", "plugin configuration").conflicts("configFile"))
    .option("--config-file <file>", "plugin configuration from a file")
    .option("--root-id <id>", "root id of the filter (default: none)")
    .option("-p, --port <port>", "port to listen on; 0 for a free one", parsePort, 8080)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("-e, --env <name=value>", "environment variable of the filter (repeatable)", collectEnv)
    .option("--cluster <name=url>", "server that callouts to this cluster reach (repeatable)", collectCluster)
    .addOption(failurePolicyOption())
    .addOption(logLevelOption())
    .option(
      "--allow-on-headers-stop-iteration",
      "let StopIteration stop the headers only, as that option of Envoy does",
    )
    .option(
      "-w, --watch",
      "load the filter anew when its file changes; without a file, build it when a source changes",
    )
    .addHelpText(
      "after",
      `
Examples:
  proxy-wasm-as serve --watch
  proxy-wasm-as serve build/filter.wasm
  proxy-wasm-as serve build/filter.wasm --upstream http://127.0.0.1:3000 --watch
  proxy-wasm-as serve build/filter.wasm --config '{"greeting":"hello"}' --cluster auth=http://127.0.0.1:4000`,
    )
    .action(async (wasm: string | undefined, flags: ServeFlags) => {
      const start = async (file: string): Promise<void> => {
        await serve(toOptions(file, flags, io), io.interrupted);
        io.stdout.write("stopped\n");
      };
      if (wasm === undefined) await serveProject(flags.watch === true, io, start);
      else await start(wasm);
    });
}

/** Serves until it is interrupted. @throws CommandError if it cannot start. */
export async function serve(options: ServeOptions, interrupted: AbortSignal): Promise<void> {
  let server: DevServer;
  try {
    server = await startServer(options);
  } catch (error) {
    throw explain(error, options);
  }
  if (!interrupted.aborted) await once(interrupted, "abort");
  await server.close();
}

function toOptions(wasm: string, flags: ServeFlags, io: CommandIo): ServeOptions {
  const { upstream, config, configFile } = flags;
  if (upstream?.protocol === "https:" && flags.upstreamHttp2 === true) {
    throw new CommandError("--upstream-http2 is for cleartext HTTP/2, but the upstream is https", {
      advice: "Leave --upstream-http2 out, or give the upstream as http.",
      exitCode: EXIT_USAGE,
    });
  }
  return {
    wasm: resolve(io.cwd, wasm),
    title: wasm,
    rootId: flags.rootId ?? "",
    configuration:
      configFile === undefined ? Buffer.from(config ?? "") : { file: resolve(io.cwd, configFile) },
    environment: flags.env ?? {},
    failurePolicy: POLICIES[flags.failurePolicy],
    allowOnHeadersStopIteration: flags.allowOnHeadersStopIteration ?? false,
    logLevel: flags.logLevel,
    upstream: upstream ?? null,
    upstreamHttp2: flags.upstreamHttp2 ?? false,
    timeout: flags.timeout,
    clusters: flags.cluster ?? {},
    host: flags.host,
    port: flags.port,
    watch: flags.watch ?? false,
    print: (line) => io.stdout.write(`${line}\n`),
    paint: palette(io.colour),
  };
}

/** What to do about a server that does not start. */
function explain(error: unknown, { wasm, title, host, port }: ServeOptions): unknown {
  if (error instanceof HostError) {
    const advice =
      error.code === "invalid-module"
        ? "Give the file that the build wrote, such as build/filter.wasm."
        : undefined;
    return new CommandError(`${title}: [${error.code}] ${error.message}`, {
      cause: error,
      ...(advice && { advice }),
    });
  }
  const { code, message, path } = error as NodeJS.ErrnoException;
  const at = `${host}:${port}`;
  const known: Record<string, [string, string]> = {
    EADDRINUSE: [
      `cannot listen on ${at}: another process has that port`,
      "Take another one with --port, or --port 0 for a free one.",
    ],
    EACCES:
      path === undefined
        ? [`cannot listen on ${at}: that port is not for every user`, "Take one above 1023 with --port."]
        : [`${path} may not be read`, "Change its permissions."],
    EADDRNOTAVAIL: [
      `cannot listen on ${at}: this machine has no such address`,
      "Use 127.0.0.1 for this machine only, 0.0.0.0 for everybody.",
    ],
    ENOTFOUND: [`cannot listen on ${at}: ${host} is unknown`, "Give an address of this machine with --host."],
    ENOENT: [
      `there is no file ${path}`,
      path === wasm ? "Build the filter first, or check the path." : "Check the path.",
    ],
    EISDIR: [`${path ?? wasm} is a folder`, "Give the path of a file."],
  };
  const entry = code === undefined ? undefined : known[code];
  if (entry === undefined)
    return error instanceof Error ? new CommandError(message, { cause: error }) : error;
  const exitCode = code === "ENOENT" || code === "EISDIR" ? EXIT_USAGE : EXIT_FAILED;
  return new CommandError(entry[0], { advice: entry[1], exitCode, cause: error });
}

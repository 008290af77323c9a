// `proxy-wasm-as envoy`: a real Envoy with the filter inside, on this machine.
import { InvalidArgumentError, Option } from "commander";
import { resolve } from "node:path";
import type { Command } from "commander";

import { CommandError } from "./command-error.ts";
import { EXIT_FAILED, EXIT_USAGE } from "./io.ts";
import { DEFAULT_ENVOY_VERSION, EnvoyError } from "../envoy/index.ts";
import { EnvoyReport } from "./envoy-report.ts";
import { POLICIES, collectEnv, failurePolicyOption, logLevelOption, parsePort } from "./flags.ts";
import type { LogLevelName } from "../host/index.ts";
import { runEnvoy } from "./envoy-session.ts";
import { palette } from "./palette.ts";
import type { CommandIo } from "./io.ts";
import type { EnvoySessionOptions } from "./envoy-session.ts";

/** As the user gives it. */
interface EnvoyFlags {
  version?: string;
  upstream?: URL;
  upstreamHttp2?: true;
  tcp?: true;
  config?: string;
  configFile?: string;
  rootId?: string;
  env?: Record<string, string>;
  port: number;
  failurePolicy: keyof typeof POLICIES;
  logLevel: LogLevelName;
  allowOnHeadersStopIteration?: true;
  watch?: true;
  json?: true;
}

/** Adds the command. */
export function addEnvoyCommand(program: Command, io: CommandIo): void {
  program
    .command("envoy")
    .summary("run a filter in a real Envoy on this machine")
    .description(
      "Runs a filter in a real Envoy on this machine: one that is there (the variable ENVOY, PATH), or one that is " +
        "installed into your cache folder. Prints the filter's log and one line per request.",
    )
    .argument("<file.wasm>", "the filter")
    .option(
      "--version <version>",
      `version of Envoy, such as 1.36.4, 1.37.0, 1.38.2, 1.39.3 (default: what is there, else ${DEFAULT_ENVOY_VERSION})`,
      parseVersion,
    )
    .option(
      "-u, --upstream <url>",
      "where requests go, such as http://127.0.0.1:3000 (default: they are echoed)",
      parseTarget,
    )
    .option("--upstream-http2", "speak HTTP/2 to the upstream, as gRPC servers need")
    .option("--tcp", "a filter of TCP connections, not of HTTP; the upstream is tcp://host:port")
    .addOption(new Option("-c, --config <text>", "plugin configuration").conflicts("configFile"))
    .option("--config-file <file>", "plugin configuration from a file")
    .option("--root-id <id>", "root id of the filter (default: none)")
    .option("-e, --env <name=value>", "environment variable of the filter (repeatable)", collectEnv)
    .option("-p, --port <port>", "port to listen on; 0 for a free one", parsePort, 10_000)
    .addOption(failurePolicyOption())
    .addOption(logLevelOption())
    .option("--allow-on-headers-stop-iteration", "let StopIteration stop the headers only")
    .option("-w, --watch", "load the filter anew when its file changes; no request is dropped")
    .option("--json", "print one JSON object per line")
    .addHelpText(
      "after",
      `
Examples:
  proxy-wasm-as envoy build/filter.wasm
  proxy-wasm-as envoy build/filter.wasm --upstream http://127.0.0.1:3000 --watch --version 1.36.4
  proxy-wasm-as envoy build/filter.wasm --tcp --upstream tcp://127.0.0.1:6379`,
    )
    .action(async (wasm: string, flags: EnvoyFlags) => {
      const report = new EnvoyReport(io.stdout, palette(io.colour), flags.json === true, flags.logLevel);
      try {
        await runEnvoy(toOptions(wasm, flags, io), report, io);
      } catch (error) {
        throw explain(error, flags);
      }
    });
}

function toOptions(wasm: string, flags: EnvoyFlags, io: CommandIo): EnvoySessionOptions {
  const { upstream, tcp, upstreamHttp2 } = flags;
  if (upstream !== undefined && (upstream.protocol === "tcp:") !== (tcp === true))
    throw usage(
      tcp ? "with --tcp the upstream is tcp://host:port" : "tcp:// is for --tcp",
      tcp ? "Write it so." : "Add --tcp, or give the upstream as http://127.0.0.1:3000.",
    );
  if (tcp && upstreamHttp2) throw usage("--upstream-http2 is not for --tcp", "Leave one of them out.");
  return {
    wasm: resolve(io.cwd, wasm),
    title: wasm,
    version: flags.version,
    upstream,
    upstreamHttp2: upstreamHttp2 ?? false,
    tcp: tcp ?? false,
    configuration:
      flags.configFile === undefined ? (flags.config ?? "") : { file: resolve(io.cwd, flags.configFile) },
    rootId: flags.rootId,
    environment: flags.env,
    port: flags.port,
    failurePolicy: POLICIES[flags.failurePolicy],
    logLevel: flags.logLevel,
    allowOnHeadersStopIteration: flags.allowOnHeadersStopIteration,
    watch: flags.watch ?? false,
  };
}

/** What to do about an Envoy that does not start, or ends. */
function explain(error: unknown, { port }: EnvoyFlags): unknown {
  if (error instanceof EnvoyError) {
    const [message = "", ...more] = error.message.split("\n");
    const taken = error.message.includes("Address already in use");
    return new CommandError(taken ? `cannot listen on port ${port}: another process has it` : message, {
      advice: taken ? "Take another one with --port, or --port 0 for a free one." : more.join("\n  "),
      cause: error,
    });
  }
  const { code, message, path } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "EISDIR" || code === "EACCES") {
    const what = {
      ENOENT: `there is no file ${path}`,
      EISDIR: "that is a folder, not a file",
      EACCES: `${path} may not be read`,
    };
    return new CommandError(what[code], {
      advice: "Build the filter first, or check the path.",
      exitCode: code === "EACCES" ? EXIT_FAILED : EXIT_USAGE,
      cause: error,
    });
  }
  return code === undefined ? error : new CommandError(message, { cause: error });
}

function parseVersion(text: string): string {
  if (!/^\d+\.\d+\.\d+$/.test(text)) throw new InvalidArgumentError("It must look like 1.40.0.");
  if (text === "1.38.3")
    throw new InvalidArgumentError(
      "The Envoy 1.38.3 that can be installed has no V8, so no filters: take 1.38.2.",
    );
  return text;
}

function parseTarget(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:", "tcp:"].includes(url.protocol) || url.hostname === "")
    throw new InvalidArgumentError("It must be a URL such as http://127.0.0.1:3000.");
  if (url.protocol === "tcp:" && url.port === "")
    throw new InvalidArgumentError("It needs a port: tcp://host:port.");
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "" || url.username !== "")
    throw new InvalidArgumentError("It must be host and port alone: the path is that of each request.");
  return url;
}

function usage(message: string, advice: string): CommandError {
  return new CommandError(message, { exitCode: EXIT_USAGE, advice });
}

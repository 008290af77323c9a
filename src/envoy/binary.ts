// Envoy binaries on disk: where they are, and which version they are.
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import { EnvoyError } from "./error.ts";

const versions = new Map<string, Promise<string>>();

/** Version of an Envoy binary, such as `1.40.0`. Asked once per file; rejects with an EnvoyError if it is none. */
export async function envoyVersion(path: string): Promise<string> {
  const { mtimeMs, size } = await stat(path).catch((cause: Error) => {
    throw new EnvoyError(`There is no Envoy at ${path}.`, { cause });
  });
  const key = `${path}\0${mtimeMs}\0${size}`;
  const known = versions.get(key);
  if (known !== undefined) return known;
  const asked = askVersion(path);
  versions.set(key, asked);
  asked.catch(() => versions.delete(key));
  return asked;
}

/** The first executable file of that name on PATH. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    if (folder !== "" && (await isExecutable(path))) return path;
  }
  return undefined;
}

/** True for a file that may be executed; false for a folder, or if there is nothing. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function askVersion(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ["--version"], { timeout: 30_000 }).catch(
    (cause: Error & { stderr?: string }) => {
      const said = (cause.stderr?.trim() || cause.message).split("\n")[0];
      throw new EnvoyError(`${path} --version failed: ${said}`, { cause });
    },
  );
  // "<path>  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL"
  const version = /version: *[^\s/]*\/(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) {
    throw new EnvoyError(
      `${path} --version does not answer like an Envoy: ${JSON.stringify(stdout.trim().slice(0, 200))}`,
    );
  }
  return version;
}

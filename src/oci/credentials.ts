// Credentials for a registry: from the files that docker and podman write when somebody logs in, and from their helpers.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { OciError } from "./error.ts";
import { isDockerHub } from "./reference.ts";

/** A user name and a password, or a token that stands for both. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** An OAuth2 refresh token instead of a password. */
  readonly identityToken?: string | undefined;
  /** Where they were found, for messages. */
  readonly source: string;
}

/** What decides where to look. */
export interface CredentialsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface ConfigFile {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

const DOCKER_HUB_KEYS = [
  "https://index.docker.io/v1/",
  "index.docker.io",
  "docker.io",
  "registry-1.docker.io",
];
const HELPER_TIMEOUT_MILLISECONDS = 30_000;
/** The user name that helpers give for an identity token. */
const TOKEN_USER = "<token>";

/** The credentials of whoever is logged in to the registry; undefined if nobody is. */
export async function findCredentials(
  registry: string,
  repository: string,
  { env }: CredentialsOptions,
): Promise<Credentials | undefined> {
  for (const path of configFiles(env)) {
    const config = await readConfig(path);
    if (config === undefined) continue;
    const found = await fromConfig(config, path, registry, repository, env);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Docker's file, then podman's. */
function configFiles(env: CredentialsOptions["env"]): string[] {
  const home = env["HOME"] || homedir();
  const podman =
    env["REGISTRY_AUTH_FILE"] ||
    (env["XDG_RUNTIME_DIR"] && join(env["XDG_RUNTIME_DIR"], "containers/auth.json"));
  return [join(env["DOCKER_CONFIG"] || join(home, ".docker"), "config.json"), ...(podman ? [podman] : [])];
}

async function readConfig(path: string): Promise<ConfigFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new OciError(`cannot read ${path}: ${(cause as Error).message}`, {
      advice: "It has the credentials of registries. Correct its permissions, or set DOCKER_CONFIG.",
      cause,
    });
  }
  try {
    const value: unknown = text.trim() === "" ? {} : JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
    throw new SyntaxError("it is no object");
  } catch {
    // The reason that JSON.parse gives quotes the text, which holds passwords.
    throw new OciError(`${path} is no JSON as docker writes it`, {
      advice: "Log in again (docker login), or set DOCKER_CONFIG to another folder.",
    });
  }
}

async function fromConfig(
  config: ConfigFile,
  path: string,
  registry: string,
  repository: string,
  env: CredentialsOptions["env"],
): Promise<Credentials | undefined> {
  const keys = isDockerHub(registry) ? DOCKER_HUB_KEYS : [registry];
  for (const key of keys) {
    const helper = config.credHelpers?.[key] ?? config.credsStore;
    if (helper === undefined || helper === "") continue;
    const found = await askHelper(helper, key, env);
    if (found !== undefined) return found;
  }
  const entries = Object.entries(config.auths ?? {});
  // Podman's keys may have a part of the repository; the longest that fits is the one.
  const scoped = repository
    .split("/")
    .map((_, index, parts) => `${registry}/${parts.slice(0, parts.length - index).join("/")}`);
  for (const key of [...scoped, ...keys]) {
    const entry = entries.find(([name]) => name === key || bare(name) === bare(key))?.[1];
    const found = entry && fromEntry(entry, path, key);
    if (found) return found;
  }
  return undefined;
}

/** Keys were URLs once. */
function bare(key: string): string {
  return key.replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
}

function fromEntry(
  entry: NonNullable<ConfigFile["auths"]>[string],
  path: string,
  key: string,
): Credentials | undefined {
  const source = `${path} (${key})`;
  const { identitytoken: identityToken } = entry;
  if (entry.auth) {
    const text = Buffer.from(entry.auth, "base64").toString().replace(/\0+$/, "");
    const colon = text.indexOf(":");
    if (colon < 1)
      throw new OciError(`the entry ${key} of ${path} is damaged`, { advice: "Log in again: docker login" });
    return { username: text.slice(0, colon), password: text.slice(colon + 1), identityToken, source };
  }
  if (entry.username !== undefined && entry.password !== undefined)
    return { username: entry.username, password: entry.password, identityToken, source };
  if (identityToken) return { username: TOKEN_USER, password: "", identityToken, source };
  return undefined;
}

/** Asks a program such as docker-credential-pass, by the protocol that docker has with it. */
async function askHelper(
  helper: string,
  registry: string,
  env: CredentialsOptions["env"],
): Promise<Credentials | undefined> {
  const program = `docker-credential-${helper}`;
  const { code, stdout, stderr } = await runHelper(program, registry, env);
  const said = `${stdout}${stderr}`.trim();
  if (code !== 0) {
    if (/not found|no credentials/i.test(said)) return undefined;
    throw new OciError(`${program} failed: ${said || `exit code ${code}`}`, {
      advice: "It is named in docker's config.json. Run it by hand to see why, or log in again.",
    });
  }
  const answer = parseAnswer(stdout);
  if (answer === undefined)
    throw new OciError(`${program} gave no answer that can be read`, {
      advice: "It is named in docker's config.json.",
    });
  const { Username: username, Secret: password } = answer;
  if (username === "" && password === "") return undefined;
  return username === TOKEN_USER
    ? { username, password: "", identityToken: password, source: program }
    : { username, password, source: program };
}

function parseAnswer(text: string): { Username: string; Secret: string } | undefined {
  try {
    const value = JSON.parse(text) as { Username?: unknown; Secret?: unknown };
    return typeof value.Username === "string" && typeof value.Secret === "string"
      ? { Username: value.Username, Secret: value.Secret }
      : undefined;
  } catch {
    return undefined;
  }
}

function runHelper(
  program: string,
  input: string,
  env: CredentialsOptions["env"],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], { env: { ...env }, timeout: HELPER_TIMEOUT_MILLISECONDS });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", (cause) => {
      reject(
        new OciError(`${program} could not be started: ${cause.message}`, {
          advice: "It is named in docker's config.json: install it, or log in again without it.",
          cause,
        }),
      );
    });
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    // One that ends without reading is judged by its exit code.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

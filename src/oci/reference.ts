// The name of an image: registry, repository, tag, digest.
import { OciError } from "./error.ts";

/** A parsed name. */
export interface ImageReference {
  /** Host and port, as given: `registry.example.com`, `127.0.0.1:5000`, `docker.io`. */
  readonly registry: string;
  /** Such as `team/filter`. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:` and 64 digits. */
  readonly digest: string | undefined;
}

const HOST = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\d{1,5}))?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;
const MAX_REPOSITORY = 255;
const DOCKER_HUB = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/** Parses `oci://registry/name:tag@sha256:...`; the scheme, the tag and the digest may be absent. */
export function parseReference(text: string): ImageReference {
  const bad = (why: string): OciError =>
    new OciError(`${JSON.stringify(text)} is no name of an image: ${why}`, {
      advice: "It is oci://registry/name:tag, such as oci://registry.example.com/team/filter:1.0.0.",
    });
  const name = text.replace(/^oci:\/\//, "");
  if (/^[a-z]+:\/\//i.test(name)) throw bad("its scheme is oci, or none");
  const [path = "", digest, ...more] = name.split("@");
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest)))
    throw bad("what follows the @ is sha256: and 64 digits of 0-9 and a-f");
  const slash = path.indexOf("/");
  const registry = path.slice(0, Math.max(slash, 0));
  const port = HOST.exec(registry)?.[1];
  if (slash < 1 || !isRegistry(registry)) throw bad("it begins with the registry's host, and a slash");
  if (!HOST.test(registry) || Number(port ?? 1) > 65_535) throw bad(`${registry} is no host`);
  const [repository = "", tag, ...rest] = path.slice(slash + 1).split(":");
  if (rest.length > 0 || (tag !== undefined && !TAG.test(tag)))
    throw bad("a tag has letters, digits, '_', '.' and '-', at most 128");
  if (repository.length > MAX_REPOSITORY || !repository.split("/").every((part) => COMPONENT.test(part)))
    throw bad("names in it have small letters and digits, with '.', '_' and '-' between them");
  const official = DOCKER_HUB.has(registry.toLowerCase()) && !repository.includes("/");
  return { registry, repository: official ? `library/${repository}` : repository, tag, digest };
}

/** As {@link parseReference} takes it. */
export function formatReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The server that answers for a registry, which for Docker Hub is another one. */
export function registryHost({ registry }: ImageReference): string {
  return DOCKER_HUB.has(registry.toLowerCase()) ? "registry-1.docker.io" : registry;
}

/** True for Docker Hub under any of its names. */
export function isDockerHub(registry: string): boolean {
  return DOCKER_HUB.has(registry.toLowerCase());
}

/** True for a server on this machine, which speaks plain HTTP unless told otherwise. */
export function isLoopback(registry: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i.test(registry);
}

/** What has no dot, no port and is not `localhost` would be a user of Docker Hub elsewhere. */
function isRegistry(text: string): boolean {
  return /[.:[]/.test(text) || text === "localhost";
}

// Where a proxy of Istio gets a module from: an image, a server, or a file in its own container.
import { IstioConfigError } from "./error.ts";

/** One of the three places. */
export type ModuleSource =
  /** A file in the container of the proxy, by its absolute path. */
  | { readonly from: "file"; readonly path: string }
  /** A server, with the SHA-256 of the module. */
  | { readonly from: "http"; readonly url: string; readonly sha256: string }
  /** An image, with or without its tag and its manifest digest. */
  | { readonly from: "oci"; readonly image: string; readonly digest?: string | undefined };

/** The fields `url` and `sha256`, which WasmPlugin and TrafficExtension share. */
export interface ModuleFields {
  readonly url: string;
  readonly sha256?: string;
}

// Istio cuts `file://` off and decodes nothing, but wants a URL all the same.
const FILE_PATH = /^\/[A-Za-z0-9._~+@,=/-]*[^/]$/;
const IMAGE = /^[A-Za-z0-9.-]+(:\d{1,5})?(\/[a-z0-9._-]+)+(:[\w.-]{1,128})?$/;

/** The fields for a place. Throws an {@link IstioConfigError} for what Istio would refuse or misread. */
export function moduleFields(source: ModuleSource): ModuleFields {
  if (source.from === "file") {
    checkFilePath(source.path);
    return { url: `file://${source.path}` };
  }
  if (source.from === "http") {
    checkHttpUrl(source.url);
    return { url: source.url, sha256: checksum(source.sha256) };
  }
  if (!IMAGE.test(source.image))
    throw new IstioConfigError(
      `there is no image ${JSON.stringify(source.image)}`,
      "An image is registry/name:tag, such as registry.example.com/team/filter:1.0.0.",
    );
  if (source.digest === undefined) return { url: `oci://${source.image}` };
  const sha256 = checksum(source.digest.replace(/^sha256:/, ""));
  return { url: `oci://${source.image}@sha256:${sha256}`, sha256 };
}

function checkFilePath(path: string): void {
  if (!path.startsWith("/"))
    throw new IstioConfigError(
      `${JSON.stringify(path)} is no absolute path`,
      "Istio looks for the file in the proxy's own container, where it must have been mounted: give the path there. Images (--image) need no mount.",
    );
  if (!FILE_PATH.test(path) || path.includes("//"))
    throw new IstioConfigError(
      `Istio would not find ${JSON.stringify(path)}`,
      "The path goes into a URL that is not decoded: use letters, digits and . _ ~ + @ , = - /, and end with the file's name.",
    );
}

function checkHttpUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new IstioConfigError(
      `${JSON.stringify(text)} is no URL of a module`,
      "It begins with http: or https:. Images are given by --image, files by their path.",
    );
  // What Node repairs (spaces, backslashes, missing slashes), Go refuses or takes for something else.
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(text) || /[\\^`{|}<>"]|%(?![0-9A-Fa-f]{2})/.test(text))
    throw new IstioConfigError(
      `${JSON.stringify(text)} has characters that no URL has`,
      "Encode them, such as %20 for a space.",
    );
  if (url.username !== "" || url.password !== "")
    throw new IstioConfigError(
      "the URL has a user name or password in it",
      "Everybody who can read the resource would read it. Istio sends credentials to image registries only: use --image and a pull secret.",
    );
}

function checksum(text: string): string {
  if (!/^[a-f0-9]{64}$/.test(text))
    throw new IstioConfigError(
      `${JSON.stringify(text)} is no SHA-256`,
      "It has 64 digits of 0-9 and a-f. For a file: sha256sum build/filter.wasm. For an image: the manifest digest, which push prints.",
    );
  return text;
}

// Gets a module out of a registry: what arrives is checked against its digests.
import { OciError } from "./error.ts";
import { MEDIA, digestOf } from "./image.ts";
import { MAX_MODULE_BYTES, choose, extractModule, moduleLayer } from "./extract.ts";
import { Registry } from "./registry.ts";
import type { Descriptor, Manifest } from "./extract.ts";
import type { ImageReference } from "./reference.ts";
import type { RegistryOptions } from "./registry.ts";

/** A module that was pulled. */
export interface PulledModule {
  readonly wasm: Buffer;
  /** Of the manifest that the name means: what `sha256` of a WasmPlugin is. */
  readonly digest: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Why Istio would not load the image, if that is so. */
  readonly istioRefuses: string | undefined;
}

const ACCEPT = [MEDIA.manifest, MEDIA.index, MEDIA.dockerManifest, MEDIA.dockerIndex].join(", ");
const INDEXES: readonly string[] = [MEDIA.index, MEDIA.dockerIndex];

/** Pulls the module of an image. Rejects with an OciError. */
export async function pullModule(reference: ImageReference, options: RegistryOptions): Promise<PulledModule> {
  const registry = new Registry(reference, "pull", options);
  let document = await getManifest(registry, reference.digest ?? reference.tag ?? "latest");
  if (INDEXES.includes(document.mediaType)) {
    document = await getManifest(registry, choose(document.manifests).digest);
    if (INDEXES.includes(document.mediaType)) throw new OciError("the image is an index of indexes");
  }
  const found = moduleLayer(document);
  const { layer } = found;
  if (layer.size > MAX_MODULE_BYTES)
    throw new OciError(`the layer is ${layer.size} bytes long; Istio takes ${MAX_MODULE_BYTES} at most`);
  const { body } = await registry.request({
    method: "GET",
    path: `blobs/${layer.digest}`,
    what: "the module could not be pulled",
    accept: [200],
    maxBytes: MAX_MODULE_BYTES,
  });
  check(body, layer.digest, "the layer");
  return {
    wasm: await extractModule(body, found),
    digest: document.digest,
    annotations: document.annotations,
    istioRefuses: found.istioRefuses,
  };
}

interface Document extends Manifest {
  readonly digest: string;
  readonly manifests: readonly Descriptor[];
}

async function getManifest(registry: Registry, name: string): Promise<Document> {
  const answer = await registry.request({
    method: "GET",
    path: `manifests/${name}`,
    headers: { accept: ACCEPT },
    what: `the manifest ${name} could not be pulled`,
    accept: [200],
  });
  const digest = digestOf(answer.body);
  if (name.startsWith("sha256:")) check(answer.body, name, "the manifest");
  let value: Partial<Document>;
  try {
    value = JSON.parse(answer.body.toString()) as Partial<Document>;
  } catch (cause) {
    throw new OciError(`the manifest ${name} is no JSON`, { cause });
  }
  const { layers = [], manifests = [] } = value;
  if (![...layers, ...manifests].every(isDescriptor)) throw new OciError(`the manifest ${name} is damaged`);
  const type = value.mediaType ?? answer.headers["content-type"]?.split(";")[0] ?? MEDIA.manifest;
  return { mediaType: type, layers, manifests, annotations: value.annotations ?? {}, digest };
}

function isDescriptor(value: Partial<Descriptor> | null): boolean {
  return (
    typeof value?.mediaType === "string" &&
    typeof value.size === "number" &&
    /^sha256:[a-f0-9]{64}$/.test(value.digest ?? "")
  );
}

function check(body: Buffer, digest: string, what: string): void {
  const actual = digestOf(body);
  if (actual !== digest)
    throw new OciError(`${what} is not what was asked for: its digest is ${actual}, not ${digest}`, {
      advice: "It was damaged on its way, or in the registry. Pull again.",
    });
}

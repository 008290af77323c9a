// The image of a module: its blobs and its manifest, the same bytes for the same module.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";

/** How a module lies in its image. */
export const LAYOUTS = ["compat", "artifact"] as const;
/**
 * `compat`: an ordinary image whose one layer is a tar.gz with `plugin.wasm`, which every Istio takes. `artifact`: the
 * module itself is a layer, beside one that describes it.
 */
export type Layout = (typeof LAYOUTS)[number];

/** What is known about a module. */
export interface ModuleFacts {
  /** Such as `0.2.1`. */
  readonly abiVersion: string | undefined;
  /** Name and version of what it was built with, such as `proxy-wasm-as 1.2.3`. */
  readonly sdk: string | undefined;
  readonly rootIds: readonly string[];
}

/** A piece of an image, by the hash of its content. */
export interface Blob {
  /** What it is, for messages. */
  readonly title: string;
  readonly mediaType: string;
  readonly digest: string;
  readonly data: Buffer;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A whole image. */
export interface Image {
  readonly manifest: Blob;
  /** The config first, then the layers. */
  readonly blobs: readonly Blob[];
}

export const MEDIA = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerLayer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  wasmConfig: "application/vnd.module.wasm.config.v1+json",
  wasmLayer: "application/vnd.module.wasm.content.layer.v1+wasm",
} as const;

/** The file that Istio looks for in a layer. */
export const PLUGIN_FILE = "plugin.wasm";
/** The same module has the same digest, whenever and wherever it is pushed. */
const NO_TIME = "1970-01-01T00:00:00Z";
const GZIP_OS_BYTE = 9;
const GZIP_OS_UNKNOWN = 255;

/** Builds the image of a module. */
export async function buildImage(wasm: Uint8Array, layout: Layout, facts: ModuleFacts): Promise<Image> {
  const [config, layers] = layout === "compat" ? await compat(wasm) : artifact(wasm, facts);
  const manifest = json("the manifest", MEDIA.manifest, {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: descriptor(config),
    layers: layers.map(descriptor),
    annotations: annotations(layout, facts),
  });
  return { manifest, blobs: [config, ...layers] };
}

/** `sha256:` and the hash of some bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** How manifests and indexes point to a blob. */
export function descriptor({ mediaType, digest, data, annotations }: Blob): Record<string, unknown> {
  return { mediaType, digest, size: data.length, ...(annotations && { annotations }) };
}

async function compat(wasm: Uint8Array): Promise<[Blob, Blob[]]> {
  const header = { name: PLUGIN_FILE, size: wasm.length, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) };
  const tar = await packTar([{ header: { ...header, type: "file" }, body: wasm }]);
  const compressed = gzipSync(tar, { level: 9 });
  // Otherwise it is the system on which it was compressed.
  compressed[GZIP_OS_BYTE] = GZIP_OS_UNKNOWN;
  const diffId = digestOf(tar);
  const config = json("the image's config", MEDIA.config, {
    created: NO_TIME,
    // Where an index names a platform, Istio takes this one or none.
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created: NO_TIME, created_by: `proxy-wasm-as push: ${PLUGIN_FILE}` }],
  });
  const layer = blob("the module", MEDIA.layer, compressed, {
    // By these `oras pull` unpacks the layer, where otherwise it would pass it over.
    "org.opencontainers.image.title": ".",
    "io.deis.oras.content.digest": diffId,
    "io.deis.oras.content.unpack": "true",
  });
  return [config, [layer]];
}

function artifact(wasm: Uint8Array, { abiVersion, rootIds }: ModuleFacts): [Blob, Blob[]] {
  const module = blob("the module", MEDIA.wasmLayer, wasm, { "org.opencontainers.image.title": PLUGIN_FILE });
  const description = json(
    "the module's description",
    MEDIA.wasmConfig,
    {
      type: "envoy_proxy",
      abiVersions: abiVersion === undefined ? [] : [abiVersion],
      config: { rootIds },
    },
    { "org.opencontainers.image.title": "runtime-config.json" },
  );
  return [json("the image's config", MEDIA.wasmConfig, {}), [module, description]];
}

function annotations(layout: Layout, facts: ModuleFacts): Record<string, string> {
  return {
    "module.wasm.image/variant": layout === "compat" ? "compat" : "oci",
    ...(facts.abiVersion !== undefined && { "proxy-wasm.abi-version": facts.abiVersion }),
    ...(facts.rootIds.length > 0 && { "proxy-wasm.root-ids": JSON.stringify(facts.rootIds) }),
    ...(facts.sdk !== undefined && { "proxy-wasm.sdk": facts.sdk }),
  };
}

function json(title: string, mediaType: string, value: unknown, annotations?: Blob["annotations"]): Blob {
  return blob(title, mediaType, Buffer.from(JSON.stringify(value)), annotations);
}

function blob(title: string, mediaType: string, bytes: Uint8Array, annotations?: Blob["annotations"]): Blob {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { title, mediaType, digest: digestOf(data), data, ...(annotations && { annotations }) };
}

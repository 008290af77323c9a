// Finds the module in an image, as Istio's fetcher does, and says so when only this tool would find it.
import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";

import { MEDIA, PLUGIN_FILE } from "./image.ts";
import { OciError } from "./error.ts";

/** What a manifest or an index says of a blob. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A manifest, read. */
export interface Manifest {
  readonly mediaType: string;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** The layer that has the module. */
export interface ModuleLayer {
  readonly layer: Descriptor;
  /** A tar.gz with the module in it, or else the module itself. */
  readonly packed: boolean;
  /** Why Istio would not load it, if that is so. */
  readonly istioRefuses: string | undefined;
}

/** The most that Istio takes. */
export const MAX_MODULE_BYTES = 256 * 1024 * 1024;
const RAW_TYPES: readonly string[] = [
  MEDIA.wasmLayer,
  "application/wasm",
  "application/vnd.wasm.content.layer.v1+wasm",
];

/** The manifest for this machine's proxies in an index: the one of linux/amd64, or the first without a platform. */
export function choose(manifests: readonly Descriptor[]): Descriptor {
  const fits = ({ platform }: Descriptor): boolean =>
    platform === undefined || (platform.os === "linux" && platform.architecture === "amd64");
  const found = manifests.find(fits);
  if (found !== undefined) return found;
  const have = manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`).join(", ");
  throw new OciError(`the image is for ${have || "no platform"} only, and Istio looks for linux/amd64`, {
    advice: "Push it again with proxy-wasm-as push, or name a manifest of it by its digest.",
  });
}

/** The layer of a manifest that has the module. */
export function moduleLayer({ mediaType, layers }: Manifest): ModuleLayer {
  const last = layers.at(-1);
  const packed = mediaType === MEDIA.dockerManifest ? MEDIA.dockerLayer : MEDIA.layer;
  if (last?.mediaType === packed) return { layer: last, packed: true, istioRefuses: undefined };
  const raw = layers.find((layer) => RAW_TYPES.includes(layer.mediaType));
  if (raw !== undefined) return { layer: raw, packed: false, istioRefuses: refusal(raw, layers) };
  const have = layers.map((layer) => layer.mediaType).join(", ") || "no layers";
  throw new OciError(`the image has no WebAssembly module: it has ${have}`, {
    advice: "Check the name. proxy-wasm-as push makes images that have one.",
  });
}

/** The module in the content of its layer. */
export async function extractModule(content: Buffer, { packed }: ModuleLayer): Promise<Buffer> {
  const module = packed ? await unpack(content) : content;
  if (module.length < 8 || module.readUInt32BE(0) !== 0x0061736d)
    throw new OciError("what the image has for a module is no WebAssembly", {
      advice: "Whatever was pushed was not a .wasm file. Build it, and push it again.",
    });
  return module;
}

function refusal(raw: Descriptor, layers: readonly Descriptor[]): string | undefined {
  if (raw.mediaType !== MEDIA.wasmLayer) return `it does not know layers of type ${raw.mediaType}`;
  return layers.length === 2
    ? undefined
    : `it wants two layers in an image of this kind, and there are ${layers.length}`;
}

async function unpack(content: Buffer): Promise<Buffer> {
  try {
    const tar = gunzipSync(content, { maxOutputLength: MAX_MODULE_BYTES + 1024 * 1024 });
    // Istio's fetcher takes the first file of this name in any folder.
    const isPlugin = (name: string): boolean => name.split("/").at(-1) === PLUGIN_FILE;
    const files = await unpackTar(tar, {
      filter: ({ name, type }) => isPlugin(name) && type !== "directory",
    });
    const data = files[0]?.data;
    if (data !== undefined) return Buffer.from(data);
  } catch (cause) {
    throw new OciError(`the layer cannot be unpacked: ${(cause as Error).message}`, { cause });
  }
  throw new OciError(`the image has no ${PLUGIN_FILE} in its last layer`, {
    advice: "It may be an image of something else. Check the name.",
  });
}

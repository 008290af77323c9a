// Publishes an image: every blob first, the manifest last, so that a failure leaves nothing half-published.
import { OciError } from "./error.ts";
import { Registry } from "./registry.ts";
import { uploadBlob } from "./upload.ts";
import type { Image } from "./image.ts";
import type { ImageReference } from "./reference.ts";
import type { RegistryOptions } from "./registry.ts";

/** How to push. */
export interface PushOptions extends RegistryOptions {
  readonly chunkBytes?: number | undefined;
  /** Told of each step of each blob. */
  readonly onProgress?: ((title: string, sent: number, total: number) => void) | undefined;
}

/** Pushes the image to its tag. Rejects with an OciError. */
export async function pushImage(
  reference: ImageReference,
  image: Image,
  options: PushOptions,
): Promise<void> {
  const registry = new Registry(reference, "pull,push", options);
  for (const blob of image.blobs) {
    await uploadBlob(registry, blob, {
      chunkBytes: options.chunkBytes,
      onProgress: (sent, total) => options.onProgress?.(blob.title, sent, total),
    });
  }
  const { manifest } = image;
  const answer = await registry.request({
    method: "PUT",
    path: `manifests/${reference.tag ?? manifest.digest}`,
    headers: { "content-type": manifest.mediaType },
    body: manifest.data,
    what: "the manifest could not be written, so nothing was published",
    accept: [200, 201, 202],
  });
  const digest = answer.headers["docker-content-digest"];
  if (digest !== undefined && digest !== manifest.digest)
    throw new OciError(
      `${reference.registry} stored another manifest than was sent: ${digest}, not ${manifest.digest}`,
      {
        advice: "Something between here and the registry changes what it passes on. Push again.",
      },
    );
}

// An image in a folder, as the OCI image layout says: what `push --dry-run` writes, and other tools read.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { MEDIA, descriptor } from "./image.ts";
import { OciError } from "./error.ts";
import type { Image } from "./image.ts";

/** Writes the image into a folder, which must be absent, empty, or such a layout already. */
export function writeLayout(folder: string, image: Image, tag: string | undefined): void {
  mkdirSync(folder, { recursive: true });
  const there = readdirSync(folder);
  if (there.length > 0 && !there.includes("oci-layout"))
    throw new OciError(`${folder} is not empty, and no image layout`, { advice: "Name another folder." });
  const blobs = join(folder, "blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  for (const blob of [...image.blobs, image.manifest])
    writeFileSync(join(blobs, blob.digest.replace("sha256:", "")), blob.data);
  const entry = {
    ...descriptor(image.manifest),
    ...(tag !== undefined && { annotations: { "org.opencontainers.image.ref.name": tag } }),
  };
  writeFileSync(
    join(folder, "index.json"),
    JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.index, manifests: [entry] }),
  );
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
}

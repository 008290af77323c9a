// Pulling a module: out of every layout that there is, and nothing that is not what its digest says.
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { afterEach, describe, expect, test } from "vitest";

import { parseReference, pullModule, type PulledModule } from "../../src/oci/index.ts";
import { sha256, startFakeRegistry, type FakeRegistry } from "./fake-registry.ts";

const WASM = Buffer.from("\0asm\x01\0\0\0");
const OCI = "application/vnd.oci.image.manifest.v1+json";
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const TAR = "application/vnd.oci.image.layer.v1.tar+gzip";
const DOCKER_TAR = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const RAW = "application/vnd.module.wasm.content.layer.v1+wasm";

let registry: FakeRegistry;
afterEach(() => registry[Symbol.asyncDispose]());

type Layer = readonly [mediaType: string, content: Buffer];

/** A registry with one image under the tag 1.0; returns the digest of its manifest. */
async function publish(layers: readonly Layer[], mediaType = OCI, ...more: object[]): Promise<string> {
  registry = await startFakeRegistry();
  const described = layers.map(([type, content]) => {
    registry.blobs.set(sha256(content), content);
    return { mediaType: type, digest: sha256(content), size: content.length };
  });
  const body = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType, layers: described, ...Object.assign({}, ...more) }),
  );
  for (const name of ["1.0", sha256(body)]) registry.manifests.set(`a/b:${name}`, { type: mediaType, body });
  return sha256(body);
}

function pull(name = ":1.0"): Promise<PulledModule> {
  return pullModule(parseReference(`${registry.host}/a/b${name}`), {
    credentials: () => Promise.resolve(undefined),
    pauseMs: 1,
  });
}

async function tar(...files: readonly (readonly [name: string, content: Buffer])[]): Promise<Buffer> {
  const entries = files.map(([name, body]) => ({ header: { name, size: body.length }, body }));
  return gzipSync(await packTar(entries));
}

describe("layouts that Istio takes", () => {
  test.each<[string, (tar: Buffer) => readonly Layer[], string]>([
    ["a tar.gz layer", (tar) => [[TAR, tar]], OCI],
    [
      "the last of several",
      (tar) => [
        [TAR, Buffer.from("other")],
        [TAR, tar],
      ],
      OCI,
    ],
    ["Docker's types", (tar) => [[DOCKER_TAR, tar]], DOCKER],
    [
      "the module itself in two layers",
      () => [
        [RAW, WASM],
        ["application/json", Buffer.from("{}")],
      ],
      OCI,
    ],
  ])("%s", async (_, layers, type) => {
    const digest = await publish(
      layers(await tar(["etc/readme", Buffer.from("x")], ["./plugin.wasm", WASM])),
      type,
    );
    for (const name of [":1.0", `@${digest}`]) {
      const { wasm, digest: found, istioRefuses } = await pull(name);
      expect([wasm.equals(WASM), found, istioRefuses]).toEqual([true, digest, undefined]);
    }
  });

  test("an index: the manifest for linux/amd64, or without a platform", async () => {
    const digest = await publish([[TAR, await tar(["plugin.wasm", WASM])]]);
    const manifests = [
      {
        mediaType: OCI,
        digest: sha256(Buffer.from("arm")),
        size: 3,
        platform: { os: "linux", architecture: "arm64" },
      },
      { mediaType: OCI, digest, size: 3, platform: { os: "linux", architecture: "amd64" } },
    ];
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
    registry.manifests.set("a/b:all", { type: INDEX, body: index });
    expect((await pull(":all")).digest).toBe(digest);
    const other = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: manifests.slice(0, 1) }),
    );
    registry.manifests.set("a/b:arm", { type: INDEX, body: other });
    await expect(pull(":arm")).rejects.toThrow(
      "the image is for linux/arm64 only, and Istio looks for linux/amd64",
    );
  });
});

describe("layouts that only this command reads, with Istio's reason against them", () => {
  test.each<[string, readonly Layer[], RegExp]>([
    ["one layer", [[RAW, WASM]], /wants two layers in an image of this kind, and there are 1/],
    ["another type", [["application/wasm", WASM]], /does not know layers of type application\/wasm/],
  ])("%s", async (_, layers, reason) => {
    await publish(layers);
    const { wasm, istioRefuses } = await pull();
    expect(wasm.equals(WASM)).toBe(true);
    expect(istioRefuses).toMatch(reason);
  });
});

describe("refused", () => {
  test.each<[string, () => Promise<readonly Layer[]>, RegExp]>([
    [
      "an image of something else",
      async () => [["application/json", Buffer.from("{}")]],
      /has no WebAssembly module: it has application\/json/,
    ],
    ["no layers", async () => [], /it has no layers/],
    [
      "a layer without plugin.wasm",
      async () => [[TAR, await tar(["filter.wasm", WASM])]],
      /has no plugin\.wasm in its last layer/,
    ],
    ["a layer that is no archive", async () => [[TAR, WASM]], /the layer cannot be unpacked/],
    [
      "a file that is no WebAssembly",
      async () => [[TAR, await tar(["plugin.wasm", Buffer.from("#!/bin/sh\n")])]],
      /is no WebAssembly/,
    ],
  ])("%s", async (_, layers, message) => {
    await publish(await layers());
    await expect(pull()).rejects.toThrow(message);
  });

  test("a blob and a manifest that are not what their digests say", async () => {
    const content = await tar(["plugin.wasm", WASM]);
    const digest = await publish([[TAR, content]]);
    registry.blobs.set(sha256(content), Buffer.from("tampered"));
    await expect(pull()).rejects.toThrow(/the layer is not what was asked for: its digest is sha256:/);
    registry.manifests.set(`a/b:${digest}`, { type: OCI, body: Buffer.from("{}") });
    await expect(pull(`@${digest}`)).rejects.toThrow(/the manifest is not what was asked for/);
  });

  test("manifests that are damaged, and one that is not there", async () => {
    await publish([[TAR, Buffer.from("x")]]);
    registry.manifests.set("a/b:text", { type: OCI, body: Buffer.from("<html>") });
    await expect(pull(":text")).rejects.toThrow("the manifest text is no JSON");
    const body = Buffer.from(
      JSON.stringify({ layers: [{ mediaType: TAR, digest: "sha256:../../x", size: 1 }] }),
    );
    registry.manifests.set("a/b:bad", { type: OCI, body });
    await expect(pull(":bad")).rejects.toThrow("the manifest bad is damaged");
    await expect(pull(":none")).rejects.toThrow(/has no a\/b:none \(MANIFEST_UNKNOWN/);
  });

  test("a layer that says it is larger than Istio takes is not fetched", async () => {
    await publish([], OCI, { layers: [{ mediaType: TAR, digest: sha256(WASM), size: 2 ** 30 }] });
    await expect(pull()).rejects.toThrow(/1073741824 bytes long; Istio takes 268435456 at most/);
    expect(registry.log.some((line) => line.includes("blobs"))).toBe(false);
  });
});

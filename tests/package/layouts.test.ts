// The ten-line filter, built from the packed package in every way that a user's node_modules may look.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";

import { buildFile } from "../support/asc.ts";
import {
  ASCONFIG,
  devDependencies,
  HELLO,
  pack,
  type PackedPackage,
  run,
  userFolder,
} from "../support/pack.ts";

interface Layout {
  name: string;
  install: readonly [command: string, ...args: string[]];
  /** Folder of the filter's own package.json. Default: the folder that is installed. */
  member?: string;
  /** What only this way of installing makes, from the folder that is installed. */
  trace: string;
}

const LAYOUTS: readonly Layout[] = [
  { name: "npm", install: ["npm", "install"], trace: "node_modules/.package-lock.json" },
  { name: "pnpm", install: ["npx", "--yes", "pnpm@9", "install"], trace: "node_modules/.pnpm" },
  {
    name: "Yarn 1",
    install: ["npx", "--yes", "yarn@1.22", "install", "--no-lockfile"],
    trace: "node_modules/.yarn-integrity",
  },
  {
    name: "a workspace of npm, which has the package at its root",
    install: ["npm", "install"],
    member: "packages/edge",
    trace: "node_modules/edge",
  },
];

let packed: PackedPackage;
const modules = new Map<string, Buffer>();

beforeAll(async () => {
  packed = await pack();
}, 120_000);

test.each(LAYOUTS)("plain asc builds it after $name", { timeout: 120_000 }, async (layout) => {
  const { name, install, member = ".", trace } = layout;
  await using root = userFolder();
  const project = join(root.path, member);
  root.write({
    "package.json": { name: "root", version: "1.0.0", private: true, workspaces: ["packages/*"] },
    [join(member, "package.json")]: {
      ...{ name: "edge", version: "1.0.0", private: true },
      devDependencies: devDependencies(packed),
    },
    [join(member, "asconfig.json")]: ASCONFIG,
    [join(member, "assembly/index.ts")]: HELLO,
  });
  await root.run(...install);
  expect(existsSync(join(root.path, trace)), `${trace} exists`).toBe(true);
  expect(existsSync(join(project, "node_modules/proxy-wasm-as")), "the package is beside the filter").toBe(
    member === ".",
  );
  // asc prints nothing when all went well.
  expect(await run(join(root.path, "node_modules/.bin/asc"), [], project)).toBe("");
  modules.set(name, readFileSync(join(project, "build/filter.wasm")));
});

test("all of them, and this checkout, give the same bytes", async () => {
  const checkout = readFileSync(await buildFile("examples/hello/assembly/index.ts"));
  expect([...modules.keys()]).toEqual(LAYOUTS.map((layout) => layout.name));
  for (const [name, bytes] of modules) expect(bytes.equals(checkout), name).toBe(true);
});

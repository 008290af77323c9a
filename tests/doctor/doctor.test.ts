// The command doctor: each check, well and ill.
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

import { checkNode } from "../../src/doctor/machine-checks.ts";
import { command } from "../commands/support.ts";
import { compareVersions, inRange } from "../../src/doctor/versions.ts";
import { emptyFolder, project, PROJECT, writeFiles, type Files } from "../support/project.ts";
import { HELLO } from "../support/pack.ts";
import { ownManifest } from "../../src/manifest.ts";
import { repository } from "../support/asc.ts";
import type { Check } from "../../src/doctor/index.ts";

const TSCONFIG = { extends: "assemblyscript/std/assembly.json", include: ["./**/*.ts"] };
const WELL: Files = {
  "package.json": { name: "filter" },
  "assembly/index.ts": HELLO,
  "assembly/tsconfig.json": TSCONFIG,
};
let tested: string;

beforeAll(() => {
  tested = ownManifest().devDependencies.assemblyscript.replace("^", "");
});

/** A folder whose only programs are an envoy, pip, or neither. */
function programs(scripts: Readonly<Record<string, string>>): { PATH: string; HOME: string } {
  const folder = emptyFolder();
  for (const [name, output] of Object.entries(scripts)) {
    writeFiles(folder, { [name]: `#!/bin/sh\nprintf '%s\\n' '${output}'\n` });
    chmodSync(join(folder, name), 0o755);
  }
  return { PATH: folder, HOME: folder };
}

const ENVOY = {
  envoy: "envoy  version: 0123abcd/1.40.0/Clean/RELEASE/BoringSSL",
  pip3: "pip 23.2.1 from here",
};

async function doctor(
  cwd: string,
  env: Record<string, string> = programs(ENVOY),
): Promise<{ code: number; checks: Record<string, Check> }> {
  const { code, out, err } = await command(["doctor", "--json"], { cwd, env });
  expect(err).toBe("");
  const { checks } = JSON.parse(out) as { checks: Check[] };
  for (const { status, fix } of checks) expect(fix === undefined).toBe(status === "ok");
  return { code, checks: Object.fromEntries(checks.map((check) => [check.name, check])) };
}

/** A package in node_modules, which has nothing but its manifest. */
const installed = (name: string, version: string): Files => ({
  [`node_modules/${name}/package.json`]: { name, version },
});

test("all is well in a new project, one line for each check", async () => {
  const folder = project(WELL);
  const env = programs(ENVOY);
  const { code, out } = await command(["doctor"], { cwd: folder, env });
  expect(code).toBe(0);
  expect(out).toBe(
    [
      `ok    node            ${process.versions.node}`,
      `ok    assemblyscript  ${tested}, in the range ${ownManifest().peerDependencies.assemblyscript}`,
      `ok    proxy-wasm-as   ${ownManifest().version}`,
      "ok    copies          no second copy of the library or the compiler",
      "ok    preset          asconfig.json extends proxy-wasm-as/asconfig.json",
      "ok    editor          assembly/tsconfig.json extends assemblyscript/std/assembly.json",
      `ok    envoy           1.40.0, ${env.PATH}/envoy`,
      "ok    pip             23.2.1, called as pip3",
      "",
    ].join("\n"),
  );
});

test("what is wrong is followed by what to do", async () => {
  const folder = project({ ...WELL, "asconfig.json": { entries: [] } });
  const { code, out } = await command(["doctor", folder], { env: programs(ENVOY) });
  expect(code).toBe(1);
  expect(out).toContain(
    "fail  preset          asconfig.json does not extend the build preset, without which no proxy can load the module\n" +
      '                      Add this line to it: "extends": "proxy-wasm-as/asconfig.json"\n',
  );
});

test("a folder without a project is told so; the machine is looked at all the same", async () => {
  const { code, checks } = await doctor(emptyFolder());
  expect(code).toBe(1);
  expect(Object.keys(checks)).toEqual(["node", "project", "envoy", "pip"]);
  expect(checks["project"]?.fix).toContain("npx proxy-wasm-as init");
});

describe("the packages", () => {
  test("are missing", async () => {
    const folder = project(WELL);
    rmSync(join(folder, "node_modules"));
    const { code, checks } = await doctor(folder);
    expect(code).toBe(1);
    expect(checks["assemblyscript"]).toMatchObject({
      status: "fail",
      fix: "npm install --save-dev assemblyscript",
    });
    expect(checks["proxy-wasm-as"]).toMatchObject({
      status: "fail",
      fix: "npm install --save-dev proxy-wasm-as",
    });
    expect(checks["preset"]).toMatchObject({
      status: "fail",
      fix: "Install what the project needs: npm install",
    });
  });

  test.each([
    ["0.27.37", "fail"],
    ["0.29.0", "fail"],
    ["0.28.0", "ok"],
    ["0.28.999", "warn"],
  ])("have a compiler of version %s: %s", async (version, status) => {
    const folder = project(WELL);
    rmSync(join(folder, "node_modules"));
    writeFiles(folder, installed("assemblyscript", version));
    expect((await doctor(folder)).checks["assemblyscript"]?.status).toBe(status);
  });

  test("have another version of the library than the command", async () => {
    const folder = project(WELL);
    rmSync(join(folder, "node_modules"));
    writeFiles(folder, installed("proxy-wasm-as", "0.0.1"));
    expect((await doctor(folder)).checks["proxy-wasm-as"]).toMatchObject({
      status: "warn",
      message: `the project has 0.0.1, and this command is of ${ownManifest().version}`,
    });
  });

  test.each([
    ["below a package", "node_modules/lib/node_modules/proxy-wasm-as"],
    ["below a scoped package", "node_modules/@acme/lib/node_modules/proxy-wasm-as"],
    ["in pnpm's store", "node_modules/.pnpm/proxy-wasm-as@0.0.1/node_modules/proxy-wasm-as"],
  ])("have the library twice, %s", async (_, path) => {
    const folder = project(WELL);
    rmSync(join(folder, "node_modules"));
    writeFiles(folder, {
      ...installed("proxy-wasm-as", "0.0.2"),
      [`${path}/package.json`]: { version: "0.0.1" },
    });
    const { code, checks } = await doctor(folder);
    expect(code).toBe(1);
    expect(checks["copies"]).toMatchObject({ status: "fail" });
    expect(checks["copies"]?.message).toMatch(/^proxy-wasm-as is installed 2 times: /);
    expect(checks["copies"]?.message).toContain(path);
  });

  test("have one copy of the library under two paths, which is fine", async () => {
    const folder = project(WELL);
    rmSync(join(folder, "node_modules"));
    writeFiles(folder, {
      "node_modules/lib/package.json": {},
      "store/proxy-wasm-as/package.json": { version: "1.0.0" },
    });
    mkdirSync(join(folder, "node_modules/lib/node_modules"));
    for (const at of ["node_modules", "node_modules/lib/node_modules"])
      symlinkSync(join(folder, "store/proxy-wasm-as"), join(folder, at, "proxy-wasm-as"), "dir");
    expect((await doctor(folder)).checks["copies"]?.status).toBe("ok");
  });

  test("have a compiler for the library alone", async () => {
    const folder = project(WELL);
    rmSync(join(folder, "node_modules"));
    writeFiles(folder, {
      ...installed("assemblyscript", tested),
      ...installed("proxy-wasm-as", ownManifest().version),
      "node_modules/proxy-wasm-as/node_modules/assemblyscript/package.json": { version: tested },
    });
    expect((await doctor(folder)).checks["copies"]).toMatchObject({
      status: "fail",
      message: expect.stringContaining(
        "proxy-wasm-as finds node_modules/proxy-wasm-as/node_modules/assemblyscript",
      ) as string,
    });
  });
});

describe("asconfig.json", () => {
  test.each([
    ["another name for the start function", { exportStart: "_start" }, 'sets exportStart to "_start"'],
    ["a runtime that never frees", { runtime: "stub" }, 'sets runtime "stub"'],
  ])("%s", async (_, options, message) => {
    const { checks } = await doctor(project({ ...WELL, "asconfig.json": { ...PROJECT, options } }));
    expect(checks["preset"]).toMatchObject({
      status: "fail",
      message: expect.stringContaining(message) as string,
    });
  });
});

describe("the editor's configuration", () => {
  test.each<[string, Files, Check["status"], string]>([
    ["is missing", { "assembly/tsconfig.json": undefined }, "warn", "no tsconfig.json"],
    ["is another", { "assembly/tsconfig.json": {} }, "warn", "assembly/tsconfig.json does not extend"],
    [
      "lies above",
      { "assembly/tsconfig.json": undefined, "tsconfig.json": `// mine\n${JSON.stringify(TSCONFIG)}` },
      "ok",
      "tsconfig.json extends",
    ],
  ])("%s", async (_, files, status, message) => {
    const all = Object.entries({ ...WELL, ...files }).filter(([, content]) => content !== undefined);
    const { code, checks } = await doctor(project(Object.fromEntries(all)));
    expect(code).toBe(0);
    expect(checks["editor"]).toMatchObject({ status });
    expect(checks["editor"]?.message.startsWith(message)).toBe(true);
  });

  test("its fix is what init writes", async () => {
    const folder = project({ "package.json": {}, "assembly/index.ts": HELLO });
    const { checks } = await doctor(folder);
    const json = /^Write assembly\/tsconfig\.json: (.*)$/.exec(checks["editor"]?.fix ?? "")?.[1];
    const template = readFileSync(join(repository, "templates/http/assembly/tsconfig.json"), "utf8");
    expect(JSON.parse(json ?? "")).toEqual(JSON.parse(template));
  });
});

describe("the machine", () => {
  test("has no Envoy, which a build does not need", async () => {
    const { code, checks } = await doctor(project(WELL), programs({ pip3: ENVOY.pip3 }));
    expect(code).toBe(0);
    expect(checks["envoy"]).toMatchObject({
      status: "warn",
      fix: expect.stringContaining("install it with pip") as string,
    });
    expect(checks["pip"]?.status).toBe("ok");
  });

  test("has neither Envoy nor pip", async () => {
    const { code, checks } = await doctor(project(WELL), programs({}));
    expect(code).toBe(0);
    expect(checks["envoy"]).toMatchObject({
      status: "warn",
      fix: expect.stringContaining("or install Python's pip") as string,
    });
    expect(checks["pip"]?.status).toBe("warn");
  });

  test("has a variable ENVOY that names none", async () => {
    const { code, checks } = await doctor(project(WELL), { ...programs(ENVOY), ENVOY: "/nowhere/envoy" });
    expect(code).toBe(1);
    expect(checks["envoy"]).toMatchObject({
      status: "fail",
      fix: "Correct the variable ENVOY, or unset it.",
    });
  });

  test("has an old Node", () => {
    expect(checkNode("18.20.1")).toMatchObject({
      status: "fail",
      message: expect.stringContaining("too old") as string,
    });
    expect(checkNode("26.1.0").status).toBe("ok");
  });
});

test("versions are compared by their numbers", () => {
  expect(compareVersions("0.28.9", "0.28.20")).toBeLessThan(0);
  expect(compareVersions("1.0.0", "v1")).toBe(0);
  expect(inRange("20.12.0", ">=20.12")).toBe(true);
  expect(inRange("20.11.1", ">=20.12")).toBe(false);
  expect(inRange("1.9.0", "^1.2.3")).toBe(true);
  expect(inRange("2.0.0", "^1.2.3")).toBe(false);
  expect(inRange("nonsense", "^1.2.3")).toBe(false);
});

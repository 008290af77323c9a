// The command init: what it writes, what it refuses to overwrite, and what it asks.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";

import { command, testIo } from "../commands/support.ts";
import { emptyFolder } from "../support/project.ts";
import { listFiles } from "../support/pack.ts";
import { ownManifest } from "../../src/manifest.ts";
import { run } from "../../src/commands/program.ts";

const FILES = [
  ".gitignore",
  "README.md",
  "asconfig.json",
  "assembly/index.ts",
  "assembly/tsconfig.json",
  "package.json",
  "test/filter.test.js",
];

const init = (cwd: string, ...args: string[]) => command(["init", ...args], { cwd });

function json(...path: string[]): Record<string, unknown> {
  return JSON.parse(readFileSync(join(...path), "utf8")) as Record<string, unknown>;
}

test("writes a whole project, and says what to do next", async () => {
  const folder = emptyFolder();
  const { code, out, err } = await init(folder, "my-edge");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(
    /^wrote my-edge, 7 files of the template http, into \/.*my-edge\n\n {2}cd my-edge\n {2}npm install\n {2}npm run build {2}\w/,
  );
  const project = join(folder, "my-edge");
  expect(listFiles(project)).toEqual(FILES);
  const { version, peerDependencies } = ownManifest();
  expect(json(project, "package.json")).toMatchObject({
    name: "my-edge",
    devDependencies: {
      assemblyscript: peerDependencies.assemblyscript,
      "proxy-wasm-as": `^${version}`,
    },
  });
  expect(json(project, "asconfig.json")).toEqual({
    extends: "proxy-wasm-as/asconfig.json",
    entries: ["assembly/index.ts"],
    targets: { release: { outFile: "build/my-edge.wasm" } },
  });
  for (const file of FILES)
    expect(readFileSync(join(project, file), "utf8"), file).not.toContain("my-filter");
});

test("takes the folder it stands in, a scope, and odd names of folders", async () => {
  const folder = join(emptyFolder(), "Mein Füllter & Co");
  mkdirSync(folder);
  const { out } = await init(folder);
  expect(out).toContain("wrote mein-fullter-co, ");
  expect(out).not.toContain("  cd ");
  const scoped = emptyFolder();
  const second = await init(scoped, "it's here", "--name", "@acme/edge", "--template", "tcp");
  expect(second.out).toContain(`\n  cd 'it'\\''s here'\n`);
  expect(json(scoped, "it's here/package.json")).toMatchObject({
    name: "@acme/edge",
    scripts: { envoy: "proxy-wasm-as build && proxy-wasm-as envoy build/edge.wasm --tcp" },
  });
});

test("names the package manager that called it", async () => {
  const { out } = await command(["init", "x"], {
    cwd: emptyFolder(),
    env: { npm_config_user_agent: "pnpm/9.15.9 npm/? node/v20.20.2 linux x64" },
  });
  expect(out).toContain("\n  pnpm install\n");
});

test("--json says what was written", async () => {
  const folder = emptyFolder();
  const { code, out } = await init(folder, "x", "--json", "--template", "background");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    folder: join(folder, "x"),
    name: "x",
    template: "background",
    files: FILES,
    replaced: [],
  });
});

describe("what is there already", () => {
  test("is not touched without --force", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "package.json"), "{}");
    const { code, out, err } = await init(folder, ".", "--yes");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toBe(
      `error: ${folder} is not empty: it has package.json\n  Name another folder, or write into this one with --force. Files of the same name are replaced then.\n`,
    );
    expect(readdirSync(folder)).toEqual(["package.json"]);
  });

  test("is replaced with --force, and listed; the rest stays", async () => {
    const folder = emptyFolder();
    await init(folder, ".");
    writeFileSync(join(folder, "README.md"), "mine");
    writeFileSync(join(folder, "notes.txt"), "mine");
    const { code, out } = await init(folder, ".", "--force");
    expect(code).toBe(0);
    expect(out.match(/ {2}replaced .*/g)).toEqual(["  replaced README.md"]);
    expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("mine");
  });

  test("does not count if it is a repository without files", async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, ".git"));
    expect((await init(folder, ".")).code).toBe(0);
  });

  test("may be a file in the way", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "x"), "");
    const { code, err } = await init(folder, "x");
    expect([code, err]).toEqual([2, `error: ${join(folder, "x")} is no folder\n  Name another one.\n`]);
    writeFileSync(join(folder, "assembly"), "");
    expect((await init(folder, ".", "--force")).err).toMatch(
      /^error: cannot write into .*\n {2}Name another folder/,
    );
  });
});

test("a name that npm does not take is refused, with one that it does", async () => {
  const { code, out, err } = await init(emptyFolder(), "x", "--name", "My Filter");
  expect([code, out]).toEqual([2, ""]);
  expect(err).toBe(
    'error: "My Filter" cannot be the name of a package: it has capital letters\n  Such a name would do: --name my-filter\n',
  );
});

describe("on a terminal", () => {
  /** Runs init in a folder, with somebody who answers each question with the next of these keys. */
  async function answer(
    cwd: string,
    args: string[],
    keys: readonly (readonly [question: string, keys: string])[],
  ) {
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
    let screen = "";
    output.setEncoding("utf8").on("data", (text: string) => (screen += text));
    const io = Object.assign(testIo({ cwd }), { terminal: { input, output } });
    const ended = run(["init", ...args], io);
    for (const [question, text] of keys) {
      await expect.poll(() => screen, { interval: 5 }).toContain(question);
      input.write(text);
    }
    return { code: await ended, io };
  }

  test("it asks for what no flag says", async () => {
    const folder = emptyFolder();
    const { code } = await answer(
      folder,
      [],
      [
        ["Folder of the project?", "edge\r"],
        ["Name of the package?", "\r"],
        ["Which template?", "\x1b[B\r"],
      ],
    );
    expect(code).toBe(0);
    expect(json(folder, "edge/package.json")["name"]).toBe("edge");
    expect(readFileSync(join(folder, "edge/assembly/index.ts"), "utf8")).toContain("registerTcpContext");
  });

  test("it asks again for a name that cannot be", async () => {
    const folder = emptyFolder();
    const { code } = await answer(
      folder,
      ["x", "--template", "http"],
      [
        ["Name of the package?", "A\r"],
        ["It cannot be that: it has capital letters.", "\x7fa\r"],
      ],
    );
    expect(code).toBe(0);
    expect(json(folder, "x/package.json")["name"]).toBe("a");
  });

  test("Ctrl-C writes nothing", async () => {
    const folder = emptyFolder();
    const { code, io } = await answer(folder, ["x"], [["Name of the package?", "\x03"]]);
    expect(code).toBe(130);
    expect(io.err).toBe("error: given up; nothing was written\n");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("--yes asks nothing", async () => {
    const { code } = await answer(emptyFolder(), ["x", "--yes"], []);
    expect(code).toBe(0);
  });
});

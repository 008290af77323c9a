// The command build: what it writes, what it prints, what it refuses.
import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { buildFilter, repository } from "../support/asc.ts";
import { command, testIo } from "../commands/support.ts";
import { createHost } from "../../src/testing/index.ts";
import { emptyFolder, project, PROJECT, writeFiles } from "../support/project.ts";
import { filter } from "../preset/filter.ts";
import { HELLO } from "../support/pack.ts";
import { run } from "../../src/commands/program.ts";

const build = (cwd: string, ...args: string[]) => command(["build", ...args], { cwd });

describe("a filter that is well", () => {
  test("is written as plain asc would write it, and reported", async () => {
    const folder = project({ "assembly/index.ts": HELLO });
    const { code, out, err } = await build(folder);
    expect([code, err]).toEqual([0, ""]);
    const wasm = readFileSync(join(folder, "build/filter.wasm"));
    expect(wasm.equals(readFileSync(await buildFilter(HELLO)))).toBe(true);
    const size = String(wasm.length).replace(/(\d)(\d{3})$/, "$1,$2");
    expect(out).toMatch(
      new RegExp(`^build/filter\\.wasm {2}${size} bytes, gzip [\\d,]+ \\(release, [\\d.]+ s\\)\n`),
    );
    expect(out).toContain("\n  imports  proxy_add_header_map_value\n");
    expect(out).toMatch(/\n {2}exports {2}proxy_abi_version_0_2_1, [^]*_initialize\n/);
    expect(out).toMatch(/\n {2}pruned {3}2\d callbacks that no class of the filter overrides\n$/);
  });

  test("needs neither entries nor outFile, and --json says where it is", async () => {
    const folder = project({
      "package.json": { name: "@acme/edge" },
      "asconfig.json": { extends: PROJECT.extends },
      "assembly/index.ts": filter(
        `if (numHeaders > 5) { const value = this.requestHeaders.get("a"); if (!value) return FilterHeadersStatus.StopIteration; }`,
      ),
    });
    const { code, out, err } = await command(["build", folder, "--json"], { colour: true });
    expect([code, err]).toEqual([0, ""]);
    const result = JSON.parse(out) as Record<string, unknown>;
    expect(result).toMatchObject({
      ok: true,
      target: "release",
      outFile: "build/edge.wasm",
      written: ["build/edge.wasm"],
      bytes: readFileSync(join(folder, "build/edge.wasm")).length,
      error: null,
      findings: [],
      messages: [
        {
          level: "warning",
          message: expect.stringContaining(
            "'!value' is true also when the header is there but empty",
          ) as string,
          place: { file: "assembly/index.ts", line: 5 },
        },
      ],
    });
    expect(result["imports"]).toContain("env.proxy_get_header_map_value");
    expect(result["exports"]).toContain("proxy_on_request_headers");
    expect(result["pruned"]).toContain("proxy_on_response_headers");
  });

  test("has names and a source map with --debug, so that a trap shows its functions", async () => {
    const source = filter(`assert(numHeaders == 1000, "as planned");`);
    const folder = project({ "assembly/index.ts": source });
    const { code, out } = await build(folder, "--debug");
    expect(code).toBe(0);
    expect(out).toMatch(/ \(debug, [\d.]+ s\)\n/);
    expect(out).toContain(
      "\n  beside   build/my.debug.wasm.map\n".replace("my", folder.split("/").at(-1) ?? ""),
    );
    const [wasm] = /^build\/\S+/.exec(out) ?? [""];
    const map = JSON.parse(readFileSync(join(folder, `${wasm}.map`), "utf8")) as { sources: string[] };
    expect(map.sources).toContain("assembly/index.ts");
    const host = await createHost({ wasm: join(folder, wasm) });
    await host.request();
    expect(host.trap?.text).toContain("assembly/index/Filter#onRequestHeaders");
  });
});

describe("a filter that is not", () => {
  test("with an import that no host has is not written, and the line is named", async () => {
    const folder = project({
      "assembly/index.ts": `@external("env", "get_weather")\ndeclare function weather(): i32;\n${filter("if (weather() > 0) return FilterHeadersStatus.StopIteration;")}`,
    });
    const { code, out, err } = await build(folder);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(
      /^build\/filter\.wasm was not written, because Envoy would not load it:\n {2}refused {2}/,
    );
    expect(err).toContain("the module imports the function env.get_weather, which Envoy does not offer");
    expect(err).toContain("It is declared in assembly/index.ts:1 [missing-import]\n");
    expect(existsSync(join(folder, "build"))).toBe(false);
  });

  test("without a registration is an error with the compiler's words", async () => {
    const folder = project({ "assembly/index.ts": HELLO.replace(/registerHttpContext<.*\n/, "") });
    const { code, out, err } = await build(folder);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^ERROR AS\d+: .*registerHttpContext<AddHeader>\(\)/m);
    expect(err).toMatch(/FAILURE 1 compile error\(s\)\n\nbuild\/filter\.wasm was not built\n$/);
  });

  test("with a start section is not written", async () => {
    // A copy of the preset, without the option that makes the start section a function.
    const { options } = JSON.parse(readFileSync(join(repository, "asconfig.json"), "utf8")) as {
      options: Record<string, unknown>;
    };
    delete options["exportStart"];
    const folder = project({
      "asconfig.json": {
        entries: ["./node_modules/proxy-wasm-as/entry.ts", "assembly/index.ts"],
        targets: { release: { outFile: "build/filter.wasm" } },
        options,
      },
      "assembly/index.ts": HELLO.replace("class", `console.log("at the top");\nclass`),
    });
    const { code, err } = await build(folder);
    expect(code).toBe(1);
    expect(err).toContain("  crash  the module calls proxy_log from its start section");
    writeFiles(folder, { "assembly/index.ts": HELLO });
    const quiet = await build(folder);
    expect(quiet.code).toBe(1);
    expect(quiet.err).toContain("  refused  the module has a start section");
    expect(existsSync(join(folder, "build"))).toBe(false);
  });
});

describe("a project that cannot be built at all", () => {
  const ENTRY = { "assembly/index.ts": HELLO };
  test.each([
    ["no folder", null, "there is no folder /nowhere/at/all\n  Give the folder of a filter's project.\n"],
    ["no asconfig.json", { "asconfig.json": "" }, "asconfig.json cannot be used: it is not valid JSON"],
    [
      "another thing than an object",
      { "asconfig.json": "[]" },
      "asconfig.json cannot be used: it is no object",
    ],
    ["entries that are none", { "asconfig.json": { entries: "a" } }, '"entries" is no list of paths'],
    [
      "no preset",
      { ...ENTRY, "asconfig.json": { entries: ["assembly/index.ts"] } },
      'asconfig.json does not extend the build preset, without which no proxy can load the module\n  Add this line to it: "extends": "proxy-wasm-as/asconfig.json"\n',
    ],
    [
      "the package's name instead of its preset",
      { ...ENTRY, "asconfig.json": { extends: "proxy-wasm-as/preset.json" } },
      'asconfig.json extends proxy-wasm-as/preset.json, which is not found\n  The preset is "proxy-wasm-as/asconfig.json".\n',
    ],
    [
      "a file that is not there",
      { ...ENTRY, "asconfig.json": { extends: "./base.json" } },
      "asconfig.json extends ./base.json, which is not there\n",
    ],
    [
      "a circle",
      { ...ENTRY, "asconfig.json": { extends: "./asconfig.json" } },
      "asconfig.json cannot be used: it extends itself, over others",
    ],
    [
      "an entry that is not there",
      { "asconfig.json": { ...PROJECT, entries: ["assembly/main.ts"] } },
      "asconfig.json names the entry assembly/main.ts, which is not there\n",
    ],
    [
      "nothing to build",
      { "asconfig.json": { extends: PROJECT.extends } },
      "there is nothing to build: asconfig.json names no entries, and there is no assembly/index.ts\n",
    ],
  ])("%s", async (_, files, message) => {
    const { code, out, err } = await build(files === null ? "/nowhere/at/all" : project(files));
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^error: /);
    expect(err).toContain(message);
    expect(err).not.toContain("    at ");
  });

  test("a folder without a project", async () => {
    const folder = emptyFolder();
    expect((await build(folder)).err).toBe(
      `error: there is no asconfig.json in ${folder}\n  Give the folder of a filter's project, or make a new one: proxy-wasm-as init my-filter\n`,
    );
  });

  test("a target that is none", async () => {
    const { code, err } = await build(project(ENTRY), "--target", "relaese");
    expect([code, err]).toEqual([
      1,
      "error: asconfig.json has no target relaese\n  Name one of those it has: release, debug.\n",
    ]);
  });

  test("nothing installed, or the library alone", async () => {
    const folder = project(ENTRY);
    rmSync(join(folder, "node_modules"));
    expect((await build(folder)).err).toBe(
      "error: asconfig.json extends proxy-wasm-as/asconfig.json, which is not found\n  Install what the project needs: npm install\n",
    );
    writeFiles(folder, { "node_modules/.keep": "" });
    symlinkSync(repository, join(folder, "node_modules/proxy-wasm-as"), "dir");
    expect((await build(folder)).err).toContain(
      `error: the compiler, the package assemblyscript, is not installed in ${folder}\n`,
    );
  });
});

test("--watch builds again when a file changes, and goes on after errors", async () => {
  const folder = project({ "assembly/index.ts": HELLO });
  const io = testIo({ cwd: folder });
  const ended = run(["build", "--watch"], io);
  const seen = (text: string): Promise<void> =>
    expect.poll(() => io.out + io.err, { timeout: 60_000, interval: 20 }).toContain(text);
  await seen("build/filter.wasm  ");
  const first = readFileSync(join(folder, "build/filter.wasm"));
  writeFiles(folder, { "assembly/index.ts": HELLO.replace("<AddHeader>", "<Missing>") });
  await seen("build/filter.wasm was not built");
  io.out = "";
  writeFiles(folder, { "assembly/index.ts": HELLO.replace("world", "everybody") });
  await seen("build/filter.wasm  ");
  expect(readFileSync(join(folder, "build/filter.wasm")).equals(first)).toBe(false);
  writeFiles(folder, { "asconfig.json": "{" });
  await seen("error: asconfig.json cannot be used");
  io.interrupt();
  expect(await ended).toBe(0);
}, 240_000);

// The reference: it builds, shows AssemblyScript's types, and refuses what nobody has documented.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { repository } from "../support/asc.ts";

interface Run {
  code: number;
  output: string;
  /** The reference as data. */
  json: string;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-reference-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs typedoc with the project's options and more. */
function typedoc(name: string, ...args: string[]): Promise<Run> {
  const json = join(folder, `${name}.json`);
  const command = [join(repository, "node_modules/typedoc/bin/typedoc"), "--json", json, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: repository, timeout: 100_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      let text = "";
      if (code === 0) text = readFileSync(json, "utf8");
      resolve({ code, output: stdout + stderr, json: text });
    });
  });
}

/** All of what a reference calls by a type that is not its own, and how often. */
function intrinsics(json: string): Set<string> {
  return new Set(
    [...json.matchAll(/"type":\s*"intrinsic",\s*"name":\s*"(\w+)"/g)].map(([, name = ""]) => name),
  );
}

describe("of the library", () => {
  let run: Run;
  beforeAll(async () => {
    run = await typedoc("library");
  });

  test("builds without an error or a warning", () => {
    expect(run.output).not.toMatch(/\[(?:warning|error)\]/);
    expect(run.code).toBe(0);
  });

  test("shows no number as `number` and no bool as `boolean`", () => {
    expect([...intrinsics(run.json)].sort()).toEqual(["string", "void"]);
  });
});

describe("of a sample", () => {
  const sample = ["--options", "tests/docs/assembly/typedoc.json"];

  test("fails because of what has no comment", async () => {
    const { code, output } = await typedoc("strict", ...sample);
    expect(code).not.toBe(0);
    expect(output).toContain("Sample.undocumented (CallSignature)");
    expect(output.match(/does not have any documentation/g)).toHaveLength(1);
  });

  test("shows number types everywhere, also as type arguments and in function types", async () => {
    const { code, output, json } = await typedoc("loose", ...sample, "--validation.notDocumented", "false");
    expect(code, output).toBe(0);
    const names = [...json.matchAll(/"name":\s*"([iu](?:8|16|32|64|size)|f32|f64|bool)"/g)].map(
      ([, name]) => name,
    );
    expect(names.sort()).toEqual(["bool", "f32", "i32", "i64", "i8", "u16", "u32", "u64", "u8", "usize"]);
    expect([...intrinsics(json)].sort()).toEqual(["void"]);
  });
});

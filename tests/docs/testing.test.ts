// docs/testing.md: its test files run, with Node's own test runner, beside the built examples.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { buildFile, repository } from "../support/asc.ts";
import { blocks } from "./markdown.ts";
import { pages } from "./pages.ts";

const folder = join(repository, "build/docs-testing");
const page = pages.find(({ path }) => path === "docs/testing.md");
const files = blocks(page?.text ?? "").filter(({ language }) => language === "js");

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "build"), { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(repository, join(folder, "node_modules/proxy-wasm-as"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  for (const example of ["auth-header", "external-auth", "greeting", "uppercase-body"]) {
    const wasm = await buildFile(`examples/${example}/assembly/index.ts`);
    cpSync(wasm, join(folder, `build/${example}.wasm`));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the page has its files", () => {
  expect(files.map(({ words }) => words[0])).toEqual([
    "one-call.test.js",
    "configuration.test.js",
    "steps.test.js",
    "calls.test.js",
  ]);
});

test.each(files.map(({ words, text }) => ({ name: words[0]!, text })))("$name passes", ({ name, text }) => {
  writeFileSync(join(folder, name), text);
  const env = { ...process.env };
  delete env.NODE_OPTIONS; // vitest's own
  const { stdout, status } = spawnSync(process.execPath, ["--test", name], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  expect(stdout).toMatch(/# pass [1-9]/);
  expect(status, stdout).toBe(0);
});

// docs/conformance.md, followed to the letter, with the command of this checkout.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";

import { buildFile, repository } from "../support/asc.ts";
import { pages } from "./pages.ts";
import { follow } from "./walkthrough.ts";

const folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-docs-"));
beforeAll(async () => {
  mkdirSync(join(folder, "build"));
  cpSync(await buildFile("examples/hello/assembly/index.ts"), join(folder, "build/filter.wasm"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the page shows what the command prints", async () => {
  const page = pages.find(({ path }) => path === "docs/conformance.md");
  await follow("docs/conformance.md", page?.text ?? "", {
    folder,
    env: process.env,
    replacements: [["npx proxy-wasm-as", `node ${join(repository, "dist/cli.js")}`]],
  });
});

// Every program and every compiler message on the pages, by the compiler itself.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { repository, tryBuild } from "../support/asc.ts";
import { compile } from "../transform/compile.ts";
import { type Block, blocks, difference } from "./markdown.ts";
import { pages } from "./pages.ts";

// How pages are written, besides what walkthrough.ts follows:
//   ```ts            a whole program
//   ```ts members    members of a filter class       ```ts callback   statements of its onRequestHeaders
// Each with `fails` or `warns` if asc does; the next block is then ```text, with lines that asc prints.

const NAMES = [
  ...[
    "callForeignFunction",
    "FilterDataStatus",
    "FilterHeadersStatus",
    "getForeignFunctionStatus",
    "getProperty",
  ],
  ...[
    "getPropertyF64",
    "HeaderList",
    "HttpCallRequest",
    "HttpContext",
    "properties",
    "registerHttpContext",
    "SharedData",
  ],
  ...["SharedQueue", "Status"],
];
const IMPORTS = `import { ${NAMES.join(", ")} } from "proxy-wasm-as";`;

function members(text: string): string {
  return `${IMPORTS}\nclass MyFilter extends HttpContext {\n${text}}\nregisterHttpContext<MyFilter>();\n`;
}

function isProgram({ language }: Block): boolean {
  return language === "ts";
}

/** Whether a block is a program that a reader can build as it is. */
function isWhole(block: Block): boolean {
  return isProgram(block) && block.words.every((word) => word.includes("/"));
}

/** The program that a block stands for. */
function program({ words, text }: Block): string {
  if (words.includes("members")) return members(text);
  if (!words.includes("callback")) return text;
  return members(
    `override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {\n${text}` +
      `${/^return /m.test(text.split("\n").at(-2) ?? "") ? "" : "return FilterHeadersStatus.Continue;\n"}}\n`,
  );
}

/** What asc says, without the places. */
function messages(printed: string): string[] {
  return printed.split("\n").filter((line) => /^(ERROR|WARNING|INFO) /.test(line));
}

describe.each(pages.filter(({ text }) => blocks(text).some(isProgram)))("$path", ({ text }) => {
  const all = blocks(text);
  const programs = all.flatMap((block, index) => (isProgram(block) ? [{ block, next: all[index + 1] }] : []));

  test.each(programs.map((each) => ({ ...each, line: each.block.line })))(
    "line $line",
    async ({ block, next }) => {
      const source = program(block);
      const { printed, messages: found } = await compile({ "assembly/index.ts": source });
      const said = messages(printed);
      expect(
        found.some(({ severity }) => severity === "error"),
        printed,
      ).toBe(block.words.includes("fails"));
      if (block.words.includes("fails") || block.words.includes("warns")) {
        expect(next?.language).toBe("text");
        for (const line of next?.text.trimEnd().split("\n") ?? []) {
          expect(said.some((each) => difference(line, each) === undefined) || said).toBe(true);
        }
      } else {
        expect(said).toEqual([]);
      }
    },
  );
});

test.each(
  pages.flatMap(({ path, text }) =>
    blocks(text)
      .filter(isWhole)
      .map((block) => ({ path, block, line: block.line })),
  ),
)("$path, line $line: a module comes out of the preset", async ({ block }) => {
  const { code, output, wasm } = await tryBuild(block.text, { target: "debug" });
  expect(code, output).toBe(0);
  expect(existsSync(wasm)).toBe(true);
});

test("the README's filter is the example, and what the tutorial builds", () => {
  const hello = readFileSync(join(repository, "examples/hello/assembly/index.ts"), "utf8").replace(
    /^\/\/.*\n/,
    "",
  );
  const first = (path: string): string | undefined =>
    blocks(readFileSync(join(repository, path), "utf8")).find(({ language }) => language === "ts")?.text;
  expect(first("README.md")).toBe(hello);
  expect(first("docs/tutorial.md")).toBe(hello);
});

// The follower of pages itself: it finds what differs, and says where.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { anchors, blocks, difference, links } from "./markdown.ts";
import { follow } from "./walkthrough.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-follow-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fence = (info: string, text: string): string => `\`\`\`${info}\n${text}\n\`\`\`\n`;

function run(...fences: string[]): Promise<void> {
  const reader = { folder, env: process.env, replacements: [["PORT", "1234"]] as const };
  return follow("page.md", fences.join("\n"), reader);
}

describe("following a page", () => {
  test("writes files, runs commands where the last ones left off, and replaces what it is told to", async () => {
    await run(
      fence("sh", "mkdir sub\ncd sub"),
      fence("txt a/b.txt", "port PORT"),
      fence("sh", "cat a/b.txt"),
      fence("text", "port PORT"),
    );
    expect(readFileSync(join(folder, "sub/a/b.txt"), "utf8")).toBe("port 1234\n");
  });

  test("rejects where other output is shown, with the line of the page", async () => {
    const page = run(fence("sh", "echo yes"), fence("text", "no"));
    await expect(page).rejects.toThrow(/^page\.md:6: The page shows\nno\n\nbut it was\nyes/);
  });

  test("rejects where a command fails", async () => {
    await expect(run(fence("sh", "echo before\nfalse\necho after"))).rejects.toThrow(
      /exit code 1[^]*before\n$/,
    );
  });

  test("rejects where output is shown without a command", async () => {
    await expect(run(fence("text", "a"))).rejects.toThrow("no command stands before it");
    await expect(run(fence("text terminal=a", "a"))).rejects.toThrow("nothing runs in terminal=a");
  });

  test("waits for what a terminal prints, and ends what runs there before the next", async () => {
    const server = "node -e 'setTimeout(() => console.log(`here`), 100); setInterval(() => {}, 1000)'";
    const terminal = [fence("sh terminal=a", server), fence("text terminal=a", "here")];
    await run(...terminal, ...terminal);
  });

  test("rejects when a terminal ends without having printed what is shown", async () => {
    const page = run(fence("sh terminal=a", "echo this"), fence("text terminal=a", "that"));
    await expect(page).rejects.toThrow("but it was\nthis");
  });
});

test.each([
  ["a", "a", true],
  ["a", "ab", false],
  ["a", "a\nb", false],
  ["a\n...", "a\nb\nc", true],
  ["a\n...\nc", "a\nc", true],
  ["a\n...\nd", "a\nb\nc", false],
  ["time: ... ms", "time: 12 ms", true],
  ["time: ... ms", "time: 12\n ms", false],
  ["a.c", "abc", false],
  ["...\nb\n...", "a\nb\nc", true],
  ["...\nb\n...", "a\nc", false],
])("shown %j, printed %j: the same is %j", (shown, actual, same) => {
  expect(difference(shown, actual) === undefined).toBe(same);
});

test("a page's blocks, links and anchors are read as GitHub reads them", () => {
  const page = `# A, b: c\n[x](y.md#z)\n${fence("ts a.ts", "# no heading [no](link)")}`;
  expect(blocks(page)).toEqual([
    { language: "ts", words: ["a.ts"], text: "# no heading [no](link)\n", line: 4 },
  ]);
  expect(links(page)).toEqual(["y.md#z"]);
  expect(anchors(page)).toEqual(["a-b-c"]);
  expect(() => blocks("```ts\nno end")).toThrow("line 1");
});

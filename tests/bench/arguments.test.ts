// The command line of the benchmark, and the tables it prints.
import { expect, test } from "vitest";

import { parseArguments, PARTS, PEERS } from "../../bench/arguments.ts";
import { partToMarkdown } from "../../bench/report.ts";

test("without arguments everything is measured, against all peers", () => {
  expect(parseArguments([])).toEqual({ parts: PARTS, peers: PEERS, quick: false, json: false, help: false });
});

test("parts and peers come in their own order, each once", () => {
  const { parts, peers, quick, json } = parseArguments(
    "vm size vm --quick --peers go,rust --json".split(" "),
  );
  expect({ parts, peers, quick, json }).toEqual({
    ...{ parts: ["size", "vm"], peers: ["rust", "go"], quick: true, json: true },
  });
});

test("no peer at all can be asked for", () => {
  expect(parseArguments(["--peers", "none"]).peers).toEqual([]);
});

test.each([
  [["speed"], 'There is no part "speed": there are size, vm, envoy, memory, host.'],
  [["--peers", "rust,cpp"], 'There is no peer "cpp": there are rust, gcore, go.'],
  [["--fast"], "Unknown option '--fast'"],
])("%j is refused", (given, message) => {
  expect(() => parseArguments(given)).toThrow(message);
});

test("a table is Markdown, with figures to the right", () => {
  const table = { title: "Sizes", columns: ["module", "bytes"], rows: [["a | b", "12"]], notes: ["A note."] };
  expect(partToMarkdown({ title: "Size", tables: [table], data: null })).toBe(
    ["## Size", "### Sizes", "| module | bytes |\n| --- | --: |\n| a \\| b | 12 |", "A note."].join("\n\n"),
  );
});

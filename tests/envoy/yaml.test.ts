// YAML of a bootstrap: text that no reader can misunderstand.
import { expect, test } from "vitest";
import { parse } from "yaml";

import { toBootstrap, toYaml } from "../../src/envoy/index.ts";

const AWKWARD = [
  ...[
    "n",
    "y",
    "on",
    "off",
    "Yes",
    "true",
    "null",
    "~",
    "",
    "1.0",
    "0x10",
    "1e3",
    "012",
    ".inf",
    "2026-11-25",
    "=",
  ],
  ...[
    "a: b",
    "# c",
    "- d",
    "{e}",
    "[f]",
    "*g",
    "&h",
    "!i",
    "%j",
    "@k",
    "`l`",
    "'m'",
    '"n"',
    "\\",
    "<<",
    " lead",
    "trail ",
  ],
  ...[
    "line\nline",
    "\n\n  block: |\n  x\n",
    "tab\tcr\r\n",
    "\0\x01\x7f\x85\u2028",
    "é🎉",
    "x".repeat(300),
    "word ".repeat(60),
  ],
];

test.each(["1.1", "1.2"] as const)(
  "every string survives a YAML %s reader, as value and as key",
  (version) => {
    const bootstrap = { list: AWKWARD, map: Object.fromEntries(AWKWARD.map((text) => [text, text])) };
    // The merge key of YAML 1.1 would be a lookup, were it not quoted.
    expect(parse(toYaml(bootstrap), { version, merge: true })).toEqual(bootstrap);
  },
);

test("every string value is quoted, numbers and booleans are not, and plain field names stay readable", () => {
  const text = toYaml({
    vm_id: "on",
    port_value: 0,
    singleton: true,
    key_values: { y: "1", MODE: "a\nb" },
    list: ["n"],
  });
  expect(text.split("\n")).toEqual([
    'vm_id: "on"',
    "port_value: 0",
    "singleton: true",
    "key_values:",
    '  "y": "1"',
    '  "MODE": "a\\nb"',
    "list:",
    '  - "n"',
    "",
  ]);
});

test("an object used twice is written twice, not as an alias", () => {
  const shared = { wasm: "a.wasm", environmentVariables: { keyValues: { A: "1" } } };
  const text = toYaml(toBootstrap({ http: { filters: [shared, shared], accessLoggers: [shared] } }));
  expect(text).not.toMatch(/[&*]a\d/);
});

test("a string is one line of YAML, however long and whatever it holds", () => {
  const text = `${"word ".repeat(100)}\n\n  - more\n${"x".repeat(500)}`;
  expect(toYaml({ value: text })).toBe(`value: ${JSON.stringify(text)}\n`);
});

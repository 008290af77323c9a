// Which expectations are met, and what is said of those that are not.
import { describe, expect, it } from "vitest";

import { brief, failures, runOne } from "./run.ts";
import { callback, guest, logText } from "../host/guest.ts";
import { formatTest } from "../../src/conformance/index.ts";

/** Lets everything pass, but for a header `Seen: yes` and two lines. */
const pass = guest((text) =>
  callback(
    "proxy_on_request_headers",
    `(drop (call $proxy_replace_header_map_value (i32.const 0) ${text("Seen")} ${text("yes")}))
     ${logText(text("[prefix] first"))} ${logText(text("second\nline"))}`,
  ),
);
/** Returns a status from its headers callbacks and sends nothing. */
const stop = (status: number): Uint8Array => guest(() => callback("proxy_on_request_headers", "", status));

async function of(result: string, input = ""): Promise<string[]> {
  return failures(pass, `request_headers { input { ${input} } result { ${result} } }`);
}

describe("has_header and no_header", () => {
  it("compare names without case and values byte for byte", async () => {
    const input = 'header { key: "bytes" value: "\\xff" } header { key: "Empty" }';
    expect(
      await of(
        'has_header { key: "SEEN" value: "yes" } has_header { key: "Bytes" value: "\\xff" } has_header { key: "empty" } no_header { key: "other" value: "x" }',
        input,
      ),
    ).toEqual([]);
  });

  it.for([
    ['has_header { key: "seen" value: "Yes" }', "has_header: the header seen has another value"],
    ['has_header { key: "seen" }', "has_header: the header seen has another value"],
    ['has_header { key: "other" }', "has_header: there is no header other"],
    ['no_header { key: "SEEN" value: "other" }', "no_header: there is a header SEEN"],
    ['has_header { value: "x" }', "has_header: the header has no key"],
    ["no_header {}", "no_header: the header has no key"],
  ])("fail: %s", async ([result, expected]) => {
    expect(await of(result!)).toEqual([`check request_headers.${expected}`]);
  });
});

describe("matchers", () => {
  it.for([
    'headers { exact: "Seen: yes" }',
    'headers { regex: "Seen: y.*" }',
    'headers { regex: "Seen" invert: true }',
    'log { exact: "[prefix] first" }',
    'log { regex: ".+first" }',
    'log { regex: "(?s)second.line" }',
    'log { regex: "second.line" invert: true }',
    'log { exact: "first" invert: true }',
    'body { exact: "" }',
    'body { file: "empty.data" }',
    'body { regex: ".+" invert: true }',
  ])("are met: %s", async (result) => {
    expect(await of(result)).toEqual([]);
  });

  it.for([
    ['headers { exact: "seen: yes" }', "headers: no header matches"],
    ['log { regex: "first" }', "log: no line logged matches"],
    ['log { regex: ".*first" invert: true }', "log: a line logged matches that must not"],
    ['body { exact: "x" }', "body: no body matches"],
    ['body { file: "body.data" }', "body: no body matches"],
    [
      'body { file: "missing.data" }',
      "body: the file missing.data cannot be read (relative to the folder of the test vectors): there is no such file",
    ],
    [
      'body { invert: true file: "missing.data" }',
      "body: the file missing.data cannot be read (relative to the folder of the test vectors): there is no such file",
    ],
    ["log {}", 'log: the matcher has none of "exact", "regex" and "file"'],
    [
      'log { regex: "(?=x)" }',
      "log: the regular expression cannot be used: RE2 has no lookahead or lookbehind, in /(?=x)/",
    ],
    [
      'log { regex: "(" invert: true }',
      'log: the regular expression cannot be used: a "(" is never closed, in /(/',
    ],
  ])("fail: %s", async ([result, expected]) => {
    expect(await of(result!)).toEqual([`check request_headers.${expected}`]);
  });

  it("fail where there are no lines at all", async () => {
    expect(await failures(stop(0), 'request_headers { result { log { regex: ".*" } } }')).toEqual([
      "check request_headers.log: there is no line logged",
    ]);
  });
});

describe("immediate", () => {
  it.for([
    [0, true],
    [1, false],
    [2, true],
    [3, false],
    [4, false],
    [5, false],
    [-1, false],
  ] as const)("absent needs a callback that continues: %d", async ([status, met]) => {
    const expected = met ? [] : ["check request_headers.immediate: the callback stopped the stream"];
    for (const fields of ["request_headers {}", "request_headers { result {} }"])
      expect(await failures(stop(status), fields)).toEqual(expected);
  });

  it("absent refuses a local response", async () => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_request_headers",
        `(drop (call $proxy_send_local_response (i32.const 403) ${text("")} ${text("")} ${text("")} (i32.const -1)))`,
      ),
    );
    expect(await failures(wasm, "request_headers {}")).toEqual([
      "check request_headers.immediate: a local response was sent",
    ]);
    const { failures: all } = await runOne(
      wasm,
      'request_headers { result { immediate { http_status: 401 grpc_status: 3 details: "x" } } }',
    );
    expect(all.map(({ field, expected, actual }) => [field, expected, actual])).toEqual([
      ["immediate.http_status", "401", "403"],
      ["immediate.grpc_status", "3", "4294967295"],
      ["immediate.details", "x", ""],
    ]);
    expect(
      await failures(
        wasm,
        'request_headers { result { immediate { grpc_status: 4294967295 details: "" } } }',
      ),
    ).toEqual([]);
  });

  it("present needs both a stop and a local response", async () => {
    expect(await failures(stop(1), "request_headers { result { immediate { http_status: 200 } } }")).toEqual([
      "check request_headers.immediate: no local response was sent",
      "check request_headers.immediate.http_status: the http_status is another one",
    ]);
    expect(await failures(stop(0), "request_headers { result { immediate {} } }")).toEqual([
      "check request_headers.immediate: the callback let the stream continue",
    ]);
  });
});

describe("a failed test", () => {
  it("fails every unmet expectation, goes on to later phases, and ignores all but the log of lifecycle groups", async () => {
    const result = await runOne(
      pass,
      `plugin_init { has_header { key: "x" } body { exact: "x" } immediate {} log { exact: "a" } }
       stream_init { log { exact: "b" } }
       request_headers { result { has_header { key: "x" } headers { exact: "y" } } }
       request_body { result { body { exact: "c" } } }
       request_body { result { has_header { key: "x" } no_header { key: "y" } headers { exact: "d" } } }
       stream_destroy { log { exact: "e" } headers { exact: "f" } }`,
    );
    expect(result.failures.map(brief)).toEqual([
      "check plugin_init.log: there is no line logged",
      "check stream_init.log: there is no line logged",
      "check request_headers.has_header: there is no header x",
      "check request_headers.headers: no header matches",
      "check request_body.body: no body matches",
      "check request_body[1].has_header: there is no header x",
      "check request_body[1].headers: there is no header",
      "check stream_destroy.log: there is no line logged",
    ]);
  });

  it("says what was expected, what was there, where it stands in the file, and what was logged", async () => {
    const result = await runOne(
      pass,
      `request_headers {
         result {
           has_header { key: "seen" value: "no" }
           log { exact: "third" }
         }
       }`,
    );
    expect(formatTest(result, "tests.textpb")).toBe(`  FAIL  t
    request_headers: the header seen has another value (has_header, tests.textpb:3:23)
      - seen: no
      + seen: yes
    request_headers: no line logged matches (log, tests.textpb:4:16)
      - third
      + [prefix] first
      + second\\nline
`);
  });

  it("shows what a phase logged once, below its last failure", async () => {
    const result = await runOne(
      pass,
      'request_headers { result { body { exact: "x" } has_header { key: "a" } no_header { key: "seen" } } }',
    );
    expect(formatTest(result, "f")).toBe(`  FAIL  t
    request_headers: there is no header a (has_header, f:1:76)
      - a:\x20
      + (absent)
    request_headers: there is a header seen (no_header, f:1:99)
      - (absent)
      + seen: yes
    request_headers: no body matches (body, f:1:50)
      - x
      + (empty)
      logged:
        info: [prefix] first
        info: second\\nline
`);
  });

  it("shows two bodies line by line, without what is equal", async () => {
    const lines = Array.from({ length: 9 }, (_, index) => `line ${index}`);
    const changed = lines.with(4, "line 4, changed");
    const result = await runOne(
      guest(() => ""),
      `request_body {
         input { content: "${changed.join("\\n")}" } result { body { exact: "${lines.join("\\n")}" } }
       }`,
    );
    expect(result.failures[0]!.diff).toEqual([
      "  (2 equal lines)",
      "  line 2",
      "  line 3",
      "- line 4",
      "+ line 4, changed",
      "  line 5",
      "  line 6",
      "  (2 equal lines)",
    ]);
  });

  it("keeps huge and binary values readable", async () => {
    const result = await runOne(
      guest(() => ""),
      `request_body { input { content: "\\xff\\x00\\n\\033[31m" } result { body { exact: "${"x\\n".repeat(100)}${"y".repeat(1000)}" } } }`,
    );
    const { diff } = result.failures[0]!;
    expect(diff).toHaveLength(23);
    expect(diff.slice(-3)).toEqual(["  (81 more)", "+ \\xff\\0", "+ \\u{1b}[31m"]);
    expect(result.failures[0]!.expected).toMatch(/^(x\\n)+.*\.\.\. \(1200 bytes\)$/);
  });
});

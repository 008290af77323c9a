// Reading test vectors: the text format, its YAML twin, and what is wrong with a file and where.
import { describe, expect, it } from "vitest";
import { fileURLToPath } from "node:url";

import { SuiteError, loadSuite, parseSuite } from "../../src/conformance/index.ts";
import type { SuiteFormat, TestSuite } from "../../src/conformance/index.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

function parse(text: string, format: SuiteFormat = "textpb"): TestSuite {
  return parseSuite(Buffer.from(text, "utf8"), format, "x.textpb");
}

/** What is wrong with a file, with the place. */
function problem(text: string | Buffer, format: SuiteFormat = "textpb"): string {
  try {
    parseSuite(Buffer.from(text as string), format, "x");
  } catch (error) {
    expect(error).toBeInstanceOf(SuiteError);
    return (error as SuiteError).message;
  }
  return "nothing";
}

/** The suite without the places. */
function withoutPlaces(suite: TestSuite): unknown {
  return JSON.parse(
    JSON.stringify(suite, (key, value: unknown) =>
      key === "place" ? undefined : typeof value === "bigint" ? `${value}n` : value,
    ),
  );
}

describe("the text format", () => {
  const suite = loadSuite(fixture("every-field.textpb"), "every-field.textpb");
  const [first, second] = suite.test;

  it("has every field of the schema", () => {
    expect(suite.env).toMatchObject({
      testPath: "unused",
      wasmPath: "probe.wasm",
      configPath: "probe.config",
      logLevel: "DEBUG",
      logPath: "probe.log",
      timeSecs: 16n,
      numAdditionalStreams: 15n,
      additionalStreamAdvanceRate: 3n,
    });
    expect(first).toMatchObject({
      name: "every field, é A",
      benchmark: true,
      numChunks: 2,
      properties: [
        { path: "request.path", value: "\x00\x01" },
        { path: "a.b", value: "" },
      ],
      requestHeaders: {
        input: {
          header: [
            { key: "one", value: "1" },
            { key: "two", value: "" },
            { key: "three", value: "3" },
          ],
          content: "",
          file: "",
        },
        result: {
          hasHeader: [{ key: "one", value: "1" }],
          noHeader: [{ key: "four", value: "" }],
          headers: [
            { exact: "one: 1", invert: false },
            { regex: ".*\\d", invert: true },
          ],
          body: [{ file: "empty.data" }],
          log: [{ regex: ".*" }],
          immediate: { httpStatus: 403, grpcStatus: 7, details: "" },
        },
      },
      requestBody: [
        { input: { content: "abc\n\r\t\"'\\\x07\b\f\v?" } },
        { input: { file: "body.data" }, result: {} },
      ],
      responseHeaders: {},
      responseBody: [{ input: { header: [] } }],
      pluginInit: { log: [{ exact: "up" }] },
      streamInit: { log: [{ exact: "born" }] },
      streamDestroy: { log: [{ exact: "gone" }] },
    });
    expect(second).toMatchObject({ name: "second", benchmark: false, chunkSize: 2n ** 63n - 1n });
  });

  it("tells what is absent from what is empty", () => {
    expect(second).not.toHaveProperty("requestHeaders");
    expect(second).toMatchObject({ requestBody: [], responseBody: [], properties: [] });
    expect(first!.responseHeaders).not.toHaveProperty("result");
    const [test] = parse('test { request_headers { result { immediate {} body { exact: "" } } } }').test;
    const result = test!.requestHeaders!.result!;
    expect(result.immediate).not.toHaveProperty("details");
    expect(result.body[0]).toHaveProperty("exact", "");
    expect(parse("")).toEqual({ place: { line: 1, column: 1 }, test: [] });
  });

  it("knows where everything stands, in characters", () => {
    expect(first!.place).toEqual({ line: 11, column: 6 });
    expect(first!.requestHeaders!.result!.headers[1]!.place).toEqual({ line: 27, column: 15 });
    const [test] = parse('test { name: "é", request_headers {} }').test;
    expect(test!.requestHeaders!.place).toEqual({ line: 1, column: 35 });
  });

  it("keeps bytes that are not UTF-8, and takes UTF-8 as it stands in the file", () => {
    const [test] = parse(
      '\ufefftest { request_body { input { content: "\\xff\\u00e9\\U0001F600\\1é" } } }',
    ).test;
    expect(test!.requestBody[0]!.input!.content).toBe("\xff\xc3\xa9\xf0\x9f\x98\x80\x01\xc3\xa9");
  });

  it.for([
    ["test { nmae: 'x' }", 'x:1:8: Test has no field "nmae"; it has name, benchmark'],
    ["test { constructor: 'x' }", 'x:1:8: Test has no field "constructor"'],
    ["tests {}", 'x:1:1: TestSuite has no field "tests"; it has env, test'],
    ["test {\n  name: 5\n}", 'x:2:9: the field "name" takes a string in quotes, not "5"'],
    ["test { name: { } }", 'x:1:14: the field "name" takes a string, not a message'],
    ["test: 'x'", 'x:1:7: the field "test" takes a message of type Test; write {} for an empty one'],
    ["test { benchmark: maybe }", 'x:1:19: the field "benchmark" takes true or false, not "maybe"'],
    ["test { benchmark: 'true' }", 'x:1:19: the field "benchmark" takes a bool, not a string'],
    ["env { log_level: LOUD }", 'x:1:18: the field "log_level" takes one of UNDEFINED, TRACE'],
    ["env { log_level: 'INFO' }", 'x:1:18: the field "log_level" takes the name of a log level'],
    ["test { num_chunks: 2147483648 }", 'x:1:20: the field "num_chunks" takes a int32 (a whole number from'],
    ["env { time_secs: - 1 }", 'x:1:18: the field "time_secs" takes a uint64'],
    ["test { num_chunks: 1.5 }", 'x:1:20: the field "num_chunks" takes a int32'],
    ["test { num_chunks: 09 }", 'x:1:20: the field "num_chunks" takes a int32'],
    ["test { num_chunks: '2' }", 'x:1:20: the field "num_chunks" takes a int32, not a string'],
    ["test { name: 'a' name: 'b' }", 'x:1:18: the field "name" of Test is given twice'],
    [
      "test { num_chunks: 1 chunk_size: 1 }",
      'x:1:22: the fields "num_chunks" and "chunk_size" of Test exclude',
    ],
    [
      "test { plugin_init { log { exact: 'a' regex: 'b' } } }",
      'x:1:39: the fields "exact" and "regex" of StringMatcher exclude each other',
    ],
    ["test { name: ['a', 'b'] }", 'x:1:14: the field "name" takes one value, not a list'],
    ["test { name: 'a\nb' }", "x:1:14: this string has no closing ' on its line; write a line break as \\n"],
    ['test { name: "a', 'x:1:14: this string has no closing " on its line'],
    ['test { name: "a\\q" }', 'x:1:16: there is no escape of a backslash and "q"; write \\\\'],
    ['test { name: "a\\d+" }', 'x:1:16: there is no escape of a backslash and "d"'],
    ['test { name: "\\x" }', "x:1:15: the escape \\x needs one or two hexadecimal digits"],
    ['test { name: "\\u12" }', "x:1:15: the escape \\u needs four hexadecimal digits"],
    [
      'test { name: "\\ud800" }',
      "x:1:15: the escape \\u needs four hexadecimal digits of a Unicode character",
    ],
    ['test { name: "\\U00110000" }', "x:1:15: the escape \\U needs eight hexadecimal digits"],
    ['test { name: "\\400" }', "x:1:15: the escape \\400 is more than a byte (\\377)"],
    ['test { name: "a\\\n" }', "x:1:16: a backslash ends the line"],
    ['test { name: "\\xff" }', 'x:1:14: the field "name" is text, but its bytes are not UTF-8'],
    ["test {\n\n", 'x:1:6: this "{" is never closed; the file ends first'],
    ["test < name: 'a' }", 'x:1:18: expected the name of a field, found "}"'],
    ["}", 'x:1:1: expected the name of a field, found "}"'],
    ["test name", 'x:1:6: expected ":" or "{" after the field "test", found "n"'],
    ["test { name: }", 'x:1:14: expected a value, found "}"'],
    ["test { name", 'x:1:12: expected ":" or "{" after the field "name", found the end of the file'],
    ["test [{} {}]", 'x:1:10: expected "," or "]" in a list, found "{"'],
    ["test [{}", 'x:1:9: expected "," or "]" in a list, found the end of the file'],
    ["test [[]]", "x:1:7: a list cannot hold lists"],
    ["a {".repeat(10_000), "x:1:99: messages are nested more than 32 levels deep"],
  ])("says what is wrong: %#", ([text, expected]) => {
    expect(problem(text!)).toContain(expected);
  });

  it("reads a large file in one pass", () => {
    const body = "x".repeat(1_000_000);
    const text = `test { request_body { input { content: "${body}" } } }\n`.repeat(3);
    expect(parse(text).test[2]!.requestBody[0]!.input!.content).toHaveLength(body.length);
  });
});

describe("YAML", () => {
  it("means the same as its twin in text format", () => {
    const [text, yaml] = ["textpb", "yaml"].map((ending) => loadSuite(fixture(`every-field.${ending}`)));
    expect(withoutPlaces(yaml!)).toEqual(withoutPlaces(text!));
    expect(yaml!.test[0]!.requestHeaders!.result!.headers[1]!.place).toEqual({ line: 31, column: 13 });
  });

  it("may share parts by aliases", () => {
    const text =
      "test:\n- name: a\n  request_headers: &phase { input: { file: f } }\n- { name: b, request_headers: *phase }\n";
    const [a, b] = parse(text, "yaml").test;
    expect(b!.requestHeaders).toMatchObject({ input: { file: "f" } });
    expect(a!.requestHeaders).toMatchObject({ input: { file: "f" } });
  });

  it("may be empty", () => {
    expect(parse("# nothing\n", "yaml").test).toEqual([]);
  });

  it.for([
    ["test:\n- nmae: x\n", 'x:2:3: Test has no field "nmae"'],
    ["test:\n- name: [a]\n", 'x:2:9: the field "name" takes one value, not a list'],
    [
      "test:\n- request_headers:\n",
      'the field "request_headers" takes a message of type Invocation; write {}',
    ],
    ["test:\n- benchmark: perhaps\n", 'x:2:14: the field "benchmark" takes true or false, not "perhaps"'],
    ["test:\n- { name: a, name: b }\n", "x:2:14: Map keys must be unique"],
    ["test:\n- [name\n", "x:3:1: Flow sequence"],
    ["- name: a\n", 'x:1:1: the file must be a mapping with the keys "env" and "test"'],
    ["test:\n- ? [a]\n  : b\n", "x:2:5: a key must be the name of a field"],
    ["test: *nowhere\n", "x:1:7: there is no anchor &nowhere"],
    ["a: &a [*a, *a]\n", "x:1:"],
    [
      `a: &a [x, x]\n${"bcdefghijklmnopqrstuvw".replace(/./g, (name) => `${name}: &${name} [*${String.fromCharCode(name.charCodeAt(0) - 1)}, *${String.fromCharCode(name.charCodeAt(0) - 1)}]\n`)}`,
      "aliases make it too large",
    ],
  ])("says what is wrong: %#", ([text, expected]) => {
    expect(problem(text!, "yaml")).toContain(expected);
  });

  it("must be UTF-8", () => {
    expect(problem(Buffer.from("test:\n- name: \xff\n", "latin1"), "yaml")).toBe("x: the file is not UTF-8");
  });
});

describe("loading", () => {
  it("says which file is missing or is none", () => {
    expect(() => loadSuite("/nowhere/tests.textpb", "tests.textpb")).toThrow(
      "tests.textpb: cannot read the test vectors: there is no such file",
    );
    expect(() => loadSuite(fixture("."), "fixtures")).toThrow(
      "fixtures: cannot read the test vectors: it is a folder",
    );
  });
});

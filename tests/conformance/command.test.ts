// The command `test`: what it prints, writes and returns, and what it says when it is called wrongly.
import { Command } from "commander";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";

import { CommandError } from "../../src/commands/command-error.ts";
import { addTestCommand } from "../../src/commands/test.ts";
import { callback, guest, logText } from "../host/guest.ts";
import type { CommandIo } from "../../src/commands/io.ts";
import type { TestReport } from "../../src/conformance/index.ts";

/** Logs `hello` in its request headers callback. */
const hello = guest((text) => callback("proxy_on_request_headers", logText(text("hello & <bye>"))));
const GOOD = 'test { name: "good" request_headers { result { log { regex: "hello.*" } } } }\n';
const BAD = 'test { name: "bad <\\"1\\" & 2>" request_headers { result { log { exact: "\\033" } } } }\n';
const TRAPPED = 'test { name: "broken" request_headers { input { content: "x" } } }\n';

interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** What the command threw: the message, then the advice. */
  error: string;
}

/** A folder with the files, in which commands run. */
function project(files: Record<string, string | Uint8Array>): (...args: string[]) => Promise<Outcome> {
  const cwd = mkdtempSync(join(tmpdir(), "proxy-wasm-as-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  return (...args) => execute(cwd, args);
}

async function execute(cwd: string, args: readonly string[]): Promise<Outcome> {
  const outcome: Outcome = { exitCode: 0, stdout: "", stderr: "", error: "" };
  const io: CommandIo = {
    stdout: { write: (text) => (outcome.stdout += text) },
    stderr: { write: (text) => (outcome.stderr += text) },
    env: {},
    cwd,
    isTTY: false,
    colour: false,
    interrupted: new AbortController().signal,
    exitCode: 0,
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: (text) => io.stderr.write(text) });
  addTestCommand(program, io);
  program.commands[0]!.exitOverride().configureOutput({ writeErr: (text) => io.stderr.write(text) });
  try {
    await program.parseAsync(["test", ...args], { from: "user" });
    outcome.exitCode = io.exitCode;
  } catch (error) {
    outcome.exitCode = (error as CommandError).exitCode;
    outcome.error = [(error as Error).message, (error as CommandError).advice ?? ""]
      .join(" | ")
      .replaceAll(cwd, "");
  }
  return outcome;
}

describe("a run", () => {
  it("prints a line a test and a summary, and is well if nothing fails", async () => {
    const run = project({ "a.textpb": GOOD + GOOD, "a.wasm": hello });
    expect(await run("a.textpb", "--wasm", "a.wasm")).toEqual({
      exitCode: 0,
      stdout: "a.textpb\n  ok    good\n  ok    good\n2 tests: 2 passed, 0 failed\n",
      stderr: "",
      error: "",
    });
  });

  it("returns 1 and says what failed, in several files, of which one may be YAML", async () => {
    const yaml = "test:\n- name: from yaml\n  request_headers: { result: { log: [{ exact: bye }] } }\n";
    const run = project({ "a.textpb": GOOD, "b.yaml": yaml, "a.wasm": hello });
    const { exitCode, stdout } = await run("a.textpb", "b.yaml", "--wasm", "a.wasm");
    expect(exitCode).toBe(1);
    expect(stdout).toBe(`a.textpb
  ok    good
b.yaml
  FAIL  from yaml
    request_headers: no line logged matches (log, b.yaml:3:38)
      - bye
      + hello & <bye>
2 tests: 1 passed, 1 failed
`);
  });

  it("takes module, configuration, level and log file from the file itself, unless they are given", async () => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_configure",
        `(drop (call $proxy_log (i32.const 1) ${text("12345").replace("(i32.const 5)", "(local.get 1)")}))`,
      ),
    );
    const env = 'env { wasm_path: "a.wasm" config_path: "a.config" log_level: DEBUG log_path: "a.log" }\n';
    const files = { "a.textpb": env + GOOD, "a.wasm": wasm, "a.config": "123", "b.config": "12345" };
    const run = project({
      ...files,
      "cat.textpb": 'env { wasm_path: "a.wasm" log_path: "/dev/stdout" } test { name: "x" }',
    });
    const json = async (...args: string[]): Promise<readonly string[]> =>
      (JSON.parse((await run("a.textpb", "--json", ...args)).stdout) as TestReport).suites[0]!.tests[0]!.log;
    expect(await json()).toEqual(["debug: 123"]);
    expect(await json("--config", "b.config")).toEqual(["debug: 12345"]);
    expect(await json("--log-level", "Info")).toEqual([]);
    expect((await run("a.textpb", "--wasm", "b.wasm")).error).toContain("cannot read the module b.wasm");
    expect((await run("cat.textpb")).stdout).toBe(
      "cat.textpb\n--- start of test x\n--- end of test x\n  ok    x\n1 test: 1 passed, 0 failed\n",
    );
    expect((await run("cat.textpb", "--json")).stderr).toBe("--- start of test x\n--- end of test x\n");
  });

  it("appends to the log file, each test between its marks", async () => {
    const folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "a.textpb"), GOOD + BAD);
    writeFileSync(join(folder, "a.wasm"), hello);
    for (let times = 0; times < 2; times++)
      await execute(folder, ["a.textpb", "--wasm", "a.wasm", "--log-file", "a.log", "--filter", "^good"]);
    const once = "--- start of test good\ninfo: hello & <bye>\n--- end of test good\n";
    expect(readFileSync(join(folder, "a.log"), "utf8")).toBe(once + once);
    const { error } = await execute(folder, ["a.textpb", "--wasm", "a.wasm", "--log-file", "no/such/a.log"]);
    expect(error).toContain("cannot write the log file no/such/a.log: ENOENT");
  });

  it("prints every call at level trace", async () => {
    const run = project({ "a.textpb": GOOD, "a.wasm": hello, "a.config": "c" });
    const { stdout } = await run(
      "a.textpb",
      "--wasm",
      "a.wasm",
      "--log-level",
      "trace",
      "--config",
      "a.config",
    );
    expect(stdout).toBe(`a.textpb
configuration: "c"
-> proxy_on_request_headers(2, 0, 0)
info: hello & <bye>
   proxy_log(2, 1024, 13): 0
<- proxy_on_request_headers: 0
  ok    good
1 test: 1 passed, 0 failed
`);
  });

  it("reports as JSON, and nothing else on stdout", async () => {
    const run = project({ "a.textpb": GOOD + BAD, "a.wasm": hello });
    const { stdout, stderr, exitCode } = await run(
      "a.textpb",
      "--wasm",
      "a.wasm",
      "--json",
      "--log-level",
      "trace",
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain("-> proxy_on_request_headers(2, 0, 0)");
    expect(JSON.parse(stdout)).toEqual({
      passed: 1,
      failed: 1,
      suites: [
        {
          file: "a.textpb",
          tests: [
            {
              name: "good",
              place: { line: 1, column: 6 },
              passed: true,
              failures: [],
              log: ["info: hello & <bye>"],
              notes: [],
              milliseconds: expect.any(Number) as number,
            },
            {
              name: 'bad <"1" & 2>',
              place: { line: 2, column: 6 },
              passed: false,
              failures: [
                {
                  kind: "check",
                  phase: "request_headers",
                  invocation: 0,
                  field: "log",
                  message: "no line logged matches",
                  expected: "\\u{1b}",
                  actual: "hello & <bye>",
                  diff: ["- \\u{1b}", "+ hello & <bye>"],
                  log: ["info: hello & <bye>"],
                  place: { line: 2, column: 63 },
                },
              ],
              log: ["info: hello & <bye>"],
              notes: [],
              milliseconds: expect.any(Number) as number,
            },
          ],
        },
      ],
    });
  });

  it("reports as JUnit XML, in a folder that it makes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "a.textpb"), BAD + TRAPPED + GOOD + 'test { name: "a\\nb\\033" }');
    writeFileSync(join(folder, "a.wasm"), hello);
    await execute(folder, ["a.textpb", "--wasm", "a.wasm", "--junit", "out/report.xml"]);
    const xml = readFileSync(join(folder, "out/report.xml"), "utf8").replace(
      /time="\d+\.\d{3}"/g,
      'time="T"',
    );
    expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="proxy-wasm-as test" tests="4" failures="1" errors="1" time="T">
  <testsuite name="a.textpb" tests="4" failures="1" errors="1" time="T">
    <testcase name="bad &lt;&quot;1&quot; &amp; 2&gt;" classname="a.textpb" file="a.textpb" line="1" time="T">
      <failure message="no line logged matches" type="request_headers.log">    request_headers: no line logged matches (log, a.textpb:1:63)
      - \\u{1b}
      + hello &amp; &lt;bye&gt;
</failure>
      <system-out>info: hello &amp; &lt;bye&gt;
</system-out>
    </testcase>
    <testcase name="broken" classname="a.textpb" file="a.textpb" line="2" time="T">
      <error message="expected a request line such as &quot;GET / HTTP/1.1&quot;, found &quot;x&quot;" type="request_headers">    request_headers: expected a request line such as "GET / HTTP/1.1", found "x" (a.textpb:2:39)
</error>
    </testcase>
    <testcase name="good" classname="a.textpb" file="a.textpb" line="3" time="T">
      <system-out>info: hello &amp; &lt;bye&gt;
</system-out>
    </testcase>
    <testcase name="a&#10;b\ufffd" classname="a.textpb" file="a.textpb" line="4" time="T"/>
  </testsuite>
</testsuites>
`);
  });
});

describe("a wrong call returns 2", () => {
  let run: (...args: string[]) => Promise<Outcome>;
  const files = {
    "a.textpb": GOOD,
    "none.textpb": "# nothing\n",
    "wrong.textpb": "test {\n  nmae: 1 }",
    "a.wasm": hello,
  };
  beforeAll(() => {
    const cwd = mkdtempSync(join(tmpdir(), "proxy-wasm-as-"));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
    run = (...args) => execute(cwd, args);
    return () => rmSync(cwd, { recursive: true });
  });

  it.for([
    [["b.textpb", "--wasm", "a.wasm"], "b.textpb: cannot read the test vectors: there is no such file"],
    [
      ["a.textpb", "wrong.textpb", "--wasm", "a.wasm"],
      'wrong.textpb:2:3: Test has no field "nmae"; it has name',
    ],
    [
      ["none.textpb", "--wasm", "a.wasm"],
      "none.textpb has no tests | A file of test vectors has one or more",
    ],
    [["a.textpb"], "no module to test a.textpb with | Name it: --wasm build/filter.wasm"],
    [
      ["a.textpb", "--wasm", "b.wasm"],
      "cannot read the module b.wasm: there is no such file | Build it first",
    ],
    [
      ["a.textpb", "--wasm", "a.wasm", "--config", "b"],
      "cannot read the configuration b: there is no such file",
    ],
    [["a.textpb", "--wasm", "a.wasm", "--config", "."], "cannot read the configuration .: EISDIR"],
    [
      ["a.textpb", "--wasm", "a.wasm", "--filter", "bad|worse"],
      "no test matches --filter bad|worse | There are: good",
    ],
  ])("%s", async ([args, expected]) => {
    const outcome = await run(...(args as string[]));
    expect(outcome.exitCode).toBe(2);
    expect(outcome.error).toContain(expected as string);
    expect(outcome.stdout).toBe("");
  });

  it.for([
    [["a.textpb", "--log-level", "loud"], "It is one of trace, debug, info, warn, error, critical."],
    [["a.textpb", "--filter", "("], "Invalid regular expression"],
    [[], "missing required argument 'file'"],
  ])("of the options themselves: %s", async ([args, expected]) => {
    const outcome = await run(...(args as string[]));
    expect(outcome.stderr).toContain(expected as string);
    expect(outcome.exitCode).not.toBe(0);
  });

  it("but a module that does not load is a failed test", async () => {
    const { exitCode, stdout } = await run("a.textpb", "--wasm", "a.textpb");
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      "FAIL  good\n    load: the module cannot be loaded: this is not a valid WebAssembly module",
    );
    expect(stdout).toContain("1 test: 0 passed, 1 failed");
  });
});

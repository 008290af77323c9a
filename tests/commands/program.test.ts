// The frame of the command line: help, version, wrong use, exit codes, colours, errors.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { command } from "./support.ts";
import { createProgram } from "../../src/commands/program.ts";
import { repository } from "../support/asc.ts";
import { testIo } from "./support.ts";
import { wantsColour } from "../../src/commands/io.ts";

const ESCAPE = "\x1b[";

test("--version prints the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    version: string;
  };
  for (const flag of ["--version", "-V"]) {
    expect(await command([flag])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  }
});

describe("help", () => {
  test("of the whole lists every command, exit codes and examples", async () => {
    const { code, out, err } = await command(["--help"]);
    expect([code, err]).toEqual([0, ""]);
    for (const each of createProgram(testIo()).commands) expect(out).toContain(`\n  ${each.name()} `);
    expect(out).toContain("Exit codes: 0 all is well, 1 it failed, 2 it was called wrongly.");
    expect(out).toMatch(/Examples:\n {2}proxy-wasm-as /);
    expect(await command(["help"])).toEqual({ code, out, err });
  });

  test("without any argument is the same, as wrong use", async () => {
    const { code, out, err } = await command([]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toBe((await command(["--help"])).out);
  });

  test("of a command names its argument, its options with their defaults, and examples", async () => {
    const { code, out } = await command(["serve", "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("Usage: proxy-wasm-as serve [options] [file.wasm]");
    expect(out).toMatch(/--port <port>.*default: 8080/);
    expect(out).toMatch(/--failure-policy[^]*"closed", "open", "reload"/);
    expect(out).toMatch(/Examples:\n {2}proxy-wasm-as serve /);
    expect((await command(["help", "serve"])).out).toBe(out);
  });

  test("lines of all commands fit a terminal of 100 columns", async () => {
    for (const each of createProgram(testIo()).commands) {
      const { out } = await command([each.name(), "--help"]);
      const [options = ""] = out.split("Examples:");
      expect(
        options.split("\n").filter((line) => line.length > 100),
        each.name(),
      ).toEqual([]);
    }
  });
});

describe("wrong use ends with 2, and says what is right", () => {
  test.each([
    ["a misspelt command", ["sevre"], "unknown command 'sevre'\n(Did you mean serve?)"],
    [
      "a misspelt option",
      ["serve", "a.wasm", "--upsteam", "x"],
      "unknown option '--upsteam'\n(Did you mean --upstream?)",
    ],
    ["an option of the program after a command", ["serve", "--version"], "unknown option '--version'"],
    ["no argument", ["inspect"], "missing required argument 'file.wasm'"],
    ["an argument too many", ["serve", "a.wasm", "b.wasm"], "too many arguments for 'serve'"],
    [
      "an option without its value",
      ["serve", "a.wasm", "--port"],
      "option '-p, --port <port>' argument missing",
    ],
    [
      "a choice that is none",
      ["serve", "a.wasm", "--failure-policy", "ajar"],
      "Allowed choices are closed, open, reload.",
    ],
  ])("%s", async (_, args, message) => {
    const { code, out, err } = await command(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: /);
    expect(err).toContain(message);
    expect(err).toContain("Run it with --help to see what there is.");
    expect(err).not.toContain("    at ");
  });
});

describe("colours", () => {
  test("come with a terminal, FORCE_COLOR or neither, and never with NO_COLOR", () => {
    expect(wantsColour({}, true)).toBe(true);
    expect(wantsColour({}, false)).toBe(false);
    expect(wantsColour({ NO_COLOR: "1" }, true)).toBe(false);
    expect(wantsColour({ NO_COLOR: "" }, true)).toBe(true);
    expect(wantsColour({ FORCE_COLOR: "1" }, false)).toBe(true);
    expect(wantsColour({ FORCE_COLOR: "0" }, true)).toBe(false);
    expect(wantsColour({ NO_COLOR: "1", FORCE_COLOR: "1" }, true)).toBe(false);
    expect(wantsColour({ TERM: "dumb" }, true)).toBe(false);
  });

  test("are in help and errors only when they are wanted", async () => {
    const [plain, coloured] = [await command(["sevre"]), await command(["sevre"], { colour: true })];
    expect(plain.err).not.toContain(ESCAPE);
    expect(coloured.err).toContain(`${ESCAPE}1m${ESCAPE}31merror:`);
    expect((await command(["--help"])).out).not.toContain(ESCAPE);
    expect((await command(["--help"], { colour: true })).out).toContain(ESCAPE);
  });
});

describe("an error of a command", () => {
  const failing = ["serve", "absent.wasm"];

  test("is one sentence and what to do, without a stack", async () => {
    const { code, out, err } = await command(failing, { cwd: repository });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toBe(
      `error: there is no file ${join(repository, "absent.wasm")}\n  Build the filter first, or check the path.\n`,
    );
  });

  test("shows its stack and its causes with --verbose, or with DEBUG", async () => {
    for (const { err } of [
      await command([...failing, "--verbose"]),
      await command(failing, { env: { DEBUG: "1" } }),
    ]) {
      expect(err).toMatch(/\n {4}at /);
      expect(err).toContain("caused by Error: ENOENT");
    }
  });
});

// The command serve without a file: builds the project it stands in, and with --watch again and again.
import { expect, test } from "vitest";

import { atEnd } from "../serve/support.ts";
import { command, testIo } from "./support.ts";
import { emptyFolder, project, writeFiles } from "../support/project.ts";
import { header } from "../support/bytes.ts";
import { HELLO } from "../support/pack.ts";
import { http1 } from "../support/http-client.ts";
import { run } from "../../src/commands/program.ts";

test(
  "with --watch it serves what it builds, and keeps the last good build",
  { timeout: 240_000 },
  async () => {
    const folder = project({ "assembly/index.ts": HELLO.replace("<AddHeader>", "<Missing>") });
    const io = testIo({ cwd: folder });
    const ended = run(["serve", "--watch", "--port", "0"], io);
    atEnd(async () => {
      io.interrupt();
      await ended;
    });
    const seen = (text: string): Promise<void> =>
      expect.poll(() => io.out + io.err, { timeout: 60_000, interval: 20 }).toContain(text);
    await seen("build/filter.wasm was not built");
    expect(io.out).toBe("");

    writeFiles(folder, { "assembly/index.ts": HELLO });
    await seen("listening on ");
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(io.out)?.[1]);
    expect(header((await http1(port)).headers, "hello")).toBe("world");

    writeFiles(folder, { "assembly/index.ts": HELLO.replace("world", "again") });
    await expect
      .poll(async () => header((await http1(port)).headers, "hello"), { timeout: 60_000, interval: 100 })
      .toBe("again");
    expect(io.out).toMatch(/reloaded|loaded/);

    io.interrupt();
    expect(await ended).toBe(0);
    expect(io.out).toMatch(/stopped\n$/);
  },
);

test("without --watch a project that does not build is not served", { timeout: 120_000 }, async () => {
  const cwd = project({ "assembly/index.ts": HELLO.replace("<AddHeader>", "<Missing>") });
  const { code, out, err } = await command(["serve", "--port", "0"], { cwd });
  expect(code).toBe(1);
  expect(out).toBe("");
  expect(err).toContain("build/filter.wasm was not built");
});

test("a port that is taken ends it, although it watches", { timeout: 120_000 }, async () => {
  const cwd = project({ "assembly/index.ts": HELLO });
  const { code, err } = await command(["serve", "--watch", "--host", "203.0.113.1", "--port", "0"], { cwd });
  expect(code).toBe(1);
  expect(err).toContain("this machine has no such address");
});

test("where there is no project, it says so", async () => {
  const cwd = emptyFolder();
  const { code, err } = await command(["serve"], { cwd });
  expect(code).toBe(1);
  expect(err).toContain(`there is no asconfig.json in ${cwd}`);
});

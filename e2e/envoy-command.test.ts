// The command envoy, and the hot reload under it: requests while modules come and go.
import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { HotFilter, startEnvoy, type Envoy } from "../src/envoy/index.ts";
import { buildFile, repository } from "../tests/support/asc.ts";
import { header } from "../tests/support/bytes.ts";
import { follow } from "../tests/docs/walkthrough.ts";
import { guest, logCall } from "./support/modules.ts";
import { http1 } from "../tests/support/http-client.ts";
import { run } from "../src/commands/program.ts";
import { startUpstream } from "../tests/support/upstream.ts";
import { talk } from "./support/talk.ts";
import { testIo, type TestIo } from "../tests/commands/support.ts";

const folder = mkdtempSync(join(tmpdir(), "envoy-command-"));
const filter = join(folder, "filter.wasm");
// What this file's sessions leave behind can be told from what others do.
process.env["TMPDIR"] = folder;
let hello: string;
let greeting: string;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  hello = await buildFile("examples/hello/assembly/index.ts");
  greeting = await buildFile("examples/greeting/assembly/index.ts");
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a module where the command looks, as a build does: whole or not at all. */
function put(module: string | Uint8Array): void {
  const next = join(folder, "next");
  if (typeof module === "string") copyFileSync(module, next);
  else writeFileSync(next, module);
  renameSync(next, filter);
}

/** Starts the command on a free port and waits until it serves, or ends. */
async function start(
  args: readonly string[] = [],
): Promise<{ io: TestIo; port: number; ended: Promise<number> }> {
  const io = testIo({ cwd: folder, env: process.env });
  const ended = run(["envoy", "filter.wasm", "--port", "0", ...args], io);
  cleanups.push(async () => {
    io.interrupt();
    await ended;
  });
  let over = false;
  void ended.then(() => (over = true));
  await expect.poll(() => over || /listening/.test(io.out), { timeout: 60_000, interval: 20 }).toBe(true);
  return { io, port: Number(/127\.0\.0\.1:(\d+)/.exec(io.out)?.[1]), ended };
}

/** Folders that this process's sessions make and must take away. */
function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("proxy-wasm-as-filter-"));
}

describe("the command envoy", () => {
  test("serves the filter before an echo until it is interrupted, and says what happened", async () => {
    put(greeting);
    const { io, port, ended } = await start(["--config", "Ada"]);
    const response = await http1(port, {
      path: "/some",
      method: "POST",
      body: "hey",
      headers: [["x-mine", "1"]],
    });
    expect([response.status, header(response.headers, "hello")]).toEqual([200, "Ada"]);
    expect(JSON.parse(response.body.toString())).toMatchObject({
      ...{ method: "POST", path: "/some", body: "hey", bodyBytes: 3 },
      headers: { "x-mine": "1" },
    });
    await expect.poll(() => io.out).toMatch(/\nPOST \/some 200 via_upstream \d+ ms\n/);
    io.interrupt();
    expect(await ended).toBe(0);
    expect(io.out).toMatch(
      /^info greeting Ada\n[^]*listening on http:\/\/127\.0\.0\.1:\d+ \(Envoy [\d.]+, filter\.wasm, \d+ bytes; no upstream, so requests are echoed; admin http:\/\/127\.0\.0\.1:\d+\)\n[^]*stopped\n$/,
    );
    expect(io.out).not.toContain("[envoy]");
    expect(io.err).toBe("");
  });

  test("passes requests to an upstream; --json prints an object per line", async () => {
    put(hello);
    const upstream = await startUpstream();
    cleanups.push(() => upstream.stop());
    const { io, port, ended } = await start(["--upstream", `http://127.0.0.1:${upstream.port}`, "--json"]);
    expect(header((await http1(port, { path: "/up" })).headers, "hello")).toBe("world");
    expect(upstream.last().path).toBe("/up");
    await expect.poll(() => io.out).toContain('"event":"request"');
    io.interrupt();
    await ended;
    const events = io.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ event }) => event)).toEqual(["listening", "request", "stopped"]);
    expect(events[0]).toMatchObject({
      port,
      file: "filter.wasm",
      upstream: `http://127.0.0.1:${upstream.port}/`,
    });
    expect(events[1]).toMatchObject({ method: "GET", path: "/up", status: 200 });
  });

  test("--watch takes a new module, keeps the old one when the new is refused, and leaves nothing behind", async () => {
    put(hello);
    const before = leftovers();
    const { io, port, ended } = await start(["--watch"]);
    expect(leftovers().length).toBe(before.length + 1);
    put(greeting);
    await expect.poll(() => io.out, { timeout: 20_000 }).toMatch(/reloaded filter\.wasm/);
    expect(header((await http1(port)).headers, "x-greeting-number")).toBe("1");
    put(Buffer.from("this is no module"));
    await expect.poll(() => io.out, { timeout: 20_000 }).toMatch(/The module before goes on/);
    expect(io.out).toMatch(
      /not reloaded: Envoy refused the module\.\n[^]*The file is no WebAssembly, or not all of it/,
    );
    expect(header((await http1(port)).headers, "x-greeting-number")).toBe("2");
    io.interrupt();
    expect(await ended).toBe(0);
    expect(leftovers()).toEqual(before);
  });

  test("--tcp runs a filter of connections before an echo", async () => {
    put(
      await guest(
        `(data (i32.const 100) "open") (func (export "proxy_on_new_connection") (param i32) (result i32) ${logCall(2, 100, 4)} (i32.const 0))`,
      ),
    );
    const { io, port } = await start(["--tcp", "--watch"]);
    expect(await talk(port, "ping")).toBe("ping");
    await expect.poll(() => io.out).toMatch(/info open\n[^]*connection: 4 bytes in, 4 bytes out/);
  });

  test.each([[[]], [["--watch"]]])(
    "a module that Envoy refuses, with %j: the reason, and what to do",
    async (flags) => {
      put(Buffer.from("\0asm\x01\0\0\0"));
      const { io, ended } = await start(flags);
      expect(await ended).toBe(1);
      expect(io.err).toMatch(/^error: Envoy (?:ended before it was ready|refused the module)/);
      expect(io.err).toContain("Missing or unknown Proxy-Wasm ABI version");
      expect(io.err).toContain("The module must export a function `proxy_abi_version_0_2_1`");
      expect(leftovers()).toEqual([]);
    },
  );

  test("a port that is taken, a file that is not there, a version without V8", async () => {
    put(hello);
    const taken = await startUpstream();
    cleanups.push(() => taken.stop());
    const { io, ended } = await start(["--port", String(taken.port)]);
    expect([await ended, io.err]).toEqual([
      1,
      `error: cannot listen on port ${taken.port}: another process has it\n  Take another one with --port, or --port 0 for a free one.\n`,
    ]);
    const absent = testIo({ cwd: folder });
    expect(await run(["envoy", "absent.wasm"], absent)).toBe(2);
    expect(absent.err).toBe(
      `error: there is no file ${join(folder, "absent.wasm")}\n  Build the filter first, or check the path.\n`,
    );
    const old = testIo({ cwd: folder });
    expect(await run(["envoy", "filter.wasm", "--version", "1.38.3"], old)).toBe(2);
    expect(old.err).toContain("has no V8, so no filters: take 1.38.2");
  });

  test("an Envoy that dies is an error that says how", async () => {
    put(hello);
    const { io, ended } = await start();
    const admin = Number(/admin http:\/\/127\.0\.0\.1:(\d+)/.exec(io.out)?.[1]);
    await http1(admin, { method: "POST", path: "/quitquitquit" });
    expect(await ended).toBe(1);
    expect(io.err).toMatch(/^error: Envoy has ended \(exit code 0\)/);
  });

  test("the compiled command ends on Ctrl-C with everything it started", async () => {
    put(hello);
    const child = spawn(
      process.execPath,
      [join(repository, "dist/cli.js"), "envoy", "filter.wasm", "--port", "0", "--watch"],
      { cwd: folder, stdio: "pipe" },
    );
    cleanups.push(() => child.kill("SIGKILL"));
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    await expect.poll(() => out, { timeout: 60_000 }).toMatch(/listening/);
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ");
    expect(children.length).toBe(1);
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(out).toMatch(/stopped\n$/);
    expect(existsSync(`/proc/${children[0]}`)).toBe(false);
    expect(leftovers()).toEqual([]);
  });
});

test("docs/envoy.md shows what the command prints, and what it writes", async () => {
  const reader = join(folder, "reader");
  mkdirSync(join(reader, "build"), { recursive: true });
  copyFileSync(hello, join(reader, "build/filter.wasm"));
  const taken = await startUpstream();
  await taken.stop();
  await follow("docs/envoy.md", readFileSync(join(repository, "docs/envoy.md"), "utf8"), {
    folder: reader,
    env: process.env,
    replacements: [
      ["npx proxy-wasm-as", `node ${join(repository, "dist/cli.js")}`],
      ["10000", String(taken.port)],
    ],
  });
});

describe("hot reload", () => {
  let envoy: Envoy;

  /** A module that does the same, with other bytes: a custom section counts. */
  function variant(base: Uint8Array, number: number): Buffer {
    const content = Buffer.from(`\x01n${number}`);
    return Buffer.concat([base, Buffer.from([0, content.length]), content]);
  }

  async function serve(wasm: Uint8Array, failurePolicy?: "FAIL_OPEN"): Promise<HotFilter> {
    const hot = await HotFilter.create({ name: "hot", kind: "http", failurePolicy }, wasm);
    envoy = await startEnvoy({ http: { filters: [hot.filter] }, logLimit: 500 });
    cleanups.push(async () => {
      await envoy.stop();
      await hot.dispose();
    });
    await hot.checkFirst(envoy);
    return hot;
  }

  test("swaps under load answer every request, with a filter, and leave no VM behind", async () => {
    const base = readFileSync(hello);
    const hot = await serve(base);
    const machines = await envoy.stat("wasm.envoy.wasm.runtime.v8.active");
    const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
    cleanups.push(() => agent.destroy());
    const answers = new Map<string, number>();
    let over = false;
    const client = async (): Promise<void> => {
      while (!over) {
        const answer = await new Promise<string>((resolve) => {
          http
            .get({ port: envoy.port, host: "127.0.0.1", agent }, (response) => {
              response
                .resume()
                .on("end", () => resolve(`${response.statusCode} ${response.headers["hello"]}`));
            })
            .on("error", (error) => resolve(error.message));
        });
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    };
    const clients = Array.from({ length: 10 }, client);
    for (let number = 1; number <= 20; number++)
      expect(await hot.swap(envoy, variant(base, number))).toEqual({ outcome: "active" });
    over = true;
    await Promise.all(clients);
    expect([...answers.keys()]).toEqual(["200 world"]);
    expect(answers.get("200 world")).toBeGreaterThan(20);
    await expect
      .poll(() => envoy.stat("wasm.envoy.wasm.runtime.v8.active"), { timeout: 10_000 })
      .toBe(machines);
  });

  test("the same module again changes nothing; another configuration does", async () => {
    const base = readFileSync(greeting);
    const hot = await serve(base);
    expect(await hot.swap(envoy, base)).toEqual({ outcome: "unchanged" });
    expect(await hot.swap(envoy, base, "Ada")).toEqual({ outcome: "active" });
    expect(header((await http1(envoy.port)).headers, "hello")).toBe("Ada");
  });

  test("a request on its way ends in the filter it began with", async () => {
    const upstream = await startUpstream();
    cleanups.push(() => upstream.stop());
    const hot = await HotFilter.create({ name: "hot", kind: "http" }, readFileSync(hello));
    envoy = await startEnvoy({ http: { filters: [hot.filter] }, clusters: { upstream: upstream.port } });
    cleanups.push(async () => {
      await envoy.stop();
      await hot.dispose();
    });
    await hot.checkFirst(envoy);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    upstream.handler = async () => {
      await held;
      return {};
    };
    const before = http1(envoy.port);
    await expect.poll(() => upstream.requests.length).toBe(1);
    expect(await hot.swap(envoy, readFileSync(greeting))).toEqual({ outcome: "active" });
    release();
    expect(header((await before).headers, "x-greeting-number")).toBeUndefined();
    expect(header((await before).headers, "hello")).toBe("world");
    expect(header((await http1(envoy.port)).headers, "x-greeting-number")).toBe("1");
  });

  test("a module that does not want to start is refused, under FAIL_OPEN too", async () => {
    const hot = await serve(readFileSync(hello), "FAIL_OPEN");
    const unwilling = await guest(
      `(func (export "proxy_on_configure") (param i32 i32) (result i32) (i32.const 0))`,
    );
    const swap = await hot.swap(envoy, unwilling);
    expect(swap).toMatchObject({ outcome: "refused" });
    expect(header((await http1(envoy.port)).headers, "hello")).toBe("world");
  });
});

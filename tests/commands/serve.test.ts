// The command serve: its flags, its errors, and its end. The server itself is tested in tests/serve.
import { spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { atEnd, example, temporaryFolder } from "../serve/support.ts";
import { callback, guest, logAnswer, OUT } from "../host/guest.ts";
import { command, testIo } from "./support.ts";
import { header } from "../support/bytes.ts";
import { http1 } from "../support/http-client.ts";
import { repository } from "../support/asc.ts";
import { run } from "../../src/commands/program.ts";
import { startUpstream } from "../support/upstream.ts";
import type { TestIo } from "./support.ts";

const hello = example("hello");

/** Starts `serve` and waits for its address. */
async function start(
  args: readonly string[],
  given: Parameters<typeof testIo>[0] = {},
): Promise<{ io: TestIo; port: number; ended: Promise<number> }> {
  const io = testIo(given);
  const ended = run(["serve", ...args, "--port", "0"], io);
  atEnd(async () => {
    io.interrupt();
    await ended;
  });
  await expect.poll(() => io.out + io.err, { interval: 10 }).toMatch(/listening on|error/);
  return { io, port: Number(/127\.0\.0\.1:(\d+)/.exec(io.out)?.[1]), ended };
}

test("serves until it is interrupted, and ends well", async () => {
  const { io, port, ended } = await start([hello]);
  const response = await http1(port);
  expect([response.status, header(response.headers, "hello")]).toEqual([200, "world"]);
  io.interrupt();
  expect(await ended).toBe(0);
  expect(io.out).toMatch(
    /^listening on http:\/\/127\.0\.0\.1:\d+ \(.*hello\.wasm, \d+ bytes; no upstream, so requests are echoed\)\n/,
  );
  expect(io.out).toMatch(/\[2 GET \/\] 200 via_upstream.*\nstopped\n$/);
  expect(io.err).toBe("");
});

test("the flags reach the filter and the server", async () => {
  const folder = temporaryFolder();
  const wasm = guest((text) =>
    callback(
      "proxy_on_configure",
      `${logAnswer("(call $proxy_get_buffer_bytes (i32.const 7) (i32.const 0) (i32.const -1)")}
       ${logAnswer(`(call $proxy_get_property ${text("plugin_root_id")}`)}
       (drop (call $environ_get (i32.const ${OUT}) (i32.const 700)))
       (drop (call $proxy_log (i32.const 2) (i32.const 700) (i32.const 7)))`,
    ),
  );
  writeFileSync(join(folder, "filter.wasm"), wasm);
  writeFileSync(join(folder, "config.json"), "from a file");
  const upstream = await startUpstream();
  atEnd(() => upstream.stop());
  const flags = [
    "--root-id",
    "mine",
    "--env",
    "A=b",
    "--env",
    "C=d=e",
    "--upstream",
    `http://127.0.0.1:${upstream.port}`,
  ];
  const { io, port } = await start(["filter.wasm", "--config-file", "config.json", ...flags], {
    cwd: folder,
  });
  expect((await http1(port, { path: "/up" })).status).toBe(200);
  expect(upstream.last().path).toBe("/up");
  expect(io.out.split("\n").slice(0, 4)).toEqual([
    expect.stringMatching(
      /^listening on .* \(filter\.wasm, \d+ bytes; upstream http:\/\/127\.0\.0\.1:\d+\)$/,
    ),
    "[1 root] info from a file",
    "[1 root] info mine",
    "[1 root] info A=b\\x00C=d",
  ]);
  const inline = await start(["filter.wasm", "--config", "inline"], { cwd: folder });
  expect(inline.io.out).toContain("[1 root] info inline\n");
});

describe("values that cannot be", () => {
  test.each([
    [["--upstream", "localhost"], "It must be a URL such as http://127.0.0.1:3000."],
    [["--upstream", "ftp://a"], "It must begin with http: or https:."],
    [["--upstream", "http://a/base"], "It must be host and port alone"],
    [["--port", "65536"], "It must be a port number, from 0 to 65535."],
    [["--port", "http"], "It must be a port number"],
    [["--timeout", "1s"], "It must be a whole number from 0."],
    [["--env", "A"], "It must be name=value."],
    [["--env", "A=1", "--env", "A=2"], "A is given twice."],
    [["--cluster", "auth"], "It must be name=url, such as auth=http://127.0.0.1:4000."],
    [["--cluster", "auth=nowhere"], "It must be a URL"],
    [["--log-level", "loud"], "Allowed choices are trace, debug, info, warn, error, critical."],
    [["--config", "a", "--config-file", "b"], "cannot be used with"],
    [["--upstream", "https://a", "--upstream-http2"], "--upstream-http2 is for cleartext HTTP/2"],
  ])("%j", async (flags, message) => {
    const { code, out, err } = await command(["serve", hello, ...flags]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: /);
    expect(err).toContain(message);
  });
});

describe("what keeps it from starting", () => {
  test("a configuration file that is not there", async () => {
    const { code, err } = await command(["serve", hello, "--config-file", "absent.json"], {
      cwd: repository,
    });
    expect([code, err]).toEqual([
      2,
      `error: there is no file ${join(repository, "absent.json")}\n  Check the path.\n`,
    ]);
  });

  test("a folder instead of a file", async () => {
    const { code, err } = await command(["serve", repository]);
    expect(code).toBe(2);
    expect(err).toMatch(/is a folder\n {2}Give the path of a file\.\n$/);
  });

  test("a file that is no module", async () => {
    const { code, err } = await command(["serve", "package.json"], { cwd: repository });
    expect(code).toBe(1);
    expect(err).toMatch(
      /^error: package\.json: \[invalid-module\] this is not a valid WebAssembly module: .*\n {2}Give the file that the build wrote/,
    );
  });

  test("a module that Envoy refuses, in Envoy's words", async () => {
    const file = join(temporaryFolder(), "other.wasm");
    writeFileSync(file, Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    const { code, err } = await command(["serve", file]);
    expect(code).toBe(1);
    expect(err).toContain("[abi-version]");
    expect(err).toContain("Missing or unknown Proxy-Wasm ABI version");
  });

  test("a filter that refuses its configuration; what it logged is shown", async () => {
    const file = join(temporaryFolder(), "filter.wasm");
    writeFileSync(
      file,
      guest((text) =>
        callback("proxy_on_configure", `(drop (call $proxy_log (i32.const 4) ${text("I want more")}))`, 0),
      ),
    );
    const { code, out, err } = await command(["serve", file, "--port", "0"]);
    expect([code, out]).toEqual([1, "[1 root] error I want more\n"]);
    expect(err).toContain("[configure-refused] proxy_on_configure returned 0");
  });

  test("a port that is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    atEnd(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    const { code, err } = await command(["serve", hello, "--port", String(port)]);
    expect([code, err]).toEqual([
      1,
      `error: cannot listen on 127.0.0.1:${port}: another process has that port\n  Take another one with --port, or --port 0 for a free one.\n`,
    ]);
  });

  test("an address that this machine has not", async () => {
    const { code, err } = await command(["serve", hello, "--host", "192.0.2.1", "--port", "0"]);
    expect(code).toBe(1);
    expect(err).toContain("cannot listen on 192.0.2.1:0: this machine has no such address");
  });
});

test("the compiled command serves, writes no colours into a pipe, and ends with 0 on Ctrl-C", async () => {
  const child = spawn(process.execPath, [join(repository, "dist/cli.js"), "serve", hello, "--port", "0"], {
    stdio: "pipe",
  });
  atEnd(() => child.kill("SIGKILL"));
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  await expect.poll(() => out, { timeout: 10_000 }).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+ /);
  const response = await http1(Number(/127\.0\.0\.1:(\d+)/.exec(out)?.[1]));
  expect(header(response.headers, "hello")).toBe("world");
  // As npm does: the terminal signals it, too.
  child.kill("SIGINT");
  child.kill("SIGINT");
  expect(await ended).toBe(0);
  expect(out).toMatch(/stopped\n$/);
  expect(out).not.toContain("\x1b");
});

test("the compiled command ends with 2 when it is called wrongly", async () => {
  const child = spawn(process.execPath, [join(repository, "dist/cli.js"), "serve", "--prot", "1"], {
    stdio: "pipe",
  });
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(2);
  expect(err).toContain("(Did you mean --port?)");
});

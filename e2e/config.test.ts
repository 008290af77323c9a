// What `config envoy` prints, in a real Envoy: accepted, and doing what it says.
import { createHash } from "node:crypto";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { ENVOYS } from "../tests/istio/configurations.ts";
import { buildFile } from "../tests/support/asc.ts";
import { command } from "../tests/commands/support.ts";
import { findEnvoy } from "../src/envoy/index.ts";
import { guest, logCall } from "./support/modules.ts";
import { header } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { startTcpEcho } from "../tests/support/tcp.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";
import { talk } from "./support/talk.ts";

const folder = mkdtempSync(join(tmpdir(), "config-e2e-"));
const cleanups: (() => unknown)[] = [];
let binary: string;
let version: string;
let hello: string;
let upstream: Upstream;

beforeAll(async () => {
  ({ path: binary, version } = await findEnvoy());
  hello = await buildFile("examples/hello/assembly/index.ts");
  upstream = await startUpstream();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(async () => {
  await upstream?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes a configuration as a user does, on free ports; returns the file. */
async function write(args: readonly string[]): Promise<string> {
  const all = args.map((arg) => (arg === "MODULE" ? hello : arg));
  const own = all.includes("--upstream") ? [] : ["--upstream", `http://127.0.0.1:${upstream.port}`];
  const { code, out, err } = await command(
    ["config", "envoy", "--port", "0", "--envoy-version", version, ...own, ...all],
    { cwd: folder },
  );
  expect([code, err]).toEqual([0, ""]);
  const file = join(folder, "envoy.yaml");
  // The one thing that a user's machine has once.
  writeFileSync(file, out.replace("port_value: 9901", "port_value: 0"));
  return file;
}

/** What Envoy says of a configuration when it only looks at it. */
function validate(file: string): Promise<{ code: number; log: string }> {
  return new Promise((resolve) => {
    execFile(binary, ["--mode", "validate", "-c", file, "--disable-hot-restart"], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, log: stdout + stderr }),
    );
  });
}

/** Starts Envoy from a file; returns the port of its listener, and its log so far. */
async function serve(file: string): Promise<{ port: number; log: () => string }> {
  const address = join(folder, "admin");
  rmSync(address, { force: true });
  const args = ["-c", file, "--disable-hot-restart", "--concurrency", "1", "--admin-address-path", address];
  const child = spawn(binary, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const gone = new Promise((resolve) => child.once("close", resolve));
  cleanups.push(async () => {
    child.kill("SIGKILL");
    await gone;
  });
  await expect.poll(() => log, { timeout: 30_000 }).toContain("starting main dispatch loop");
  const admin = Number(/:(\d+)\s*$/.exec(readFileSync(address, "utf8"))?.[1]);
  const state = async (): Promise<string> => (await http1(admin, { path: "/ready" })).body.toString().trim();
  await expect.poll(state, { timeout: 30_000 }).toBe("LIVE");
  const listeners = await http1(admin, { path: "/listeners" });
  return { port: Number(/:(\d+)\s*$/.exec(listeners.body.toString())?.[1]), log: () => log };
}

describe("config envoy", () => {
  test.each(ENVOYS.filter(([, args]) => !args.includes("--tcp")))(
    "%s: accepted, and it serves",
    async (_, args) => {
      const file = await write(args);
      const { code, log } = await validate(file);
      expect(code, log).toBe(0);
      expect(log).not.toMatch(/deprecated|unknown field/i);
      // Nothing answers there.
      if (args.includes("--upstream")) return;
      const { port } = await serve(file);
      const response = await http1(port);
      expect([response.status, header(response.headers, "hello")]).toEqual([200, "world"]);
    },
  );

  test("TCP: accepted, and it serves", async () => {
    const echo = await startTcpEcho();
    cleanups.push(() => echo.stop());
    const module = join(folder, "tcp.wasm");
    writeFileSync(
      module,
      await guest(
        `(data (i32.const 100) "a connection") (func (export "proxy_on_new_connection") (param i32) (result i32) ${logCall(2, 100, 12)} (i32.const 0))`,
      ),
    );
    const file = await write(["--wasm", module, "--tcp", "--upstream", `http://127.0.0.1:${echo.port}`]);
    expect((await validate(file)).code).toBe(0);
    const { port, log } = await serve(file);
    expect(await talk(port, "ping")).toBe("ping");
    await expect.poll(log).toContain("a connection");
  });

  test("a module from a server: with its SHA-256 it serves, with another one nothing passes", async () => {
    const bytes = readFileSync(hello);
    const server = createServer((_, response) => response.end(bytes));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/filter.wasm`;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const file = await write(["--wasm", url, "--sha256", sha256]);
    expect((await validate(file)).code).toBe(0);
    const { port } = await serve(file);
    const status = async (): Promise<number> => (await http1(port)).status;
    await expect.poll(status, { timeout: 10_000 }).toBe(200);
    expect(header((await http1(port)).headers, "hello")).toBe("world");
    const wrong = await serve(await write(["--wasm", url, "--sha256", "0".repeat(64)]));
    expect((await http1(wrong.port)).status).toBe(503);
  });

  test("capabilities are an allow-list: what is not on it is denied", async () => {
    const needed = "proxy_on_context_create,proxy_on_vm_start,proxy_on_configure,proxy_on_response_headers";
    const serving = await serve(
      await write(["--wasm", "MODULE", "--capabilities", `${needed},proxy_add_header_map_value`]),
    );
    expect(header((await http1(serving.port)).headers, "hello")).toBe("world");
    const denied = await serve(await write(["--wasm", "MODULE", "--capabilities", needed]));
    expect(header((await http1(denied.port)).headers, "hello")).toBeUndefined();
  });
});

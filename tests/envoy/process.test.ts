// Child processes that are never left behind, and the memory map of a process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import ts from "typescript";
import { expect, test } from "vitest";

import { linearMemoryPages, parseMemoryMap } from "../../src/envoy/linear-memory.ts";
import { ManagedProcess, type ProcessOutput } from "../../src/envoy/process.ts";

const ignore: ProcessOutput = { stdout: () => {}, stderr: () => {} };
const start = (code: string, output = ignore): ManagedProcess =>
  new ManagedProcess(process.execPath, ["-e", code], process.env, output);
test("the output is complete when the exit is known", async () => {
  let text = "";
  const child = start(`process.stdout.write("x".repeat(1e6)); process.exitCode = 3`, {
    ...ignore,
    stdout: (chunk) => void (text += chunk.toString()),
  });
  expect(await child.exit).toEqual({ code: 3, signal: null });
  expect([text.length, child.alive]).toEqual([1e6, false]);
  expect(await child.stop(0)).toEqual({ code: 3, signal: null });
});

test("stopping ends a process that listens, and one that does not", async () => {
  const polite = start("setInterval(() => {}, 1000)");
  expect(await polite.stop(5000)).toEqual({ code: null, signal: "SIGTERM" });
  let ready = (): void => {};
  const listening = new Promise<void>((resolve) => (ready = resolve));
  const deaf = start(`process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready")`, {
    ...ignore,
    stdout: () => ready(),
  });
  await listening;
  const [first, second] = await Promise.all([deaf.stop(50), deaf.stop(50)]);
  expect(first).toEqual({ code: null, signal: "SIGKILL" });
  expect(second).toEqual(first);
});

test("a program that is not there is a rejection, and nothing to stop", async () => {
  const child = new ManagedProcess("/no/such/program", [], process.env, ignore);
  expect([child.alive, child.pid]).toEqual([false, undefined]);
  await expect(child.exit).rejects.toThrow(/ENOENT/);
  await expect(child.stop(0)).rejects.toThrow(/ENOENT/);
});

test.each([
  ["its end", "process.exit(0)", undefined, { code: 0, signal: null }],
  ["an error", "throw new Error()", undefined, { code: 1, signal: null }],
  ["SIGTERM", "", "SIGTERM", { code: null, signal: "SIGTERM" }],
  ["SIGINT", "", "SIGINT", { code: null, signal: "SIGINT" }],
  ["SIGHUP", "", "SIGHUP", { code: null, signal: "SIGHUP" }],
] as const)("%s of the parent ends its children, and is still what it was", async (_, last, signal, exit) => {
  const folder = await mkdtemp(join(tmpdir(), "managed-process-"));
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const source = await readFile(new URL("../../src/envoy/process.ts", import.meta.url), "utf8");
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
    });
    await writeFile(join(folder, "process.mjs"), outputText);
    // The child holds a connection to us: its end is the end of the child, whoever is left to notice.
    const child = `require("net").connect(${(server.address() as AddressInfo).port}, "127.0.0.1").resume()`;
    const main = `import { ManagedProcess } from "./process.mjs";
      const output = { stdout() {}, stderr() {} };
      new ManagedProcess(process.execPath, ["-e", ${JSON.stringify(child)}], process.env, output);
      process.stdin.on("data", () => { ${last} });`;
    await writeFile(join(folder, "main.mjs"), main);
    const connected = once(server, "connection");
    const parent = spawn(process.execPath, [join(folder, "main.mjs")], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    const exited = once(parent, "exit");
    const [socket] = (await Promise.race([
      connected,
      exited.then(() => Promise.reject(new Error("no child"))),
    ])) as [Socket];
    const gone = new Promise((resolve) =>
      socket
        .on("error", () => {})
        .on("close", resolve)
        .resume(),
    );
    if (signal !== undefined) parent.kill(signal);
    else parent.stdin.write("go");
    expect(await exited).toEqual([exit.code, exit.signal]);
    await gone;
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
});

interface WasmMemory {
  grow(pages: number): number;
}

test("linear memories are told from all else in a memory map", () => {
  const maps = [
    // 13 pages, then the rest of 8 GiB.
    "7ef6e18e0000-7ef6e19b0000 rw-p 00000000 00:00 0 ",
    "7ef6e19b0000-7ef8e18e0000 ---p 00000000 00:00 0 ",
    // Code of a module.
    "7ef8e18fc000-7ef8e190c000 rw-p 00000000 00:00 0 ",
    "7ef8e190c000-7ef8f1900000 ---p 00000000 00:00 0 ",
    "7ef8f1900000-7ef9118c0000 rwxp 00000000 00:00 0 ",
    // Three pages; what lies behind the reservation has no permissions either.
    "7f6814480000-7f68144b0000 rw-p 00000000 00:00 0 ",
    "7f68144b0000-7f6a144bc000 ---p 00000000 00:00 0 ",
    // Two pages, and behind the reservation so much that the rest alone has its size.
    "7f7000000000-7f7000020000 rw-p 00000000 00:00 0 ",
    "7f7000020000-7f7200020000 ---p 00000000 00:00 0 ",
    // No page at all.
    "7efc00000000-7efe00000000 ---p 00000000 00:00 0 ",
    // Of the right size, but with nothing in front.
    "7f0000030000-7f0200000000 ---p 00000000 00:00 0 ",
    "560cfad96000-560cfce13000 r--p 00000000 08:01 42   /usr/bin/envoy",
    "",
  ].join("\n");
  expect(parseMemoryMap(maps)).toEqual([13, 3, 2, 0]);
  expect(parseMemoryMap("")).toEqual([]);
});

test.runIf(process.platform === "linux")("a memory of this very process is seen, and seen to grow", () => {
  const before = linearMemoryPages(process.pid).filter((pages) => pages === 71 || pages === 78).length;
  // Node's types know it only as part of the DOM.
  const { Memory } = (
    globalThis as unknown as { WebAssembly: { Memory: new (options: object) => WasmMemory } }
  ).WebAssembly;
  const memory = new Memory({ initial: 71 });
  expect(linearMemoryPages(process.pid).filter((pages) => pages === 71)).toHaveLength(before + 1);
  memory.grow(7);
  expect(linearMemoryPages(process.pid).filter((pages) => pages === 78)).toHaveLength(before + 1);
});

test("a process that is gone has no memory to look at", () => {
  expect(() => linearMemoryPages(2 ** 30)).toThrow(/Can't read the memory map of process 1073741824: /);
});

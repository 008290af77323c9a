// Starts dev servers for the tests of serve, and ends them with the test.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect } from "vitest";

import { repository } from "../support/asc.ts";
import { palette } from "../../src/commands/palette.ts";
import { startServer } from "../../src/serve/index.ts";
import { startUpstream } from "../support/upstream.ts";
import type { DevServer, ServeOptions } from "../../src/serve/index.ts";
import type { Upstream, UpstreamOptions } from "../support/upstream.ts";

/** A dev server, with what it printed. */
export interface Served {
  readonly server: DevServer;
  readonly port: number;
  readonly lines: string[];
  /** Waits until a line matches, and returns it. */
  line(pattern: RegExp): Promise<string>;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Does something when the test is over. */
export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** A folder for files of this test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "serve-test-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a module into a file; returns its path. */
export function asFile(bytes: Uint8Array, name = "filter.wasm"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

/** The built module of an example. */
export function example(name: string): string {
  return join(repository, "examples", name, "build", `${name}.wasm`);
}

/** Starts a dev server on a free port. `wasm` is a path or the module itself. */
export async function serve(wasm: string | Uint8Array, options: Partial<ServeOptions> = {}): Promise<Served> {
  const lines: string[] = [];
  const path = typeof wasm === "string" ? wasm : asFile(wasm);
  const server = await startServer({
    wasm: path,
    title: "filter.wasm",
    rootId: "",
    configuration: new Uint8Array(),
    environment: {},
    failurePolicy: "FAIL_CLOSED",
    allowOnHeadersStopIteration: false,
    logLevel: "info",
    upstream: null,
    upstreamHttp2: false,
    timeout: 15_000,
    clusters: {},
    host: "127.0.0.1",
    port: 0,
    watch: false,
    print: (line) => lines.push(line),
    paint: palette(false),
    ...options,
  });
  atEnd(() => server.close());
  const line = async (pattern: RegExp): Promise<string> => {
    await expect.poll(() => lines.join("\n"), { timeout: 10_000, interval: 10 }).toMatch(pattern);
    return lines.find((each) => pattern.test(each)) ?? "";
  };
  return { server, port: server.port, lines, line };
}

/** Starts an upstream that ends with the test. */
export async function upstreamServer(options: UpstreamOptions = {}): Promise<Upstream> {
  const upstream = await startUpstream(options);
  atEnd(() => upstream.stop());
  return upstream;
}

/** The URL of a server on this machine. */
export function local(port: number): URL {
  return new URL(`http://127.0.0.1:${port}`);
}

// Callbacks, configuration and registration in a real Envoy.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Envoy, type EnvoyRunOptions, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { header, headerAll } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { http2 } from "../tests/support/http2-client.ts";
import { TcpClient, startTcpEcho } from "../tests/support/tcp.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

let lifecycle: string;
let registrations: string;
let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
  [lifecycle, registrations] = await Promise.all([
    buildFile("tests/guest/assembly/lifecycle.ts"),
    buildFile("tests/guest/assembly/registrations.ts"),
  ]);
});
afterAll(() => upstream?.stop());

/** Runs a test with an Envoy of its own. */
async function withEnvoy(options: EnvoyRunOptions, run: (envoy: Envoy) => Promise<void>): Promise<void> {
  const envoy = await startEnvoy({ clusters: { upstream: upstream.port }, ...options });
  try {
    await run(envoy);
  } finally {
    await envoy.stop();
  }
}

const texts = (envoy: Envoy): string[] => envoy.log.wasm.map((line) => line.text);

describe("a stream", () => {
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await startEnvoy({
      http: { filters: [{ wasm: lifecycle, name: "f" }] },
      clusters: { upstream: upstream.port },
    });
  });
  afterAll(() => envoy?.stop());

  /** What one exchange made the filter write, up to its last line. */
  async function written(exchange: () => Promise<unknown>): Promise<string[]> {
    const before = envoy.log.wasm.length;
    await exchange();
    const lines = (): string[] => texts(envoy).slice(before);
    await expect.poll(lines).toContain("delete");
    return lines();
  }

  test("gets log, done and delete, once each and in this order (envoy-facts 2.1)", async () => {
    expect(await written(() => http1(envoy.port, { path: "/x" }))).toEqual([
      "log requestHeaders!,responseHeaders! /x 200",
      "done",
      "delete",
    ]);
  });

  test("with a body and trailers sees each part, and can make response trailers", async () => {
    const lines = await written(async () => {
      const response = await http2(envoy.port, { method: "POST", body: "abc", trailers: [["x-sum", "3"]] });
      expect(header(response.trailers, "x-made")).toBe("here");
    });
    expect(lines[0]).toMatch(/^log requestHeaders,(requestBody,)+requestTrailers 3,responseHeaders \/ 200$/);
  });

  test("of a malformed request has no headers, and is logged all the same (field report 19)", async () => {
    const lines = await written(() => http1(envoy.port, { raw: ["GET / HTTP/1.1\r\n\r\n"] }));
    expect(lines).toEqual(["log  null 400", "done", "delete"]);
  });

  test("whose client has left reads null for what is missing (field report 20)", async () => {
    upstream.handler = () => "never";
    const lines = await written(() => http1(envoy.port, { path: "/gone", abortAfterMs: 30 }));
    upstream.handler = () => ({});
    expect(lines[0]).toBe("log requestHeaders! /gone null");
  });
});

describe("a root", () => {
  const wasm = (configuration?: string | Uint8Array): EnvoyRunOptions => ({
    http: { filters: [{ wasm: lifecycle, name: "f", configuration, vmConfiguration: "vm" }] },
  });

  test.each([
    ["no configuration", undefined, "configure 0 "],
    ["an empty one", "", "configure 0 "],
    ["a text", "{}", "configure 2 {}"],
    ["text that is not ASCII", "Grüße", "configure 7 Grüße"],
    ["bytes that are no UTF-8", Buffer.from([0x61, 0xff, 0x62]), "configure 3 a\ufffdb"],
  ])("reads %s (field report 83)", async (_, configuration, line) => {
    await withEnvoy(wasm(configuration), async (envoy) => {
      expect((await http1(envoy.port)).status).toBe(200);
      expect(texts(envoy)).toContain(line);
      expect(texts(envoy)).toContain("vmStart 2 vm");
    });
  });

  test("refuses a configuration by returning false, and Envoy does not start", async () => {
    await expect(withEnvoy(wasm("{bad"), async () => {})).rejects.toThrow(/configure/i);
  });

  test("has its configuration in onTick too (field report 14), and a tick can be stopped", async () => {
    await withEnvoy(wasm("ticks"), async (envoy) => {
      await envoy.log.waitFor(/tick tickstrue/);
      await http1(envoy.port);
      // One each for the main thread and the worker.
      await expect.poll(() => texts(envoy).filter((text) => text.startsWith("tick")).length).toBe(2);
    });
  });

  test("is told when it ends", async () => {
    let lines: string[] = [];
    await withEnvoy(wasm(), async (envoy) => {
      await envoy.stop();
      lines = texts(envoy);
    });
    expect(lines.filter((line) => line === "root done").length).toBeGreaterThan(0);
    expect(lines.filter((line) => line === "root delete").length).toBeGreaterThan(0);
  });

  test("as an access logger gets a line per request (field report 19)", async () => {
    await withEnvoy({ http: { accessLoggers: [{ wasm: lifecycle, name: "logger" }] } }, async (envoy) => {
      await http1(envoy.port);
      await envoy.log.waitFor(/root log/);
      expect(texts(envoy).filter((text) => text === "root log")).toHaveLength(1);
    });
  });
});

describe("registration", () => {
  const http = (rootId: string | undefined, configuration?: string): EnvoyRunOptions => ({
    http: { filters: [{ wasm: registrations, name: "f", rootId, configuration }] },
  });
  const unknown = /no context is registered for root_id '(.*)'; the first one registered serves it/;

  test("under a root id serves the plugin of that root id", async () => {
    await withEnvoy(http("plain"), async (envoy) => {
      expect(headerAll((await http1(envoy.port)).headers, "x-filter")).toEqual(["plain"]);
      expect(texts(envoy).filter((text) => unknown.test(text))).toEqual([]);
    });
    await withEnvoy(http("rooted", "a configuration"), async (envoy) => {
      expect(headerAll((await http1(envoy.port)).headers, "x-filter")).toEqual(["rooted"]);
      expect(texts(envoy)).toContain("rooted: a configuration");
    });
  });

  test.each([
    ["wrong", "nobody"],
    ["absent", undefined],
  ])("falls back to the first, and says so, where the root id is %s (field report 11)", async (_, rootId) => {
    await withEnvoy(http(rootId), async (envoy) => {
      expect(headerAll((await http1(envoy.port)).headers, "x-filter")).toEqual(["plain"]);
      expect(texts(envoy).some((text) => unknown.exec(text)?.[1] === (rootId ?? ""))).toBe(true);
    });
  });

  test("two plugins of one VM get each its own", async () => {
    const plugin = { wasm: registrations, vmId: "one" };
    const filters = [
      { ...plugin, name: "a", rootId: "plain" },
      { ...plugin, name: "b", rootId: "rooted" },
    ];
    await withEnvoy({ http: { filters } }, async (envoy) => {
      expect(headerAll((await http1(envoy.port)).headers, "x-filter")).toEqual(["rooted", "plain"]);
    });
  });

  test("one module serves HTTP and TCP (field reports 21, 76)", async () => {
    const echo = await startTcpEcho();
    const filters = [{ wasm: registrations, name: "f", rootId: "plain" }];
    const options: EnvoyRunOptions = {
      http: { name: "http", filters, routes: [{ cluster: "upstream" }] },
      tcp: { name: "tcp", filters, cluster: "echo" },
      clusters: { upstream: upstream.port, echo: echo.port },
    };
    await withEnvoy(options, async (envoy) => {
      expect(headerAll((await http1(envoy.ports.http!)).headers, "x-filter")).toEqual(["plain"]);
      const client = await TcpClient.open(envoy.ports.tcp!);
      client.write("hello");
      await expect.poll(() => client.received.toString()).toBe("HELLO");
      client.close();
      await envoy.log.waitFor(/closed after 5 bytes/);
      expect(texts(envoy)).toContain("connection true");
      const bad = await TcpClient.open(envoy.ports.tcp!);
      bad.write("a bad word");
      await expect.poll(() => bad.ended).toBe(true);
      expect(bad.received.length).toBe(0);
    });
    await echo.stop();
  });
});

// The examples that are no HTTP filters, in a real Envoy: what their READMEs promise.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { header } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { startTcpEcho, TcpClient, type TcpServer } from "../tests/support/tcp.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

let upstream: Upstream;
let echo: TcpServer;
let auth: Upstream;
let guarded: TcpServer;
let envoy: Envoy;
beforeAll(async () => {
  const build = (name: string): Promise<string> => buildFile(`examples/${name}/assembly/index.ts`);
  [upstream, auth, echo, guarded] = await Promise.all([
    startUpstream(),
    startUpstream(),
    startTcpEcho(),
    startTcpEcho(),
  ]);
  envoy = await startEnvoy({
    http: {
      accessLoggers: [{ wasm: await build("access-log"), name: "access-log", configuration: "400" }],
      routes: [{ path: "/secret", directResponse: { status: 403 } }, { cluster: "upstream" }],
    },
    tcp: [
      { name: "logged", filters: [{ wasm: await build("tcp-logger"), name: "tcp-logger" }], cluster: "echo" },
      { name: "guarded", filters: [{ wasm: await build("tcp-guard"), name: "guard" }], cluster: "guarded" },
    ],
    clusters: { upstream: upstream.port, auth: auth.port, echo: echo.port, guarded: guarded.port },
  });
});
afterAll(async () => {
  await envoy?.stop();
  await Promise.all([upstream?.stop(), auth?.stop(), echo?.stop(), guarded?.stop()]);
});

const texts = (): string[] => envoy.log.wasm.map((line) => line.text);

describe("tcp-logger", () => {
  test("logs a connection with its bytes, when it is over", async () => {
    const client = await TcpClient.open(envoy.ports.logged!);
    client.write("ping");
    await client.read(4);
    expect(texts()).toEqual([]);
    client.close();
    await expect
      .poll(texts)
      .toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+: 4 bytes sent, 4 received, \d+ ms$/)]);
  });
});

describe("access-log", () => {
  test("logs requests from the configured status on, also those that Envoy answers itself", async () => {
    const logged = texts().length;
    await http1(envoy.ports.http!, { path: "/fine" });
    await http1(envoy.ports.http!, { path: "/secret" });
    upstream.handler = () => ({ status: 503 });
    await http1(envoy.ports.http!, { method: "POST", path: "/broken", body: "x" });
    await http1(envoy.ports.http!, { raw: ["GET / HTTP/1.1\r\nbad header\r\n\r\n"] });
    await expect
      .poll(() => texts().slice(logged))
      .toEqual([
        "GET /secret 403 direct_response",
        "POST /broken 503 via_upstream",
        expect.stringMatching(/^- - 400 \S+$/),
      ]);
  });
});

describe("tcp-guard", () => {
  test("a connection waits for the answer, and then passes with what has come meanwhile", async () => {
    auth.handler = () => ({ delayMs: 50 });
    const client = await TcpClient.open(envoy.ports.guarded!);
    client.write("early");
    await expect.poll(() => auth.requests.length).toBe(1);
    expect([auth.last().path, header(auth.last().headers, "x-client")]).toEqual([
      "/check",
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    ]);
    expect(guarded.received).toEqual([]);
    expect((await client.read(5)).toString()).toBe("early");
    client.write(", and later");
    expect((await client.read(16)).toString()).toBe("early, and later");
    client.close();
  });

  test.each([
    ["says 403", () => ({ status: 403 }), 403],
    ["resets", () => ({ reset: true }), 503],
    ["says nothing", () => "never" as const, 504],
  ])("an authorization service that %s closes the connection", async (_, handler, status) => {
    const [seen, logged] = [guarded.received.length, texts().length];
    auth.handler = handler;
    const client = await TcpClient.open(envoy.ports.guarded!);
    client.write("early");
    expect((await client.read()).length).toBe(0);
    expect(guarded.received.length).toBe(seen);
    await expect
      .poll(() => texts().slice(logged))
      .toEqual([expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1:\\d+ is refused: ${status}$`))]);
  });

  test("a client that leaves while it waits is forgotten", async () => {
    const [asked, logged] = [auth.requests.length, texts().length];
    auth.handler = () => ({ delayMs: 60 });
    const client = await TcpClient.open(envoy.ports.guarded!);
    await expect.poll(() => auth.requests.length).toBe(asked + 1);
    client.close();
    await expect.poll(() => envoy.stat("cluster.auth.upstream_rq_active")).toBe(0);
    expect(texts().slice(logged)).toEqual([]);
    expect(envoy.alive).toBe(true);
  });
});

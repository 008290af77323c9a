// The examples that are no HTTP filters, in a real Envoy: what their READMEs promise.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { http1 } from "../tests/support/http-client.ts";
import { startTcpEcho, TcpClient, type TcpServer } from "../tests/support/tcp.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

let upstream: Upstream;
let echo: TcpServer;
let envoy: Envoy;
beforeAll(async () => {
  const build = (name: string): Promise<string> => buildFile(`examples/${name}/assembly/index.ts`);
  [upstream, echo] = await Promise.all([startUpstream(), startTcpEcho()]);
  envoy = await startEnvoy({
    http: {
      accessLoggers: [{ wasm: await build("access-log"), name: "access-log", configuration: "400" }],
      routes: [{ path: "/secret", directResponse: { status: 403 } }, { cluster: "upstream" }],
    },
    tcp: { filters: [{ wasm: await build("tcp-logger"), name: "tcp-logger" }], cluster: "echo" },
    clusters: { upstream: upstream.port, echo: echo.port },
  });
});
afterAll(async () => {
  await envoy?.stop();
  await Promise.all([upstream?.stop(), echo?.stop()]);
});

const texts = (): string[] => envoy.log.wasm.map((line) => line.text);

describe("tcp-logger", () => {
  test("logs a connection with its bytes, when it is over", async () => {
    const client = await TcpClient.open(envoy.ports.tcp!);
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

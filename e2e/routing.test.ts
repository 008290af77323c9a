// Headers that are held for the body, with and without Envoy's leave: the example route-by-body.
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { header } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { http2 } from "../tests/support/http2-client.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";

const FORM: [string, string][] = [["content-type", "application/x-www-form-urlencoded"]];

let wasm: string;
let upstream: Upstream;
let europe: Upstream;
beforeAll(async () => {
  [upstream, europe, wasm] = await Promise.all([
    startUpstream(),
    startUpstream(),
    buildFile("examples/route-by-body/assembly/index.ts"),
  ]);
});
afterAll(() => Promise.all([upstream?.stop(), europe?.stop()]));

function start(allowOnHeadersStopIteration: boolean): Promise<Envoy> {
  const toEurope = { match: { prefix: "/", headers: [{ name: "x-region", string_match: { exact: "eu" } }] } };
  return startEnvoy({
    http: {
      filters: [{ wasm, name: "route-by-body", allowOnHeadersStopIteration }],
      routes: [{ cluster: "europe", fields: toEurope }, { cluster: "upstream" }],
    },
    clusters: { upstream: upstream.port, europe: europe.port },
  });
}

describe("with allow_on_headers_stop_iteration", () => {
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await start(true);
  });
  afterAll(() => envoy?.stop());

  const post = (body: string | (string | number)[]): ReturnType<typeof http1> => {
    upstream.requests.length = europe.requests.length = 0;
    return http1(envoy.port, { method: "POST", headers: FORM, body });
  };

  test("the body decides about the route, in one part, in several, and with trailers", async () => {
    expect((await post("item=1&region=eu")).status).toBe(200);
    expect([upstream.requests.length, europe.last().body.toString()]).toEqual([0, "item=1&region=eu"]);
    await post(["item=1&reg", 20, "ion=eu"]);
    expect([upstream.requests.length, europe.last().body.toString()]).toEqual([0, "item=1&region=eu"]);
    await post("region=us");
    expect([europe.requests.length, header(upstream.last().headers, "x-region")]).toEqual([0, "us"]);
    europe.requests.length = 0;
    await http2(envoy.port, { method: "POST", headers: FORM, body: "region=eu", trailers: [["x-sum", "1"]] });
    expect(header(europe.last().trailers, "x-sum")).toBe("1");
  });

  test("a refused request reaches nobody", async () => {
    expect((await post("item=1")).status).toBe(400);
    expect([upstream.requests, europe.requests]).toEqual([[], []]);
    expect(envoy.log.wasm).toEqual([]);
  });

  test("a slow body is waited for", async () => {
    const body = ["item=1&", 1800, "region=eu"];
    expect((await post(body)).status).toBe(200);
    expect(europe.last().body.toString()).toBe("item=1&region=eu");
  });
});

describe("without it", () => {
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await start(false);
  });
  afterAll(() => envoy?.stop());

  test("a body that has not come yet is waited for", async () => {
    const socket = connect(envoy.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (piece) => (answer += piece.toString()));
    const lines = ["POST / HTTP/1.1", "host: a", FORM[0]!.join(": "), "content-length: 9", "", "regio"];
    socket.write(lines.join("\r\n"));
    await sleep(2200);
    expect([answer, envoy.log.wasm]).toEqual(["", []]);
    socket.write("n=eu");
    await expect.poll(() => answer, { timeout: 5000 }).toMatch(/^HTTP\/1.1 500 /);
    socket.destroy();
  });

  test("a request with a body is answered with 500 instead of hanging, and the log says why, once", async () => {
    upstream.requests.length = 0;
    for (const body of ["region=eu", ["reg", 5, "ion=eu"]]) {
      const response = await http1(envoy.port, { method: "POST", headers: FORM, body });
      expect(response.status).toBe(500);
    }
    expect(upstream.requests).toEqual([]);
    expect(envoy.log.wasm.map(({ text }) => text)).toEqual([
      "proxy-wasm-as: bufferRequestBody holds the headers, and the proxy does not show the body meanwhile: " +
        "set allow_on_headers_stop_iteration: true in the configuration of the plugin, beside vm_config",
    ]);
    expect(envoy.log.entries.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  test("a request without a body passes", async () => {
    expect((await http1(envoy.port)).status).toBe(200);
  });
});

// Every attribute of Envoy that the guest library has a reader for, in a real Envoy: with TLS on both sides.
import { readdirSync, readFileSync } from "node:fs";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Envoy, type Message, startEnvoy } from "../src/envoy/index.ts";
import { buildFile, repository } from "../tests/support/asc.ts";
import { type Certificate, selfSigned } from "./support/certificate.ts";

const GUEST = "tests/guest/assembly/properties.ts";
const TYPE = "type.googleapis.com/";

let upstream: Server;
let envoy: Envoy;
let port: number;
/** What the filter logged, by phase and name. */
const seen = new Map<string, string>();

const proxyOwn = selfSigned("proxy", "proxy.test", "spiffe://test/proxy");
const client = selfSigned("client", "client.test", "spiffe://test/client");
const server = selfSigned("server", "server.test", "spiffe://test/server");

function tlsContext(kind: "Downstream" | "Upstream", more: Message): Message {
  const trusted = kind === "Downstream" ? client : server;
  return {
    name: "tls",
    typed_config: {
      "@type": `${TYPE}envoy.extensions.transport_sockets.tls.v3.${kind}TlsContext`,
      common_tls_context: {
        tls_certificates: [
          {
            certificate_chain: { inline_string: proxyOwn.cert },
            private_key: { inline_string: proxyOwn.key },
          },
        ],
        validation_context: { trusted_ca: { inline_string: trusted.cert } },
      },
      ...more,
    },
  };
}

const where = (name: string): Message => ({ filter_metadata: { test: { where: name } } });

/** Adds what the options of startEnvoy do not have. */
function complete(bootstrap: Message): void {
  const [listener] = bootstrap.static_resources.listeners as [Message];
  const [cluster] = bootstrap.static_resources.clusters as [Message];
  listener.listener_filters = [
    {
      name: "tls",
      typed_config: { "@type": `${TYPE}envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector` },
    },
  ];
  listener.metadata = where("listener");
  listener.traffic_direction = "INBOUND";
  const [chain] = listener.filter_chains as [Message];
  chain.name = "chain";
  chain.transport_socket = tlsContext("Downstream", { require_client_certificate: true });
  const [host] = chain.filters[0].typed_config.route_config.virtual_hosts as [Message];
  host.metadata = where("virtual host");
  cluster.transport_socket = tlsContext("Upstream", { sni: "server.test" });
  cluster.metadata = where("cluster");
  const [locality] = cluster.load_assignment.endpoints as [Message];
  locality.locality = { region: "upstream-region", zone: "upstream-zone" };
  locality.lb_endpoints[0].metadata = where("upstream host");
}

/** One request with a body, over TLS with a client certificate. */
function ask({ cert, key }: Certificate): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...{ host: "127.0.0.1", port: envoy.port, method: "POST", path: "/p/q?a=1&b=2", cert, key },
        ...{ servername: "asked.test", rejectUnauthorized: false, agent: false, timeout: 10_000 },
        headers: { host: "host.test", "x-a": ["1", "2"], referer: "ref", "user-agent": "agent" },
      },
      (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
      },
    );
    call.on("error", reject);
    call.end("a body");
  });
}

beforeAll(async () => {
  upstream = createServer(
    { cert: server.cert, key: server.key, ca: [proxyOwn.cert], requestCert: true, rejectUnauthorized: true },
    (incoming, outgoing) => {
      incoming.resume();
      incoming.on("end", () => {
        outgoing.writeHead(200, { "x-a": "answer", trailer: "x-trailer" });
        outgoing.write("answered");
        outgoing.addTrailers({ "x-trailer": "last" });
        outgoing.end();
      });
    },
  );
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  port = (upstream.address() as AddressInfo).port;
  envoy = await startEnvoy({
    http: {
      filters: [
        {
          raw: {
            name: "set-metadata",
            typed_config: {
              "@type": `${TYPE}envoy.extensions.filters.http.set_metadata.v3.Config`,
              metadata: [{ metadata_namespace: "test", value: { where: "dynamic" } }],
            },
          },
        },
        { wasm: await buildFile(GUEST), name: "dump", rootId: "dump-root", vmId: "dump-vm" },
      ],
      accessLog: "%FILTER_STATE(wasm.own.key:PLAIN)%",
      routes: [
        {
          name: "the-route",
          fields: {
            metadata: {
              filter_metadata: {
                "test.types": {
                  ...{
                    "a.text": "text",
                    number: 3,
                    fraction: 1.5,
                    flag: true,
                    list: ["a", "b"],
                    nothing: null,
                  },
                  struct: { Name: "value", other: "more" },
                },
              },
            },
          },
        },
      ],
    },
    clusters: { "the-cluster": { port } },
    node: {
      ...{ id: "node-id", cluster: "node-cluster", metadata: { SOME: "node metadata" } },
      locality: { region: "node-region", zone: "node-zone" },
    },
    override: complete,
  });
  expect(await ask(client)).toBe(200);
  await envoy.log.waitFor((entry) => entry.wasm?.text.startsWith("log own = ") ?? false);
  for (const { text } of envoy.log.wasm) {
    const [, name, value] = /^(\S+ .+?) = ([^]*)$/.exec(text) ?? [];
    if (name !== undefined) seen.set(name, value ?? "");
  }
});
afterAll(async () => {
  await envoy?.stop();
  upstream?.close();
  upstream?.closeAllConnections();
});

/** What a name reads as in request headers, response headers and the log. */
type Row = readonly [name: string, request: Shown, response: Shown, log: Shown];
type Shown = string | RegExp;

const always = (name: string, shown: Shown): Row => [name, shown, shown, shown];
/** From the request's headers: gone in response callbacks. */
const early = (name: string, shown: Shown, gone: Shown = "null"): Row => [name, shown, gone, shown];
/** From the response on. */
const late = (name: string, shown: Shown, before: Shown = "null"): Row => [name, before, shown, shown];
const lastly = (name: string, shown: Shown, before: Shown = "absent"): Row => [name, before, before, shown];

const NUMBER = /^[1-9]\d*$/;
const UUID = /^"[0-9a-f-]{36}"$/;

const ROWS: readonly Row[] = [
  early("request.path", '"/p/q?a=1&b=2"'),
  early("request.urlPath", '"/p/q"'),
  early("request.query", '"a=1&b=2"'),
  early("request.host", '"host.test"'),
  early("request.scheme", '"https"'),
  early("request.method", '"POST"'),
  early("request.referer", '"ref"'),
  early("request.userAgent", '"agent"'),
  early("request.id", UUID),
  always("request.protocol", '"HTTP/1.1"'),
  early("request.header", '"1,2"'),
  early("request.headers", /[{,]x-a:1,2[,}]/, "{}"),
  always("request.time", /^1\d{18}$/),
  lastly("request.duration", NUMBER),
  ["request.size", /^[06]$/, "6", "6"],
  ["request.totalSize", NUMBER, "6", NUMBER],
  ["request.headersBytes", NUMBER, "0", NUMBER],
  late("response.code", "200", "absent"),
  late("response.codeDetails", '"via_upstream"'),
  always("response.flags", "0"),
  late("response.grpcStatus", "2", "absent"),
  late("response.header", '"answer"'),
  late("response.headers", /[{,]x-a:answer[,}]/, "{}"),
  lastly("response.trailer", '"last"', "null"),
  lastly("response.trailers", "{x-trailer:last}", "{}"),
  lastly("response.size", "8", "0"),
  ["response.totalSize", "0", NUMBER, NUMBER],
  ["response.headersBytes", "0", NUMBER, NUMBER],
  lastly("response.backendLatency", NUMBER),
  always("connection.id", NUMBER),
  always("connection.mtls", "truetrue"),
  always("connection.requestedServerName", '"asked.test"'),
  always("connection.tlsVersion", '"TLSv1.3"'),
  ...certificates("connection", "client", always),
  always("connection.peerCertificate", JSON.stringify(client.cert).replaceAll("\\n", "\n")),
  always("connection.transportFailureReason", "null"),
  always("connection.terminationDetails", "null"),
  always("source.address", /^"127\.0\.0\.1:\d+"$/),
  always("source.port", NUMBER),
  always("destination.address", /^"127\.0\.0\.1:\d+"$/),
  always("destination.port", NUMBER),
  late("upstream.address", /^"127\.0\.0\.1:\d+"$/),
  late("upstream.port", NUMBER, "absent"),
  late("upstream.localAddress", /^"127\.0\.0\.1:\d+"$/),
  late("upstream.transportFailureReason", '""'),
  late("upstream.requestAttemptCount", "1", "0"),
  always("upstream.numEndpoints", "1"),
  late("upstream.cxPoolReadyDuration", NUMBER, "absent"),
  late("upstream.localityBytes", "32 bytes"),
  late("upstream.tlsVersion", /^"TLSv1\.[23]"$/),
  ...certificates("upstream", "server", late),
  always("xds.clusterName", '"the-cluster"'),
  always("xds.routeName", '"the-route"'),
  always("xds.virtualHostName", '"all"'),
  always("xds.filterChainName", '"chain"'),
  always("xds.listenerDirection", "1"),
  always("xds.nodeId", '"node-id"'),
  always("xds.nodeCluster", '"node-cluster"'),
  always("xds.nodeRegion", '"node-region"'),
  always("xds.nodeZone", '"node-zone"'),
  always("xds.nodeMetadata", '"node metadata"'),
  always("plugin.name", '"dump"'),
  always("plugin.rootId", '"dump-root"'),
  always("plugin.vmId", '"dump-vm"'),
  always("route text", '"text"'),
  always("route number", "3.0"),
  // Envoy's own reader of YAML knows no fractions.
  always("route fraction", '"1.5"'),
  always("route flag", "true"),
  always("route list", "[a,b]"),
  always("route item", '"b"'),
  // In no order.
  always("route struct", /^\{(?:Name:value,other:more|other:more,Name:value)\}$/),
  always("route member", '"value"'),
  always("route null", "null"),
  always("route absent", "null"),
  always("route has", "truefalse"),
  always("route whole", /^\d+ bytes$/),
  always("virtual host", '"virtual host"'),
  always("cluster", '"cluster"'),
  always("listener", '"listener"'),
  late("upstream host", '"upstream host"'),
  always("dynamic", '"dynamic"'),
];

function certificates(group: string, peer: string, row: (name: string, shown: Shown) => Row): Row[] {
  return [
    row(`${group}.subjectLocalCertificate`, '"CN=proxy"'),
    row(`${group}.subjectPeerCertificate`, `"CN=${peer}"`),
    row(`${group}.dnsSanLocalCertificate`, '"proxy.test"'),
    row(`${group}.dnsSanPeerCertificate`, `"${peer}.test"`),
    row(`${group}.uriSanLocalCertificate`, '"spiffe://test/proxy"'),
    row(`${group}.uriSanPeerCertificate`, `"spiffe://test/${peer}"`),
    row(`${group}.sha256PeerCertificateDigest`, /^"[0-9a-f]{64}"$/),
  ];
}

function shows(name: string, expected: Shown): void {
  if (typeof expected === "string") expect(seen.get(name), name).toBe(expected);
  else expect(seen.get(name), name).toMatch(expected);
}

test.each(ROWS)("%s", (name, request, response, log) => {
  shows(`request ${name}`, request);
  shows(`response ${name}`, response);
  shows(`log ${name}`, log);
});

test("on the root only the plugin and the proxy's node are known", () => {
  const known = [...seen].filter(([name]) => name.startsWith("root "));
  expect(known.length).toBeGreaterThan(ROWS.length);
  const nothing = new Set(["null", "absent", "false", "truefalse", "falsefalse", "-7.0"]);
  expect(known.filter(([, value]) => !nothing.has(value)).map(([name]) => name.slice(5))).toEqual([
    ...["xds.nodeId", "xds.nodeCluster", "xds.nodeRegion", "xds.nodeZone", "xds.nodeMetadata"],
    ...["plugin.name", "plugin.rootId", "plugin.vmId", "set"],
  ]);
  expect(seen.get("root set")).toBe("1"); // NotFound
});

test("each reader reads its own type, by segments and by a text with NULs", () => {
  const expected = {
    ...{
      segments: '"HTTP/1.1"',
      joined: '"HTTP/1.1"',
      same: '"HTTP/1.1"',
      bytes: "8 bytes",
      has: "truefalse",
    },
    ...{ i64: seen.get("request source.port"), u64: "there", time: "there", duration: "absent" },
    ...{
      misfit: "-7true",
      group: "null",
      "empty path": "null",
      "no segments": "null",
      "empty segment": "null",
    },
  };
  for (const [name, value] of Object.entries(expected)) expect(seen.get(`readers ${name}`), name).toBe(value);
});

test("a reader that does not fit says so, once a VM", () => {
  const said = envoy.log.wasm.filter(({ text }) => text.includes("a property has"));
  expect(said.map(({ text }) => text)).toEqual([
    "proxy-wasm-as: a property has 12 bytes and was read as a value of 8: use the reader for its type",
  ]);
});

describe("what the filter sets", () => {
  test("is there by its name, as filter state, as bytes, and in the log", () => {
    const expected = {
      ...{ set: "0", "set bytes": "0", own: '"välue"', "as filter state": '"välue"', raw: "2 bytes" },
      "upstream state": "null",
    };
    for (const [name, value] of Object.entries(expected))
      expect(seen.get(`writing ${name}`), name).toBe(value);
    expect(seen.get("log own")).toBe('"välue"');
  });

  test("shows in the access log", async () => {
    await expect.poll(() => envoy.accessLog).toEqual(["välue"]);
  });
});

test("the filter uses every reader of the library, and every one is looked at here", () => {
  const guest = readFileSync(join(repository, GUEST), "utf8");
  const folder = join(repository, "assembly/properties");
  let readers = 0;
  for (const file of readdirSync(folder).filter((name) => name !== "index.ts")) {
    const group = file.replace(".ts", "").replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    for (const [, name] of readFileSync(join(folder, file), "utf8").matchAll(/^export function (\w+)/gm)) {
      expect(guest, `${group}.${name}`).toContain(`properties.${group}.${name}(`);
      readers++;
    }
  }
  expect(readers).toBeGreaterThan(80);
  const named = ROWS.filter(([name]) => name.includes(".")).length;
  expect(named).toBe(readers - 9); // those of metadata and filter state have no names of their own
});

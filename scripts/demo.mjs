// `npm run demo`: builds the auth-header example, runs it, and shows what a client sees. Needs Node and npm alone;
// `npm run demo -- --envoy` runs it in a real Envoy instead.
import { createServer } from "node:http";
import { statSync } from "node:fs";

import { buildExample } from "./examples.mjs";
import { root, setUp } from "./setup.mjs";

function build() {
  if (!buildExample("auth-header")) process.exit(1);
  return `${root}examples/auth-header/build/auth-header.wasm`;
}

/** An upstream that answers every request with one line. */
function startUpstream() {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => response.end(`upstream got ${request.url}\n`));
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

/** The filter in the dev server of this package. */
async function startEmbedded(wasm, upstreamPort) {
  const { startServer } = await import("../dist/serve/index.js");
  console.log("embedded host (npm run demo -- --envoy: a real Envoy)");
  const plain = (text) => text;
  return startServer({
    ...{ wasm, title: "auth-header.wasm", rootId: "", configuration: new Uint8Array(), environment: {} },
    ...{ failurePolicy: "FAIL_CLOSED", allowOnHeadersStopIteration: false, logLevel: "info", watch: false },
    ...{ upstream: new URL(`http://127.0.0.1:${upstreamPort}`), upstreamHttp2: false, timeout: 15_000 },
    ...{ clusters: {}, host: "127.0.0.1", port: 0 },
    // The answers below say it all.
    print: () => {},
    paint: { strong: plain, quiet: plain, good: plain, warning: plain, error: plain },
  });
}

/** The filter in an Envoy, found or installed. */
async function startInEnvoy(wasm, upstreamPort) {
  const { findEnvoy, startEnvoy } = await import("../dist/envoy/index.js");
  const binary = await findEnvoy({ onProgress: (line) => console.log(line) });
  console.log(`Envoy ${binary.version}`);
  const envoy = await startEnvoy({
    envoy: binary,
    http: { filters: [{ wasm, name: "auth-header" }] },
    clusters: { upstream: upstreamPort },
  });
  return { port: envoy.port, close: () => envoy.stop() };
}

async function show(port, headers) {
  const names = Object.keys(headers);
  console.log(
    `\nGET /hello ${names.length ? names.map((name) => `${name}: ${headers[name]}`).join(", ") : "(no authorization header)"}`,
  );
  const response = await fetch(`http://127.0.0.1:${port}/hello`, { headers });
  console.log(`  ${response.status}`);
  const value = response.headers.get("x-test");
  console.log(`  x-test: ${value ?? "(none)"}`);
  console.log(`  ${(await response.text()).trim()}`);
  return { status: response.status, value };
}

const unknown = process.argv.slice(2).filter((argument) => argument !== "--envoy");
if (unknown.length > 0) {
  console.error(`unknown argument ${unknown[0]}; the only one is --envoy`);
  process.exit(2);
}
setUp();
const wasm = build();
console.log(`built ${statSync(wasm).size} bytes of WebAssembly`);
const upstream = await startUpstream();
try {
  const start = process.argv.includes("--envoy") ? startInEnvoy : startEmbedded;
  const server = await start(wasm, upstream.address().port);
  try {
    const without = await show(server.port, {});
    const value = "Bearer t0ken";
    const withHeader = await show(server.port, { authorization: value });
    const good = without.status === 401 && withHeader.status === 200 && withHeader.value === value;
    console.log(good ? "\nThe filter works." : "\nThis is not what the filter should do.");
    process.exitCode = good ? 0 : 1;
  } finally {
    await server.close();
  }
} finally {
  upstream.closeAllConnections();
  upstream.close();
}

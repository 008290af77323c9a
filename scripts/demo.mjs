// `npm run demo`: builds the auth-header example, runs it in a real Envoy, and shows what a client sees.
import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { statSync } from "node:fs";

import { root, setUp } from "./setup.mjs";

const example = `${root}examples/auth-header`;

function build() {
  const asc = `${root}node_modules/assemblyscript/bin/asc.js`;
  const built = spawnSync(process.execPath, [asc, "--target", "release"], { cwd: example, stdio: "inherit" });
  if (built.status !== 0) process.exit(1);
  return `${example}/build/auth-header.wasm`;
}

/** An upstream that answers every request with one line. */
function startUpstream() {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => response.end(`upstream got ${request.url}\n`));
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
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

setUp();
const wasm = build();
console.log(`built ${statSync(wasm).size} bytes of WebAssembly`);
const { findEnvoy, startEnvoy } = await import("../dist/envoy/index.js");
const binary = await findEnvoy({ onProgress: (line) => console.log(line) });
console.log(`Envoy ${binary.version}`);
const upstream = await startUpstream();
const envoy = await startEnvoy({
  envoy: binary,
  http: { filters: [{ wasm, name: "auth-header" }] },
  clusters: { upstream: upstream.address().port },
});
try {
  const without = await show(envoy.port, {});
  const value = "Bearer t0ken";
  const withHeader = await show(envoy.port, { authorization: value });
  const good = without.status === 401 && withHeader.status === 200 && withHeader.value === value;
  console.log(good ? "\nThe filter works." : "\nThis is not what the filter should do.");
  process.exitCode = good ? 0 : 1;
} finally {
  await envoy.stop();
  upstream.closeAllConnections();
  upstream.close();
}

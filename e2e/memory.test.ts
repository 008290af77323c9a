// A filter's linear memory in a real Envoy stays where it is, however many requests come.
import { expect, test } from "vitest";

import { startEnvoy } from "../src/envoy/index.ts";
import { buildFile } from "../tests/support/asc.ts";
import { load } from "./support/load.ts";

test.each([
  ["hello", []],
  ["greeting", []],
  ["auth-header", [`authorization: ${"x".repeat(200)}`]],
])("%s: 100,000 requests leave it where it was after 10,000", async (example, headers) => {
  const wasm = await buildFile(`examples/${example}/assembly/index.ts`);
  const envoy = await startEnvoy({
    http: { filters: [{ wasm, name: example }], routes: [{ directResponse: { status: 200 } }] },
  });
  try {
    const pages = (): number => Math.max(...envoy.linearMemoryPages());
    expect(await load(envoy.port, { requests: 10_000, headers })).toBe(10_000);
    const before = pages();
    expect(before).toBeGreaterThan(0);
    expect(await load(envoy.port, { requests: 90_000, headers })).toBe(90_000);
    expect(pages()).toBe(before);
  } finally {
    await envoy.stop();
  }
});

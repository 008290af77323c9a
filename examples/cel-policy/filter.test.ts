// Tests of the cel-policy filter: the embedded host has no evaluator for CEL, and says so. The rest is tested in Envoy.
import { createHost } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/cel-policy.wasm", import.meta.url);

test("the embedded host does not pretend to evaluate the policy", async () => {
  const host = createHost({ wasm, configuration: 'request.method == "GET"' });
  await expect(host).rejects.toThrow(
    /expr_create .*This host does not emulate CEL expressions.*Test it on a real Envoy/s,
  );
});

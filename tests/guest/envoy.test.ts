// Envoy's own functions through the guest library, in the embedded host.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";

import { compileModule, createHost, type GuestModule, type TestHost } from "../../src/testing/index.ts";
import { buildFile } from "../support/asc.ts";
import { CONFIGURED, IN_ENVOY, keys, TASKS } from "./envoy-cases.ts";

const configuration = keys();
let wasm: GuestModule;

beforeAll(async () => {
  wasm = await compileModule(readFileSync(await buildFile("tests/guest/assembly/envoy.ts")));
}, 60_000);

function host(): Promise<TestHost> {
  return createHost({ wasm, configuration });
}

test("what a root declares", async () => {
  expect((await host()).logs.map((entry) => entry.text)).toEqual(CONFIGURED);
});

test.each(Object.entries(TASKS))("%s", async (task, expected) => {
  const { logs } = await (await host()).request({ headers: { "x-do": task } });
  expect(logs.map((entry) => entry.text)).toEqual(expected);
});

describe("CEL", () => {
  test.each(Object.keys(IN_ENVOY).filter((task) => task !== "kept expression"))(
    "%s: the host says that it has no evaluator, instead of answering",
    async (task) => {
      const request = (await host()).request({ headers: { "x-do": task } });
      await expect(request).rejects.toThrow(/foreign function expr_create .* does not emulate CEL/s);
    },
  );
});

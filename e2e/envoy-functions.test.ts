// Envoy's own functions through the guest library, in a real Envoy.
import { afterAll, beforeAll, expect, test } from "vitest";

import { type Envoy, startEnvoy } from "../src/envoy/index.ts";
import { CONFIGURED, IN_ENVOY, keys, TASKS } from "../tests/guest/envoy-cases.ts";
import { buildFile } from "../tests/support/asc.ts";
import { http1, Http1Connection } from "../tests/support/http-client.ts";

let envoy: Envoy;

beforeAll(async () => {
  const wasm = await buildFile("tests/guest/assembly/envoy.ts");
  const match = { prefix: "/", filter_state: [{ key: "envoy.string", string_match: { exact: "beta" } }] };
  envoy = await startEnvoy({
    http: {
      filters: [{ wasm, name: "functions", configuration: keys() }],
      accessLog: "%PATH% %REQ(X-DO)%: %FILTER_STATE(envoy.string:PLAIN)% %FILTER_STATE(wasm.declared:PLAIN)%",
      routes: [
        { fields: { match }, directResponse: { status: 200, body: "beta" } },
        { directResponse: { status: 200, body: "stable" } },
      ],
    },
  });
});
afterAll(() => envoy?.stop());

test("what a root declares, in each VM", () => {
  // The trial run's, the main thread's and the worker's.
  const lines = envoy.log.wasm.map((line) => line.text);
  expect(lines).toEqual([...CONFIGURED, ...CONFIGURED, ...CONFIGURED]);
});

test.each([...Object.entries(TASKS), ...Object.entries(IN_ENVOY)])("%s", async (task, expected) => {
  const from = envoy.log.wasm.length;
  await http1(envoy.port, { headers: [["x-do", task]] });
  const lines = (): string[] => envoy.log.wasm.slice(from).map((line) => line.text);
  await expect.poll(() => lines().length).toBeGreaterThanOrEqual(expected.length);
  expect(lines()).toEqual(expected);
});

test("a route by filter state is taken only after the route cache was cleared", async () => {
  const answer = async (task: string): Promise<string> =>
    (await http1(envoy.port, { headers: [["x-do", task]] })).body.toString();
  expect(await answer("no clear")).toBe("stable");
  expect(await answer("route")).toBe("beta");
});

test("filter state shows in access logs, and lasts as long as it was set for", async () => {
  const connection = await Http1Connection.open(envoy.port);
  const lines = (): string[] => envoy.accessLog.filter((line) => line.startsWith("/kept "));
  try {
    for (const task of ["filter state", "declare", "nothing"])
      await connection.request({ path: "/kept", headers: [["x-do", task]] });
  } finally {
    connection.close();
  }
  await http1(envoy.port, { path: "/kept", headers: [["x-do", "nothing"]] });
  await expect
    .poll(lines)
    .toEqual([
      "/kept filter state: välue -",
      "/kept declare: välue b",
      "/kept nothing: välue b",
      "/kept nothing: - -",
    ]);
});

test("Envoy finds no bug of its own in all that", () => {
  expect(envoy.log.lines.filter((line) => /envoy bug|\[critical\]/.test(line))).toEqual([]);
});

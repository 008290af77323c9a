// Callbacks that capture, given to the library's own methods: calls in the callbacks of calls.
import { beforeAll, expect, test } from "vitest";

import { compileModule } from "../../../src/host/guest-module.ts";
import { createHost, type CalloutBehaviour, type TestHost, type Walk } from "../../../src/testing/index.ts";
import { compile } from "../compile.ts";
import { source } from "./run.ts";

let wasm: Awaited<ReturnType<typeof compileModule>>;

beforeAll(async () => {
  const compiled = await compile({ "assembly/index.ts": source("exchange") }, { release: true });
  expect(compiled.printed).toBe("");
  wasm = await compileModule(compiled.wasm ?? new Uint8Array());
}, 120_000);

const login: CalloutBehaviour = ({ path }) => ({
  headers: { user: `user-of-${path.slice(10)}` },
  body: path,
});

async function ask(host: TestHost, headers: Record<string, string>): Promise<Walk> {
  const walk = host.request({ headers });
  await host.advance(100);
  return walk;
}

test("each has what the ones around it have found", async () => {
  const callouts = { login, tokens: ({ path }) => ({ body: `token for ${path}` }) } satisfies Record<
    string,
    CalloutBehaviour
  >;
  const host = await createHost({ wasm, callouts });
  const walks = await Promise.all(["a", "bc", "def"].map((session) => ask(host, { session })));
  expect(walks.map(({ upstream }) => upstream?.headers.get("token"))).toEqual([
    expect.stringMatching(/^a 9 \/sessions\/a token for \/tokens\/user-of-a \d+ true$/),
    expect.stringMatching(/^bc 10 \/sessions\/bc token for \/tokens\/user-of-bc \d+ true$/),
    expect.stringMatching(/^def 11 \/sessions\/def token for \/tokens\/user-of-def \d+ true$/),
  ]);
  expect(host.logs.map(({ text }) => text)).toEqual(["user-of-a 3 2", "user-of-bc 3 2", "user-of-def 3 2"]);
});

test.each([
  ["no session", {}, login, login, 401, "no session"],
  ["an answer that is no success", { session: "a" }, { status: 403 }, login, 502, "login: 403 after 1 calls"],
  ["an answer without the header", { session: "a" }, {}, login, 502, "no user: 0 after 1 calls"],
  [
    "a second call that fails",
    { session: "a" },
    login,
    { status: 500 },
    502,
    "tokens of user-of-a: 500 after 2 calls",
  ],
] satisfies [string, Record<string, string>, CalloutBehaviour, CalloutBehaviour, number, string][])(
  "%s ends the request",
  async (_name, headers, login, tokens, status, text) => {
    const host = await createHost({ wasm, callouts: { login, tokens } });
    const { response } = await ask(host, headers);
    expect([response.status, response.text()]).toEqual([status, text]);
  },
);

// What docs/troubleshooting.md and docs/bodies.md say, caused in a real Envoy.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  type Envoy,
  EnvoyError,
  type EnvoyRunOptions,
  findEnvoy,
  startEnvoy,
  toBootstrap,
  toYaml,
} from "../src/envoy/index.ts";
import { type Block, blocks, difference } from "../tests/docs/markdown.ts";
import { buildFilter, repository, tryBuild } from "../tests/support/asc.ts";
import { header } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { startUpstream, type Upstream } from "../tests/support/upstream.ts";
import { bareGuest } from "./support/modules.ts";
import { wat } from "../tests/support/wat.ts";

const page = (name: string): string => readFileSync(join(repository, "docs", name), "utf8");

let upstream: Upstream;
beforeAll(async () => void (upstream = await startUpstream()));
afterAll(() => upstream?.stop());

/** An Envoy with one filter, which the log calls `filter`. */
function withFilter(wasm: string | Uint8Array, more: EnvoyRunOptions = {}): Promise<Envoy> {
  return startEnvoy({
    http: { filters: [{ wasm, name: "filter" }] },
    clusters: { upstream: upstream.port },
    logLevel: "info",
    componentLogLevels: {},
    ...more,
  });
}

const IMPORTS = `import {
  FilterHeadersStatus, HttpContext, logInfo, registerHttpContext, registerRootContext, RootContext,
} from "proxy-wasm-as";\n`;

/** A filter that does something in `onRequestHeaders`. */
function filter(statements: string, members = ""): string {
  return `${IMPORTS}class MyFilter extends HttpContext {
  ${members}
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    ${statements}
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<MyFilter>();`;
}

/** What Envoy logs when it refuses to start. */
async function refusal(start: Promise<Envoy>): Promise<string> {
  try {
    await (await start).stop();
  } catch (error) {
    if (error instanceof EnvoyError) return error.log?.text ?? error.message;
    throw error;
  }
  throw new Error("Envoy has started.");
}

/** What Envoy logs for one request. */
async function afterRequest(source: string, status = 200): Promise<string> {
  await using envoy = await withFilter(await buildFilter(source));
  expect((await http1(envoy.port)).status).toBe(status);
  await envoy.stop();
  return envoy.log.text;
}

const configured = `${IMPORTS}class Root extends RootContext {
  override onConfigure(size: u32): bool {
    const first = this.configuration.bytes();
    if (first.length) logInfo("got 0" + first[0].toString(16));
    return first.length > 0;
  }
}
registerRootContext<Root>();`;

/** What leads to each quoted log, by the heading above it. */
const CAUSES: Record<string, () => Promise<string>> = {
  "Missing or unknown Proxy-Wasm ABI version": async () => refusal(withFilter(await wat("(module)"))),
  "Failed to load Wasm module due to a missing import": async () =>
    refusal(withFilter(await bareGuest('(import "env" "abort" (func (param i32 i32 i32 i32)))'))),
  "Invalid path": async () => {
    const { path } = await findEnvoy();
    const bootstrap = toBootstrap({ http: { filters: [{ wasm: "filter.wasm" }] } });
    const config = toYaml(bootstrap).replace(/filename: .*/, "filename: build/filter.wasm");
    const args = ["--mode", "validate", "--disable-hot-restart", "--config-yaml", config];
    return new Promise((resolve) => {
      execFile(path, args, { cwd: tmpdir(), timeout: 20_000 }, (_error, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
  },
  "Unable to create Wasm plugin": async () => refusal(withFilter(await buildFilter(configured))),
  "The configuration is unreadable": async () => {
    const wasm = await buildFilter(configured);
    const configuration = { "@type": "type.googleapis.com/google.protobuf.Struct", value: { limit: 10 } };
    await using envoy = await withFilter(wasm, {
      http: { filters: [{ wasm, name: "filter", configuration }] },
    });
    return envoy.log.text;
  },
  "abort and Uncaught RuntimeError: unreachable": () =>
    afterRequest(filter('throw new Error("no user");'), 503),
  "CR, LF or NUL in the value": () =>
    afterRequest(filter('this.requestHeaders.set("x-note", ["a", "b"].join("\\r\\n"));')),
  "cannot be used in this callback": () =>
    afterRequest(
      filter(
        "",
        `override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
          this.requestHeaders.get("host");
          return FilterHeadersStatus.Continue;
        }`,
      ),
    ),
  "refused: the stream is over, has been answered, nothing is held": () =>
    afterRequest(filter("", "override onLog(): void { this.sendLocalResponse(500); }")),
};

/** The blocks of a kind, with the heading above each. */
function underHeadings(kind: string): { heading: string; block: Block }[] {
  const text = page("troubleshooting.md");
  const lines = text.split("\n");
  return blocks(text)
    .filter(({ words }) => words.includes(kind))
    .map((block) => ({
      block,
      heading: (lines.slice(0, block.line).findLast((line) => /^#+ /.test(line)) ?? "").replace(/^#+ /, ""),
    }));
}

test("every log on the page has a cause here", () => {
  expect(underHeadings("log").map(({ heading }) => heading)).toEqual(Object.keys(CAUSES));
});

test.each(underHeadings("log"))(
  "the log under '$heading' is what Envoy writes",
  async ({ heading, block }) => {
    const log = (await CAUSES[heading]?.()) ?? "";
    // Lines above and below it are left out on the page, not all of them by a line of dots.
    expect(difference(`...\n${block.text}...\n`, log)).toBeUndefined();
  },
);

test.each(underHeadings("asc"))(
  "the message under '$heading' is what asc prints",
  async ({ heading, block }) => {
    const unregistered = heading === "Nothing is registered";
    const source = unregistered ? filter("").replace("registerHttpContext<MyFilter>();", "") : filter("");
    const asconfig = { entries: ["assembly/index.ts"], targets: { release: { outFile: "filter.wasm" } } };
    const built = await tryBuild(source, unregistered ? {} : { asconfig });
    expect(built.code).not.toBe(0);
    expect(built.output.split("\n")).toContain(block.text.trimEnd());
  },
);

test("where nothing else is said, Envoy's log has lines of filters from level info on", async () => {
  const log = await afterRequest(filter('console.debug("a debug line"); console.info("an info line");'));
  expect(log).toContain("an info line");
  expect(log).not.toContain("a debug line");
});

describe("the programs of bodies.md", () => {
  const [wrap = "", classify = "", addLine = "", delay = ""] = blocks(page("bodies.md"))
    .filter(({ language, words }) => language === "ts" && words.length === 0)
    .map(({ text }) => text);

  test("the whole body is wrapped, and the upstream sees it chunked", async () => {
    await using envoy = await withFilter(await buildFilter(wrap));
    await http1(envoy.port, { method: "POST", body: '{"a":1}' });
    const seen = upstream.last();
    expect(seen.body.toString()).toBe('{"wrapped":{"a":1}}');
    expect(header(seen.headers, "transfer-encoding")).toBe("chunked");
    expect(header(seen.headers, "content-length")).toBeUndefined();
  });

  test("headers that are held can be changed by the body; without the setting it is answered with 500", async () => {
    const wasm = await buildFilter(classify);
    const start = (allowOnHeadersStopIteration: boolean): Promise<Envoy> =>
      withFilter(wasm, {
        http: { filters: [{ wasm, name: "filter", allowOnHeadersStopIteration }] },
      });
    await using envoy = await start(true);
    await http1(envoy.port, { method: "POST", body: '{"a":1}' });
    expect(header(upstream.last().headers, "x-kind")).toBe("json");
    expect(header(upstream.last().headers, "content-length")).toBe("7");
    await using without = await start(false);
    expect((await http1(without.port, { method: "POST", body: '{"a":1}' })).status).toBe(500);
  });

  test("a line is added to texts only", async () => {
    await using envoy = await withFilter(await buildFilter(addLine));
    const send = async (type: string): Promise<string> => {
      upstream.handler = () => ({ headers: [["content-type", type]], body: "some\n" });
      const response = await http1(envoy.port);
      expect(response.complete).toBe(true);
      return response.body.toString();
    };
    expect(await send("text/plain")).toBe("some\n-- the end\n");
    expect(await send("application/json")).toBe("some\n");
  });

  test("a held body goes on when the tick resumes it", async () => {
    await using envoy = await withFilter(await buildFilter(delay));
    expect((await http1(envoy.port, { method: "POST", body: "later" })).status).toBe(200);
    expect(upstream.last().body.toString()).toBe("later");
  });
});

test("over Envoy's own limit Envoy answers 413, until the listener is given a larger one", async () => {
  const wasm = await buildFilter(filter("return this.bufferRequestBody(4 * 1024 * 1024);"));
  const body = Buffer.alloc(2 * 1024 * 1024, "x");
  await using envoy = await withFilter(wasm);
  expect((await http1(envoy.port, { method: "POST", body })).status).toBe(413);
  await using larger = await withFilter(wasm, {
    http: { filters: [{ wasm, name: "filter" }], perConnectionBufferLimitBytes: 8388608 },
  });
  expect((await http1(larger.port, { method: "POST", body })).status).toBe(200);
});

test.each(["FAIL_CLOSED", "FAIL_OPEN", "FAIL_RELOAD"] as const)("after a trap: %s", async (failurePolicy) => {
  const wasm = await buildFilter(
    filter('if (this.requestHeaders.has("x-fail")) throw new Error("asked to");'),
  );
  await using envoy = await withFilter(wasm, {
    http: { filters: [{ wasm, name: "filter", failurePolicy }] },
  });
  expect((await http1(envoy.port, { headers: [["x-fail", "1"]] })).status).toBe(503);
  const next = async (): Promise<number> => (await http1(envoy.port)).status;
  if (failurePolicy === "FAIL_CLOSED") expect(await next()).toBe(503);
  else await expect.poll(next, { timeout: 10_000 }).toBe(200);
});

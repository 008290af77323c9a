// What the transform knows about callbacks: calls in their own callback ask nothing, plain answers note nothing.
import { describe, expect, test } from "vitest";

import { createHost } from "../../src/testing/index.ts";
import { buildFilter } from "../support/asc.ts";
import { compile, withFilter } from "./compile.ts";

/** Whether a release build carries this text, which the library would log. */
async function carries(source: string, text: string): Promise<boolean> {
  const { wasm, messages } = await compile({ "assembly/index.ts": withFilter(source) }, { release: true });
  expect(messages.filter(({ severity }) => severity === "error")).toEqual([]);
  return Buffer.from(wasm ?? []).includes(text);
}

const HEADERS = "(n: u32, e: bool): FilterHeadersStatus";
const BODY = "(n: u32, e: bool): FilterDataStatus";
const continued = "return FilterHeadersStatus.Continue;";
const filter = (members: string): string =>
  `class A extends HttpContext { ${members} }\nregisterHttpContext<A>();`;

describe("whether a map or buffer can be used", () => {
  const asks = (source: string): Promise<boolean> => carries(source, "cannot be used in this callback");

  test.each([
    [
      "request headers",
      `override onRequestHeaders${HEADERS} { this.requestHeaders.get("a"); this.requestHeaders.entries(); ${continued} }`,
    ],
    [
      "response headers",
      `override onResponseHeaders${HEADERS} { this.responseHeaders.set("a", n.toString()); ${continued} }`,
    ],
    [
      "a request body",
      `override onRequestBody${BODY} { this.requestBody.replaceBytes(this.requestBody.bytes(1, 2)); return FilterDataStatus.Continue; }`,
    ],
    [
      "a response body",
      `override onResponseBody${BODY} { this.responseBody.append(this.responseBody.text()); this.responseBody.length; return FilterDataStatus.Continue; }`,
    ],
  ])("is not asked for %s in their own callback", async (_name, members) => {
    expect(await asks(filter(members))).toBe(false);
  });

  test.each([
    [
      "another callback",
      filter(`override onResponseHeaders${HEADERS} { this.requestHeaders.get("a"); ${continued} }`),
    ],
    [
      "a method",
      filter(
        `override onRequestHeaders${HEADERS} { return this.help(); } help(): FilterHeadersStatus { this.requestHeaders.get("a"); ${continued} }`,
      ),
    ],
    [
      "a callback that the filter calls itself",
      filter(
        `override onRequestHeaders${HEADERS} { this.requestHeaders.get("a"); ${continued} } override onLog(): void { this.onRequestHeaders(0, true); }`,
      ),
    ],
    [
      "a callback that a subclass calls",
      `class B extends HttpContext { override onRequestHeaders${HEADERS} { this.requestHeaders.get("a"); ${continued} } }
      class A extends B { override onLog(): void { super.onRequestHeaders(0, true); } }
      registerHttpContext<A>();`,
    ],
    [
      "a map that is kept",
      filter(
        `override onRequestHeaders${HEADERS} { const headers = this.requestHeaders; headers.get("a"); ${continued} }`,
      ),
    ],
  ])("is asked in %s", async (_name, source) => {
    expect(await asks(source)).toBe(true);
  });

  test("and the answer is the same either way", async () => {
    const calls = (headers: string, body: string): string =>
      withFilter(`class A extends HttpContext {
  override onRequestHeaders${HEADERS} {
    const headers = this.requestHeaders;
    this.requestHeaders.remove("content-length");
    const value = ${headers}.get("x-in");
    ${headers}.add("x-out", value == null ? "null" : value);
    ${headers}.set("x-has", ${headers}.has("x-in") ? "1" : "0");
    const bytes = ${headers}.getBytes("x-in");
    ${headers}.set("x-bytes", bytes == null ? "null" : bytes.length.toString());
    ${headers}.set("x-count", ${headers}.entries().length.toString());
    ${headers}.remove("x-gone");
    return FilterHeadersStatus.Continue;
  }
  override onRequestBody${BODY} {
    if (!e) return FilterDataStatus.StopIterationAndBuffer;
    const body = this.requestBody;
    const text = ${body}.text();
    ${body}.replace(text + "|" + ${body}.length.toString() + "|" + ${body}.bytes(1, 3).length.toString());
    ${body}.prepend("<");
    ${body}.append(">");
    return FilterDataStatus.Continue;
  }
}
registerHttpContext<A>();`);
    const seen = [];
    for (const source of [calls("this.requestHeaders", "this.requestBody"), calls("headers", "body")]) {
      const host = await createHost({ wasm: await buildFilter(source), edgeHeaders: false });
      const { upstream, logs } = await host.request({
        method: "POST",
        headers: { "x-in": "é", "x-gone": "1" },
        body: "wörld",
      });
      seen.push({ headers: upstream?.headers.entries(), body: upstream?.body.toString(), logs });
      host.dispose();
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.body).toBe("<wörld|6|2>");
  });
});

describe("what happened to a stream before it is answered", () => {
  const notes = (members: string): Promise<boolean> =>
    carries(filter(members), "this stream has been answered");
  const answer = (statement: string): string =>
    `override onRequestHeaders${HEADERS} { ${statement} ${continued} }`;

  test.each([
    ["an answer", answer('if (n > 9) return this.sendLocalResponse(403, "no");')],
    [
      "an answer by choice",
      answer("if (n > 9) return e ? this.sendLocalResponse(403) : (this.sendLocalResponse(404));"),
    ],
    [
      "one with headers",
      answer('return this.sendLocalResponse(403, "no" + n.toString(), null, "details", 7);'),
    ],
  ])("is not noted for %s that onRequestHeaders returns", async (_name, members) => {
    expect(await notes(members)).toBe(false);
  });

  test.each([
    ["an answer whose result is dropped", answer("this.sendLocalResponse(403);")],
    [
      "an answer in another callback",
      `override onResponseHeaders${HEADERS} { return this.sendLocalResponse(403); }`,
    ],
    [
      "an answer in a method",
      `${answer("return this.no();")} no(): FilterHeadersStatus { return this.sendLocalResponse(403); }`,
    ],
    [
      "one more answer",
      `${answer("return this.sendLocalResponse(403);")} override onResponseHeaders${HEADERS} { return this.sendLocalResponse(403); }`,
    ],
    [
      "an answer to another stream",
      `static last: A | null = null; ${answer("const last = A.last; if (last != null) return last.sendLocalResponse(403); A.last = this;")}`,
    ],
    [
      "an answer in a callback that is called",
      `${answer("return this.sendLocalResponse(403);")} override onLog(): void { this.onRequestHeaders(0, true); }`,
    ],
    [
      "a stream that is resumed elsewhere",
      `${answer("return this.sendLocalResponse(403);")} override onResponseHeaders${HEADERS} { this.resumeRequest(); ${continued} }`,
    ],
  ])("is noted for %s", async (_name, members) => {
    expect(await notes(members)).toBe(true);
  });

  test("a status that cannot go out is mended in either form", async () => {
    const wasm = await buildFilter(
      withFilter(
        filter(
          answer(
            'if (n > 6) return this.sendLocalResponse(700, "x"); if (n > 5) return this.sendLocalResponse(204, "x"); return this.sendLocalResponse(418, "té");',
          ),
        ),
      ),
    );
    const host = await createHost({ wasm, edgeHeaders: false });
    const plain = await host.request();
    expect([plain.response.status, plain.response.body.toString()]).toEqual([418, "té"]);
    expect(plain.upstream).toBeNull();
    const empty = await host.request({ headers: { a: "1", b: "2" } });
    expect([empty.response.status, empty.response.body.length]).toEqual([204, 0]);
    const mended = await host.request({ headers: { a: "1", b: "2", c: "3" } });
    expect(mended.response.status).toBe(500);
    expect(mended.logs.map(({ text }) => text)).toEqual([
      "proxy-wasm-as: sendLocalResponse refused: a status is from 200 to 599; sent 500",
    ]);
    host.dispose();
  });
});

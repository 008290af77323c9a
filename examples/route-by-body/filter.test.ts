// Tests the built filter without a proxy.
import { createHost, type RequestInput } from "proxy-wasm-as/testing";
import { expect, test } from "vitest";

const wasm = new URL("build/route-by-body.wasm", import.meta.url);
const options = { wasm, allowOnHeadersStopIteration: true };

function form(body: string | string[]): RequestInput {
  return { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body };
}

test.each(["region=eu&item=1", "item=1&region=eu", ["item=1&reg", "ion=eu"]])(
  "the region of %j is in a header when the request leaves",
  async (body) => {
    const host = await createHost(options);
    const { upstream } = await host.request(form(body));
    expect(upstream?.headers.get("x-region")).toBe("eu");
    expect(upstream?.text()).toBe([body].flat().join(""));
  },
);

test.each(["item=1", "region=", "myregion=eu", ""])(
  "%j is answered, and the upstream sees nothing",
  async (body) => {
    const host = await createHost(options);
    const { upstream, response } = await host.request(form(body));
    expect([upstream, response.status, response.text()]).toEqual([null, 400, "the form has no region\n"]);
  },
);

test("a client cannot choose by itself", async () => {
  const host = await createHost(options);
  const { upstream } = await host.request({ headers: { "x-region": "eu" } });
  expect(upstream?.headers.get("x-region")).toBeNull();
});

test("without allow_on_headers_stop_iteration a request is answered instead of hanging, and the log says why", async () => {
  const host = await createHost({ wasm });
  const answer = host.request(form("region=eu"));
  await host.advance(2000);
  const { upstream, response, logs } = await answer;
  expect([upstream, response.status]).toEqual([null, 500]);
  expect(logs.map((entry) => `${entry.level} ${entry.text}`)).toEqual([
    expect.stringMatching(/^error proxy-wasm-as: .* set allow_on_headers_stop_iteration: true/),
  ]);
});

// HTTP streams through the embedded host: lifecycle, headers, bodies and flow control.
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { guest, logStatus, logText, OUT, logOut } from "./guest.ts";

describe("HTTP walk", () => {
  it("adds a response header, as in the first example of every SDK", async () => {
    const wasm = guest(
      (text) => `(func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
        (drop (call $proxy_add_header_map_value (i32.const 2) ${text("Hello")} ${text("world")}))
        (i32.const 0))`,
    );
    const host = await createHost({ wasm });
    const { upstream, response } = await host.request({ path: "/a?b=c" });
    expect(upstream?.path).toBe("/a?b=c");
    expect(response.status).toBe(200);
    expect(response.headers.get("hello")).toBe("world");
    await host.dispose();
  });

  it("runs log, done and delete in this order at the end (2.1)", async () => {
    const wasm = guest(
      (text) => `
      (func (export "proxy_on_context_create") (param i32 i32) ${logText(text("create"))})
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) ${logText(text("request_headers"))} (i32.const 0))
      (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32) ${logText(text("response_headers"))} (i32.const 0))
      (func (export "proxy_on_log") (param i32) ${logText(text("log"))})
      (func (export "proxy_on_done") (param i32) (result i32) ${logText(text("done"))} (i32.const 0))
      (func (export "proxy_on_delete") (param i32) ${logText(text("delete"))})`,
    );
    const host = await createHost({ wasm });
    const { logs } = await host.request();
    expect(logs.map((entry) => entry.text)).toEqual([
      "create",
      "request_headers",
      "response_headers",
      "log",
      "done",
      "delete",
    ]);
    expect(new Set(logs.map((entry) => entry.context))).toEqual(new Set([2]));
  });

  it("re-enters response callbacks after a local reply (6)", async () => {
    const wasm = guest(
      (text) => `
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (drop (call $proxy_send_local_response (i32.const 403) ${text("my details")} ${text("denied")} (i32.const 0) (i32.const 0) (i32.const -1)))
        (i32.const 0))
      (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
        ${logText(text("response_headers"))}
        (drop (call $proxy_get_property ${text("response\0code_details")} (i32.const ${OUT}) (i32.const ${OUT + 4}))) ${logOut}
        (i32.const 0))`,
    );
    const host = await createHost({ wasm });
    const { upstream, response, logs } = await host.request();
    expect(upstream).toBeNull();
    expect(response.status).toBe(403);
    expect(response.text()).toBe("denied");
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(logs.map((entry) => entry.text)).toEqual(["response_headers", "my_details"]);
  });

  it("drops the request map once request_headers returned Continue (2.2)", async () => {
    const wasm = guest(
      (text) => `(func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
        ${logStatus(`(call $proxy_get_header_map_value (i32.const 0) ${text(":path")} (i32.const ${OUT}) (i32.const ${OUT + 4}))`)}
        (i32.const 0))
      (func (export "proxy_on_log") (param i32)
        ${logStatus(`(call $proxy_get_header_map_value (i32.const 0) ${text(":path")} (i32.const ${OUT}) (i32.const ${OUT + 4}))`)}
        ${logStatus(`(call $proxy_get_header_map_value (i32.const 1) ${text("x")} (i32.const ${OUT}) (i32.const ${OUT + 4}))`)})`,
    );
    const host = await createHost({ wasm });
    const { logs } = await host.request();
    expect(logs.map((entry) => entry.text)).toEqual(["02", "00", "01"]);
  });
});

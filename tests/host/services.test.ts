// Logging, time, WASI, foreign functions, access loggers and interception (envoy-facts 1.2, 10, 11, 13).
import { createHash, createSign, generateKeyPairSync, createVerify } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createHost } from "../../src/testing/index.ts";
import { bytesField, encodeBytes, numberField, parseProto } from "../../src/host/protobuf.ts";
import { callback, guest, logAnswer, logStatus, logText, OUT } from "./guest.ts";
import type { LogEntry } from "../../src/testing/index.ts";

type Text = (value: string | Uint8Array) => string;
const texts = (logs: readonly LogEntry[]) => logs.map((entry) => entry.text);
const onStart = (body: (text: Text) => string) => guest((text) => callback("proxy_on_configure", body(text)));

describe("logging", () => {
  it("knows six levels, keeps those at or above the proxy's, and tells which that is (11)", async () => {
    const log = (text: Text, level: number) =>
      logStatus(`(call $proxy_log (i32.const ${level}) ${text("x")})`);
    const wasm = onStart(
      (text) =>
        [0, 1, 3, 4, 5, 6, -1].map((level) => log(text, level)).join("") +
        `(drop (call $proxy_get_log_level (i32.const ${OUT})))` +
        logStatus(`(i32.load (i32.const ${OUT}))`),
    );
    const host = await createHost({ wasm });
    expect(host.logs.map((entry) => `${entry.level} ${entry.text}`)).toEqual([
      "info 00",
      "info 00",
      "warn x",
      "info 00",
      "error x",
      "info 00",
      "critical x",
      "info 00",
      "info 02",
      "info 02",
      "info 02",
    ]);
    const trace = await createHost({ wasm, logLevel: "trace" });
    expect([trace.logs[0]?.level, trace.logs.at(-1)?.text]).toEqual(["trace", "00"]);
    await expect(createHost({ wasm, logLevel: "loud" as "info" })).rejects.toMatchObject({
      code: "bad-option",
    });
  });

  it("passes text through: lines, NUL and bytes that are no UTF-8 (11)", async () => {
    const seen: string[] = [];
    await createHost({
      wasm: onStart((text) => logText(text("a\nb\0c")) + logText(text(Buffer.from([0xff])))),
      onLog: (entry) => seen.push(entry.text),
    });
    expect(seen).toEqual(["a\nb\0c", "\ufffd"]);
  });

  it("fd_write joins its parts, drops one newline, and knows two files (11)", async () => {
    const wasm = onStart((text) => {
      const [pointer, size] = text("hello\n\n")
        .match(/\d+/g)!
        .slice(1)
        .filter((_, index) => index % 2 === 0);
      const vectors = `(i32.store (i32.const 600) (i32.const ${pointer})) (i32.store (i32.const 604) (i32.const 2)) (i32.store (i32.const 608) (i32.const ${Number(pointer) + 2})) (i32.store (i32.const 612) (i32.const ${Number(size) - 2}))`;
      const write = (fd: number, count: number) =>
        logStatus(
          `(call $fd_write (i32.const ${fd}) (i32.const 600) (i32.const ${count}) (i32.const ${OUT}))`,
        );
      return vectors + write(1, 2) + write(2, 1) + write(3, 1) + write(1, 0);
    });
    const host = await createHost({ wasm });
    expect(host.logs.map((entry) => `${entry.level} ${entry.text}`)).toEqual([
      "info hello\n",
      "info 00",
      "error he",
      "info 00",
      "info 08",
      "info 00",
    ]);
  });
});

describe("WASI", () => {
  it("offers clocks and randomness, and refuses the rest as Envoy does (1.2)", async () => {
    const clock = (id: number) =>
      logStatus(`(call $clock_time_get (i32.const ${id}) (i64.const 0) (i32.const ${OUT}))`);
    const wasm = onStart(
      () =>
        clock(0) +
        clock(1) +
        clock(2) +
        ["65536", "65537", "0"]
          .map((size) => logStatus(`(call $random_get (i32.const 1024) (i32.const ${size}))`))
          .join("") +
        logStatus(`(call $fd_read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`) +
        logStatus(`(call $args_sizes_get (i32.const ${OUT}) (i32.const ${OUT + 4}))`),
    );
    expect(texts((await createHost({ wasm })).logs)).toEqual([
      "00",
      "00",
      "58",
      "00",
      "28",
      "00",
      "52",
      "00",
    ]);
  });

  it("gives the same randomness with the same seed", async () => {
    const wasm = onStart(
      () =>
        `(drop (call $random_get (i32.const ${OUT}) (i32.const 4))) ${logStatus(`(i32.rem_u (i32.load (i32.const ${OUT})) (i32.const 100))`)}`,
    );
    const draw = async (seed: number) => texts((await createHost({ wasm, seed })).logs)[0];
    expect(await draw(1)).toBe(await draw(1));
    expect(new Set(await Promise.all([1, 2, 3, 4, 5, 6].map(draw))).size).toBeGreaterThan(1);
  });

  it("proc_exit returns to the guest (1.2)", async () => {
    const host = await createHost({
      wasm: onStart((text) => `(call $proc_exit (i32.const 1)) ${logText(text("still here"))}`),
      logLevel: "trace",
    });
    expect(texts(host.logs)).toEqual(["wasi proc_exit(1) called; the proxy goes on", "still here"]);
  });
});

describe("foreign functions", () => {
  const call = (text: Text, name: string, argument: string | Uint8Array = "") =>
    `(call $proxy_call_foreign_function ${text(name)} ${text(argument)}`;

  it("compress and uncompress (10)", async () => {
    const wasm = onStart(
      (text) =>
        logAnswer(call(text, "uncompress", deflateSync("plain text"))) +
        logAnswer(call(text, "uncompress", "garbage")),
    );
    expect(texts((await createHost({ wasm })).logs)).toEqual(["plain text", "03"]);
    const stored = guest((text) =>
      callback(
        "proxy_on_configure",
        `(drop ${call(text, "compress", "a")} (i32.const ${OUT}) (i32.const ${OUT + 4}))) (drop (call $proxy_set_shared_data ${text("z")} (i32.load (i32.const ${OUT})) (i32.load (i32.const ${OUT + 4})) (i32.const 0)))`,
      ),
    );
    const host = await createHost({ wasm: stored });
    expect(inflateSync(host.sharedData.get("z")!.value).toString()).toBe("a");
  });

  it("answer NotFound for unknown names and leave the results alone; null results are allowed (10)", async () => {
    const wasm = onStart(
      (
        text,
      ) => `(i32.store (i32.const ${OUT}) (i32.const 7)) ${logStatus(`${call(text, "nonsense")} (i32.const ${OUT}) (i32.const ${OUT + 4}))`)} ${logStatus(`(i32.load (i32.const ${OUT}))`)}
      ${logStatus(`${call(text, "uncompress", "garbage")} (i32.const ${OUT}) (i32.const ${OUT + 4}))`)} ${logStatus(`(i32.load (i32.const ${OUT}))`)}
      ${logStatus(`${call(text, "compress", "a")} (i32.const 0) (i32.const 0))`)}`,
    );
    expect(texts((await createHost({ wasm })).logs)).toEqual(["01", "07", "03", "00", "00"]);
  });

  it("set_envoy_filter_state and declare_property work on the stream (10)", async () => {
    const state = Buffer.concat([
      encodeBytes(1, Buffer.from("envoy.string")),
      encodeBytes(2, Buffer.from("v")),
    ]);
    const declared = encodeBytes(1, Buffer.from("p"));
    const wasm = guest((text) =>
      callback(
        "proxy_on_request_headers",
        [
          ["set_envoy_filter_state", state],
          ["set_envoy_filter_state", "\xff"],
          ["declare_property", declared],
          ["declare_property", declared],
        ]
          .map(([name, argument]) =>
            logStatus(`${call(text, name as string, argument)} (i32.const 0) (i32.const 0))`),
          )
          .join("") + logAnswer(`(call $proxy_get_property ${text("filter_state\0envoy.string")}`),
      ),
    );
    expect(texts((await (await createHost({ wasm })).request()).logs)).toEqual(["00", "02", "00", "02", "v"]);
  });

  it("sign and verify_signature use real keys (10)", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const message = Buffer.from("message");
    const signature = createSign("sha256").update(message).sign(privateKey);
    const spki = publicKey.export({ type: "spki", format: "der" });
    const verify = (hash: string, signed: Buffer) =>
      Buffer.concat([
        encodeBytes(1, Buffer.from(hash)),
        encodeBytes(2, spki),
        encodeBytes(3, signed),
        encodeBytes(4, message),
      ]);
    const sign = Buffer.concat([
      encodeBytes(1, Buffer.from("sha256")),
      encodeBytes(2, privateKey.export({ type: "pkcs8", format: "der" })),
      encodeBytes(3, message),
    ]);
    const keep = (text: Text, key: string, name: string, argument: Uint8Array) =>
      `(drop ${call(text, name, argument)} (i32.const ${OUT}) (i32.const ${OUT + 4}))) (drop (call $proxy_set_shared_data ${text(key)} (i32.load (i32.const ${OUT})) (i32.load (i32.const ${OUT + 4})) (i32.const 0)))`;
    const host = await createHost({
      wasm: onStart(
        (text) =>
          keep(text, "good", "verify_signature", verify("sha256", signature)) +
          keep(text, "bad", "verify_signature", verify("sha256", createHash("sha256").digest())) +
          keep(text, "hash", "verify_signature", verify("nohash", signature)) +
          keep(text, "signed", "sign", sign) +
          logStatus(`${call(text, "sign", "\xff")} (i32.const 0) (i32.const 0))`),
      ),
    });
    const result = (key: string) => parseProto(host.sharedData.get(key)!.value)!;
    expect(host.sharedData.get("good")?.value).toEqual(Buffer.from([0x08, 0x01]));
    expect(numberField(result("bad"), 1)).toBe(0);
    expect(String(bytesField(result("hash"), 2))).toBe("nohash is not supported.");
    expect(
      createVerify("sha256")
        .update(message)
        .verify(publicKey, bytesField(result("signed"), 2)!),
    ).toBe(true);
    expect(texts(host.logs)).toEqual(["02"]);
  });
});

describe("access loggers and interception", () => {
  it("an access logger gets log on its root, with headers and properties (13)", async () => {
    const wasm = guest((text) =>
      callback(
        "proxy_on_log",
        `${logStatus("(local.get 0)")} ${logAnswer(`(call $proxy_get_header_map_value (i32.const 0) ${text(":path")}`)} ${logAnswer(`(call $proxy_get_property ${text("request\0method")}`)} ${logStatus(`(call $proxy_set_property ${text("a")} ${text("b")})`)}`,
      ),
    );
    const host = await createHost({ wasm, kinds: ["access-log"] });
    expect(texts((await host.request({ path: "/logged" })).logs)).toEqual(["01", "/logged", "GET", "01"]);
    const both = await createHost({ wasm, kinds: ["http", "access-log"] });
    expect((await both.request({ path: "/x" })).logs.map((entry) => entry.context)).toEqual([
      2, 2, 2, 2, 1, 1, 1, 1,
    ]);
  });

  it("a test can put itself between guest and host", async () => {
    const calls: string[] = [];
    const host = await createHost({
      wasm: guest((text) =>
        callback(
          "proxy_on_request_headers",
          logAnswer(`(call $proxy_get_header_map_value (i32.const 0) ${text(":path")}`),
        ),
      ),
      intercept: (name, original) => {
        if (name !== "proxy_get_header_map_value") return original;
        return () => {
          calls.push(name);
          return 1;
        };
      },
    });
    expect(texts((await host.request()).logs)).toEqual(["01"]);
    expect(calls).toEqual(["proxy_get_header_map_value"]);
  });
});

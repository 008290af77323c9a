// Envoy's log: entries, lines of plugins, waiting, and errors made of it.
import { expect, test } from "vitest";

import { startError } from "../../src/envoy/error.ts";
import { EnvoyLog } from "../../src/envoy/log.ts";

const head = (
  level: string,
  component = "wasm",
  source = "source/extensions/common/wasm/context.cc:1151",
): string => `[2026-11-25 02:50:22.787][19111][${level}][${component}] [${source}] `;

function logOf(...texts: string[]): EnvoyLog {
  const log = new EnvoyLog();
  for (const text of texts) log.write(Buffer.from(text));
  return log;
}

test("a line is taken apart", () => {
  const log = logOf(`${head("warning", "main")}caught ENVOY_SIGTERM\n`);
  expect(log.entries).toEqual([
    {
      ...{ time: "2026-11-25 02:50:22.787", thread: 19111, level: "warning", component: "main" },
      ...{ message: "caught ENVOY_SIGTERM", text: `${head("warning", "main")}caught ENVOY_SIGTERM` },
    },
  ]);
  expect(log.wasm).toEqual([]);
});

test.each([
  ["wasm log plugin root vm: hello", "plugin root vm", "hello"],
  ["wasm log root vm: a: b", "root vm", "a: b"],
  ["wasm log: x", "", "x"],
  ["wasm log: ", "", ""],
  ["wasm log p:  two spaces", "p", " two spaces"],
])("a plugin's line %j is prefix %j and text %j", (message, prefix, text) => {
  expect(logOf(`${head("info")}${message}\n`).wasm).toEqual([{ level: "info", prefix, text }]);
});

test("Envoy's own words in the wasm component are no plugin's", () => {
  const log = logOf(`${head("error")}Function: proxy_on_tick failed: Uncaught RuntimeError: unreachable\n`);
  expect([log.entries.length, log.wasm.length]).toEqual([1, 0]);
});

test("a message of several lines is one entry, wherever the output is cut", () => {
  const text = `${head("error")}wasm log p: a\n\nb [x] é\n${head("info")}wasm log p: c\n`;
  const bytes = Buffer.from(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const log = new EnvoyLog();
    log.write(bytes.subarray(0, cut));
    log.write(bytes.subarray(cut));
    expect(log.wasm.map((line) => line.text)).toEqual(["a\n\nb [x] é", "c"]);
    expect(log.text).toBe(text);
  }
});

test("bytes that are no UTF-8 do not hurt", () => {
  const log = new EnvoyLog();
  log.write(Buffer.concat([Buffer.from(`${head("info")}wasm log p: a`), Buffer.from([0, 0xc0, 0xff, 10])]));
  expect(log.wasm[0]?.text).toBe("a\0\ufffd\ufffd");
});

test("output that does not come from the logger is kept line by line, also after V8's last words", () => {
  const log = logOf(
    "PARSE ERROR: x\n  detail\n",
    `${head("info", "main")}hi\n`,
    "# Fatal error in , line 0\n# boo\n",
  );
  expect(log.entries.map((entry) => [entry.component, entry.message])).toEqual([
    ["stderr", "PARSE ERROR: x"],
    ["stderr", "  detail"],
    ["main", "hi"],
    ["stderr", "# Fatal error in , line 0"],
    ["stderr", "# boo"],
  ]);
  expect(log.lines).toHaveLength(5);
});

test("a last line without its end is not lost", () => {
  const log = logOf(`${head("info")}wasm log p: cut`);
  expect(log.entries).toEqual([]);
  log.end("gone");
  expect(log.wasm[0]?.text).toBe("cut");
});

test("waiting finds what is there already and what comes later, by text, pattern or function", async () => {
  const log = logOf(`${head("info")}wasm log p: first\n`);
  expect((await log.waitFor("first")).wasm?.text).toBe("first");
  const later = [
    log.waitFor("second"),
    log.waitFor(/sec.nd$/g),
    log.waitFor((entry) => entry.level === "error"),
    log.waitFor("first", 1000, log.length),
  ];
  log.write(Buffer.from(`${head("error")}wasm log p: not the first but the second\n`));
  for (const entry of await Promise.all(later)) expect(entry.level).toBe("error");
});

test("waiting for a line that is still growing ends when the rest is there", async () => {
  const log = logOf(`${head("info")}wasm log p: one\n`);
  const waiting = log.waitFor(/two/);
  log.write(Buffer.from("two\n"));
  expect((await waiting).wasm?.text).toBe("one\ntwo");
});

test("waiting in vain ends with what the log did show", async () => {
  const log = logOf(`${head("info")}wasm log p: something else\n`);
  await expect(log.waitFor(/never/, 10)).rejects.toThrow(
    /Envoy's log did not show \/never\/: not within 10 ms\. Its last lines:\n.*something else/,
  );
  await expect(log.waitFor(() => false, 10, 1)).rejects.toThrow(
    /did not show an entry that fits after entry 1/,
  );
  const waiting = log.waitFor("never");
  log.end("Envoy is gone (signal SIGSEGV)");
  await expect(waiting).rejects.toThrow(/never: Envoy is gone \(signal SIGSEGV\)/);
  await expect(log.waitFor("never")).rejects.toThrow(/Envoy is gone/);
});

test("the error of a failed start has the errors and the plugin's own lines, but no stack frames", () => {
  const log = logOf(
    `${head("debug")}Base Wasm created 1 now active\n`,
    `${head("info")}wasm log: mode is missing\n`,
    `${head("error")}Wasm VM failed Failed to configure base Wasm plugin\n`,
    `${head("critical", "backtrace", "./source/server/backtrace.h:173")}Caught Segmentation fault\n`,
    `${head("critical", "backtrace", "./source/server/backtrace.h:98")}#0: __restore_rt [0x7f]\n`,
  );
  const { message, exit } = startError("It ended", log, { code: null, signal: "SIGSEGV" });
  expect(message).toMatch(
    /^It ended\.\n.*mode is missing\n.*Failed to configure.*\n.*Caught Segmentation fault\n/,
  );
  expect(message).not.toMatch(/Base Wasm|restore_rt/);
  expect(message).toMatch(/start section[^]*onConfigure returned false/);
  expect(exit?.signal).toBe("SIGSEGV");
});

test.each([
  ["Failed to load Wasm module due to a missing import: env.abort", /build it without that import/],
  ["Wasm VM failed Missing or unknown Proxy-Wasm ABI version", /proxy_abi_version_0_2_1/],
  ["Function: _initialize failed: Uncaught Error: restricted_callback", /move the call into onVmStart/],
  [
    "Didn't find a registered implementation for 'x' with type URL: 'envoy...wasm.v3.Wasm'",
    /without the V8 engine/,
  ],
  ["Protobuf message (...) has unknown fields", /does not know/],
  ["cannot bind '127.0.0.1:80': Address already in use", /use port 0/],
  ["envoy: /lib/libc.so.6: version `GLIBC_2.38' not found", /newer C library/],
])("to %j there is advice", (said, advice) => {
  expect(startError("It ended", logOf(`${said}\n`)).message).toMatch(advice);
});

test("an error stays readable when Envoy quotes a whole configuration", () => {
  const { message } = startError("It ended", logOf(`${head("critical", "main")}${"x".repeat(100_000)}\n`));
  expect(message.length).toBeLessThan(3000);
  expect(message).toMatch(/more characters in the log/);
});

test("an error without output says so", () => {
  expect(startError("It ended", new EnvoyLog()).message).toBe("It ended.\n(no output)");
});

// serve --watch: a changed module is taken without dropping a connection, a bad one is not.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { atEnd, serve, temporaryFolder } from "./support.ts";
import { callback, guest, logAnswer, logText } from "../host/guest.ts";
import { header } from "../support/bytes.ts";
import { Http1Connection } from "../support/http-client.ts";

/** Marks responses with its version; holds requests to /held for ever, until their body ends. */
const version = (name: string, answer = 1) =>
  guest(
    (text) =>
      callback("proxy_on_configure", logText(text(`start ${name}`)), answer) +
      callback(
        "proxy_on_done",
        `(if (i32.eq (local.get 0) (i32.const 1)) (then ${logText(text(`end ${name}`))}))`,
        1,
      ) +
      callback(
        "proxy_on_response_headers",
        `(drop (call $proxy_add_header_map_value (i32.const 2) ${text("x-version")} ${text(name)}))`,
      ),
  );

test("a new module serves new streams, and streams under way finish on the old one", async () => {
  const file = join(temporaryFolder(), "filter.wasm");
  writeFileSync(file, version("one"));
  const { port, lines, line } = await serve(file, { watch: true });
  const connection = await Http1Connection.open(port);
  const slow = await Http1Connection.open(port);
  atEnd(() => connection.close());
  atEnd(() => slow.close());
  const get = async () => header((await connection.request({ path: "/" })).headers, "x-version");
  expect(await get()).toBe("one");
  await slow.write(["POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\na"]);
  await expect.poll(get).toBe("one");
  writeFileSync(file, version("two"));
  await line(/reloaded filter.wasm \(\d+ bytes\)/);
  expect(await get(), "the same connection, the new filter").toBe("two");
  expect(lines).not.toContain("[1 root] info end one");
  await slow.write(["b"]);
  expect(header((await slow.read("POST")).headers, "x-version")).toBe("one");
  await line(/\[1 root\] info end one/);
  expect(await get()).toBe("two");
  expect(lines.filter((each) => each.includes("info start"))).toEqual([
    "[1 root] info start one",
    "[1 root] info start two",
  ]);
});

test("what does not load, or is refused, leaves the old filter in place and says why", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "filter.wasm");
  writeFileSync(file, version("good"));
  const { port, line, lines } = await serve(file, { watch: true });
  const get = async () => {
    const connection = await Http1Connection.open(port);
    const response = await connection.request();
    connection.close();
    return header(response.headers, "x-version");
  };
  writeFileSync(file, "half a module");
  await line(/error filter.wasm is not taken: \[invalid-module\] .*\n {2}The filter that runs stays\./);
  expect(await get()).toBe("good");
  writeFileSync(file, version("refusing", 0));
  await line(/is not taken: \[configure-refused\] proxy_on_configure returned 0[^]*start refusing/);
  expect(await get()).toBe("good");
  expect(lines.join()).not.toContain("[1 root] info start refusing");
  writeFileSync(file, version("better"));
  await line(/reloaded/);
  expect(await get()).toBe("better");
});

test("a file that goes away and comes back unchanged is no new module; a changed configuration is", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "build"));
  const [file, spare, config] = [
    join(folder, "build/filter.wasm"),
    join(folder, "spare.wasm"),
    join(folder, "config.txt"),
  ];
  writeFileSync(
    spare,
    guest(() =>
      callback(
        "proxy_on_configure",
        logAnswer("(call $proxy_get_buffer_bytes (i32.const 7) (i32.const 0) (i32.const -1)"),
      ),
    ),
  );
  copyFileSync(spare, file);
  writeFileSync(config, "first");
  const { lines, line } = await serve(file, { watch: true, configuration: { file: config } });
  expect(lines[1]).toBe("[1 root] info first");
  copyFileSync(spare, file);
  writeFileSync(config, "second");
  await line(/\[1 root\] info second/);
  await line(/reloaded/);
  expect(lines.filter((each) => each.startsWith("reloaded")).length).toBe(1);
});

// Images in a real registry (docker-registry, where it is installed): pushed and pulled, with a password and without.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { buildFile } from "../tests/support/asc.ts";
import { command } from "../tests/commands/support.ts";

/** Whether a program is there. */
function has(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
}

const folder = mkdtempSync(join(tmpdir(), "registry-e2e-"));
const running: ChildProcess[] = [];
let wasm: Buffer;
afterAll(() => {
  for (const each of running) each.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a registry; `auth` is that part of its configuration. Returns its host. */
async function start(name: string, auth = ""): Promise<string> {
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, `${name}.yml`);
  writeFileSync(
    config,
    `version: 0.1\nstorage: {filesystem: {rootdirectory: ${join(folder, name)}}}\nhttp: {addr: "${host}"}\n${auth}`,
  );
  running.push(spawn("docker-registry", ["serve", config], { stdio: "ignore" }));
  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      get(`http://${host}/v2/`, (response) => resolve(response.resume().statusCode !== undefined)).on(
        "error",
        () => resolve(false),
      );
    });
  await expect.poll(answers, { timeout: 20_000 }).toBe(true);
  return host;
}

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  command(args, { cwd: folder, env: { PATH: process.env["PATH"], HOME: folder, ...env } });

describe.skipIf(!has("docker-registry"))("in docker-registry", () => {
  beforeAll(async () => {
    wasm = readFileSync(await buildFile("examples/hello/assembly/index.ts"));
    writeFileSync(join(folder, "filter.wasm"), wasm);
  });

  test("both layouts, a large module in chunks, and again: pulled byte for byte, by tag and by digest", async () => {
    const host = await start("open");
    const large = Buffer.concat([
      wasm,
      Buffer.from([0, 0x80, 0x80, 0x80, 0x08]),
      Buffer.alloc(0x1000000, "\x01a"),
    ]);
    writeFileSync(join(folder, "large.wasm"), large);
    for (const [file, bytes] of [
      ["filter.wasm", wasm],
      ["large.wasm", large],
    ] as const) {
      for (const layout of ["compat", "artifact"]) {
        const image = `oci://${host}/team/${layout}:1.0`;
        const pushed = await run(["push", file, image, "--layout", layout, "--json"]);
        expect([pushed.code, pushed.err]).toEqual([0, ""]);
        const { digest, url } = JSON.parse(pushed.out) as { digest: string; url: string };
        const again = JSON.parse(
          (await run(["push", file, image, "--layout", layout, "--json"])).out,
        ) as object;
        expect(again).toMatchObject({ digest });
        for (const name of [image, url]) {
          const pulled = await run(["pull", name, "-o", "pulled.wasm", "--json"]);
          expect(pulled.err).toBe("");
          expect(JSON.parse(pulled.out)).toMatchObject({ digest, istioRefuses: null });
          expect(readFileSync(join(folder, "pulled.wasm")).equals(bytes)).toBe(true);
        }
      }
    }
    const none = await run(["pull", `oci://${host}/team/absent:1.0`]);
    expect([none.code, none.err]).toEqual([1, expect.stringContaining("has no team/absent:1.0")]);
  });

  test.skipIf(!has("htpasswd"))(
    "with a password: without it, with a wrong one, and with the right one",
    async () => {
      execFileSync("htpasswd", ["-Bbc", join(folder, "htpasswd"), "ada", "secret"], { stdio: "ignore" });
      const realm = "https://registry.example.com/";
      const host = await start(
        "auth",
        `auth: {htpasswd: {realm: "${realm}", path: "${join(folder, "htpasswd")}"}}\n`,
      );
      const image = `oci://${host}/team/filter:1.0`;
      const as = (login: string): Record<string, string> => {
        mkdirSync(join(folder, ".docker"), { recursive: true });
        const auths = { [host]: { auth: Buffer.from(login).toString("base64") } };
        writeFileSync(join(folder, ".docker/config.json"), JSON.stringify({ auths }));
        return {};
      };
      expect((await run(["push", "filter.wasm", image])).err).toMatch(/nobody is logged in/);
      expect((await run(["push", "filter.wasm", image], as("ada:wrong"))).err).toMatch(
        /refuses the user name or the password/,
      );
      expect((await run(["push", "filter.wasm", image], as("ada:secret"))).code).toBe(0);
      expect((await run(["pull", image, "-o", "with-password.wasm"])).code).toBe(0);
      expect(readFileSync(join(folder, "with-password.wasm")).equals(wasm)).toBe(true);
    },
  );
});

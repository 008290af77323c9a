// The opt-in for those who want more of WASI: @assemblyscript/wasi-shim beside the preset, untouched.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { npmProject, pack, type UserFolder } from "../support/pack.ts";
import { filter } from "./filter.ts";
import { inspect } from "./inspect.ts";

let project: UserFolder;

beforeAll(async () => {
  project = await npmProject(await pack());
  await project.run("npm", "install", "@assemblyscript/wasi-shim@0.1.0");
}, 120_000);

afterAll(() => project?.remove());

async function imports(source: string): Promise<string[]> {
  project.write({ "assembly/index.ts": source });
  await project.run("node_modules/.bin/asc");
  return inspect(join(project.path, "build/filter.wasm")).imports;
}

test("standard output by the shim's process adds fd_write alone", async () => {
  const plain = await imports(filter(`console.log("x");`));
  const shim = `import { wasi_process } from "@assemblyscript/wasi-shim/assembly/wasi_process";`;
  const own = await imports(filter(`console.log("x"); wasi_process.stdout.write("y");`, shim));
  expect(own).toEqual([...plain, "wasi_snapshot_preview1.fd_write"]);
});

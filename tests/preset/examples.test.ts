// Every example as its folder has it: with its own asconfig, for both targets.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { repository, runAsc } from "../support/asc.ts";
import { inspect } from "./inspect.ts";

const folder = join(repository, "examples");
const EXAMPLES = readdirSync(folder).filter((name) => existsSync(join(folder, name, "asconfig.json")));

test.each(EXAMPLES.flatMap((name) => ["release", "debug"].map((target) => [name, target] as const)))(
  "%s builds for %s",
  async (name, target) => {
    const path = join(folder, name);
    const asconfig = JSON.parse(readFileSync(join(path, "asconfig.json"), "utf8")) as {
      targets: Record<string, { outFile?: string } | undefined>;
    };
    expect(asconfig.targets[target]?.outFile).toMatch(/\.wasm$/);
    // Not where the asconfig says: other tests run what is there.
    const outFile = join(repository, "build/tests/examples", `${name}.${target}.wasm`);
    rmSync(outFile, { force: true });
    expect(await runAsc(path, ["--target", target, "--outFile", outFile])).toEqual({ code: 0, output: "" });
    const facts = inspect(outFile);
    expect(facts.exports).toContain("_initialize");
    expect(facts.hasStartSection).toBe(false);
  },
);

test("there are examples", () => {
  expect(EXAMPLES).toContain("hello");
});

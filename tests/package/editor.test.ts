// What an editor shows: tsc over a user's filter and over the package's own sources, which it checks as well.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { repository } from "../support/asc.ts";
import { npmProject, pack, type UserFolder } from "../support/pack.ts";

let project: UserFolder;

beforeAll(async () => {
  project = await npmProject(await pack());
}, 120_000);

afterAll(() => project?.remove());

/** What tsc says, line by line, about a project with this tsconfig in its folder `assembly`. */
function tsc(tsconfig: unknown, folder = "assembly"): Promise<string[]> {
  project.write({ [`${folder}/tsconfig.json`]: tsconfig });
  const args = [join(repository, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", folder];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: project.path }, (error, stdout) => {
      if (error && typeof error.code !== "number") reject(error);
      else resolve(stdout.split("\n").filter((line) => line !== ""));
    });
  });
}

const STRICT = {
  strict: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitReturns: true,
  noImplicitOverride: true,
};

/** The filter of the examples leaves its parameters unused, as filters do: they are part of the signature. */
const UNUSED = /^assembly\/index\.ts\(\d+,\d+\): error TS6133: '(?:numHeaders|endOfStream)' is declared but its value is never read\.$/;

test("the usual tsconfig of a filter gives no error", async () => {
  const tsconfig = { extends: "assemblyscript/std/assembly.json", include: ["./**/*.ts"] };
  expect(await tsc(tsconfig)).toEqual([]);
});

test("the strictest flags of a user find nothing in the package", async () => {
  const lines = await tsc({
    extends: "assemblyscript/std/assembly.json",
    compilerOptions: STRICT,
    include: ["./**/*.ts"],
  });
  expect(lines.filter((line) => !UNUSED.test(line))).toEqual([]);
});

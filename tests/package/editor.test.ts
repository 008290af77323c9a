// What an editor shows: tsc over a user's filter and over the package's own sources, which it checks as well.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { repository } from "../support/asc.ts";
import { HELLO, npmProject, pack, type UserFolder } from "../support/pack.ts";

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

const FILTER = { extends: "assemblyscript/std/assembly.json", include: ["./**/*.ts"] };

test("the usual tsconfig of a filter gives no error", async () => {
  expect(await tsc(FILTER)).toEqual([]);
});

test("tsc sees the filter: a misspelt callback is an error with a hint", async () => {
  const misspelt = HELLO.replace("onResponseHeaders", "onResponseHeader");
  project.write({ "misspelt/index.ts": misspelt });
  const lines = await tsc(FILTER, "misspelt");
  expect(lines.filter((line) => line.startsWith("misspelt/index.ts")).join()).toMatch(
    /TS4117: .*Did you mean 'onResponseHeaders'\?/,
  );
});

test("a user's strict flags find nothing in the package", async () => {
  const compilerOptions = {
    ...{ strict: true, noImplicitReturns: true, noImplicitOverride: true },
    ...{ noUnusedLocals: true, noUnusedParameters: true },
  };
  // A filter leaves parameters unused, since an override repeats the signature in full: the user's own affair.
  const unused = /^assembly\/index\.ts\(\d+,\d+\): error TS6133: '(?:numHeaders|endOfStream)' /;
  const lines = await tsc({ ...FILTER, compilerOptions });
  expect(lines.filter((line) => !unused.test(line))).toEqual([]);
});

test("the package's name is found by a bundler's module resolution", async () => {
  const compilerOptions = { module: "esnext", moduleResolution: "bundler" };
  expect(await tsc({ ...FILTER, compilerOptions })).toEqual([]);
});

test("the package's name is found by Node's module resolution, which then misses file endings", async () => {
  // AssemblyScript's imports have no endings, which nodenext wants: guest and Node code need a tsconfig each.
  const lines = await tsc({
    ...FILTER,
    compilerOptions: { module: "nodenext", moduleResolution: "nodenext" },
  });
  expect(lines.filter((line) => line.includes("TS2307"))).toEqual([]);
  expect(
    lines.filter((line) => /^node_modules\/proxy-wasm-as\/index\.ts.* TS283[45]:/.test(line)),
  ).toHaveLength(1);
});

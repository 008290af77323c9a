// Two suites: `unit` needs Node alone, `e2e` needs a real Envoy (found or installed by src/envoy).
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

// ASC=folder/of/assemblyscript has the tests of the transform run with another version of asc, for example 0.28.0:
//   npm install --prefix build/asc assemblyscript@0.28.0
//   ASC=build/asc/node_modules/assemblyscript npx vitest run tests/transform/closures
const asc = process.env.ASC;
const alias = asc
  ? [
      { find: /^assemblyscript\/asc$/, replacement: resolve(asc, "dist/asc.js") },
      { find: /^assemblyscript$/, replacement: resolve(asc, "dist/assemblyscript.js") },
    ]
  : [];

export default defineConfig({
  test: {
    // One at a time: with two, some tests were seen to run examples that others were building.
    maxWorkers: 1,
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/**/*.test.ts", "examples/**/*.test.ts"],
          testTimeout: 60_000,
          alias,
        },
      },
      { test: { name: "e2e", include: ["e2e/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 } },
    ],
  },
});

// What each feature of AssemblyScript's standard library that needs the system adds to a module's imports.
import { expect, test } from "vitest";

import { buildFilter } from "../support/asc.ts";
import { filter } from "./filter.ts";
import { inspect } from "./inspect.ts";

/** What {@link filter} with `console.log` imports. */
const PLAIN = ["env.proxy_get_log_level", "env.proxy_log"];

/** Statements, and the functions of `wasi_snapshot_preview1` that they need. */
const FEATURES: readonly [statements: string, ...functions: string[]][] = [
  [`console.warn("x"); console.assert(numHeaders > 0, "x"); console.log(process.argv.length.toString());`],
  [`trace("x", 1, numHeaders); assert(numHeaders > 1, "x"); if (numHeaders > 2) throw new Error("x");`],
  [`console.log(new Date(Date.now()).toISOString());`, "clock_time_get"],
  // Reading a date asks no clock, and gives what the filter calls a Date.
  [
    `const d: Date[] = [Date.parse("2020-01-01"), Date.fromString("2020-01-01")]; console.log(d[1].toISOString());`,
  ],
  [`console.log(performance.now().toString());`, "clock_time_get"],
  [`console.log((process.hrtime() + process.time()).toString());`, "clock_time_get"],
  [`console.time("t"); console.timeLog("t"); console.timeEnd("t");`, "clock_time_get"],
  [`console.log(Math.random().toString());`, "random_get"],
  [`const a = new Uint8Array(8); crypto.getRandomValues(a); console.log(a.toString());`, "random_get"],
  [`if (process.env.has("A")) console.log(process.env.get("A"));`, "environ_get", "environ_sizes_get"],
];

function imports(functions: Iterable<string>): string[] {
  return [...PLAIN, ...[...functions].map((name) => `wasi_snapshot_preview1.${name}`)];
}

test("a plain filter imports nothing of WASI", async () => {
  expect(inspect(await buildFilter(filter(`console.log("x");`))).imports).toEqual(PLAIN);
});

test.each(FEATURES)("%s", async (statements, ...functions) => {
  const facts = inspect(await buildFilter(filter(statements)));
  expect(facts.imports).toEqual(imports(functions));
});

test("together they import each function once", async () => {
  const facts = inspect(await buildFilter(filter(FEATURES.map(([each]) => `{ ${each} }`).join("\n"))));
  const functions = new Set(FEATURES.flatMap(([, ...names]) => names).sort());
  expect(facts.imports).toEqual(imports(functions));
});

// `npm run fuzz:heap`: random work on the guest's memory manager and collector until time is up or something is found.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

import { setUp } from "./setup.mjs";

const USAGE = `Usage: npm run fuzz:heap -- [--minutes N] [--seed S]

  --minutes N  how long, 10 by default
  --seed S     where to begin; random by default. A failure names its seed`;

function options() {
  try {
    const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });
    const minutes = Number(values.minutes ?? 10);
    const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
    if (minutes > 0 && Number.isInteger(seed) && seed >= 0) return { minutes, seed };
    console.error(USAGE);
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
  }
  process.exit(2);
}

const { minutes, seed } = options();
setUp();
const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--project", "unit", "tests/guest/heap.test.ts"],
  { stdio: "inherit", env: { ...process.env, HEAP_MINUTES: String(minutes), HEAP_SEED: String(seed) } },
);
process.exitCode = status ?? 1;

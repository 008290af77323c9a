// `npm run bench`: sets up, compiles the benchmark and starts it. README.md says what it measures and how.
import { rmSync } from "node:fs";

import { root, run, setUp } from "../scripts/setup.mjs";

setUp();
rmSync(`${root}build/bench/js`, { recursive: true, force: true });
const tsc = `${root}node_modules/typescript/bin/tsc`;
if (!run(process.execPath, [tsc, "-p", "bench/tsconfig.json"])) process.exit(1);
const { main } = await import("../build/bench/js/bench/main.js");
process.exitCode = await main(process.argv.slice(2));

// Builds every example, as its README says: `npx asc` in its folder.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { root } from "./setup.mjs";

/** The names of the examples. */
export function examples() {
  return readdirSync(`${root}examples`).filter((name) => existsSync(`${root}examples/${name}/asconfig.json`));
}

/** Builds one example; what asc prints is shown. Returns whether it went well. */
export function buildExample(name) {
  const asc = `${root}node_modules/assemblyscript/bin/asc.js`;
  const cwd = `${root}examples/${name}`;
  return spawnSync(process.execPath, [asc, "--target", "release"], { cwd, stdio: "inherit" }).status === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = examples().map(buildExample).every(Boolean) ? 0 : 1;
}

// What a fresh clone needs before anything runs: the packages, and the tools compiled to dist/.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command in the repository and shows what it prints. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) throw result.error;
  return result.status === 0;
}

/** Runs a command that must go well; otherwise the process ends with its message on the screen. */
function need(command, args) {
  if (!run(command, args)) {
    console.error(`\n${[command, ...args].join(" ")} failed; what it printed above says why.`);
    process.exit(1);
  }
}

function isOlder(path, than) {
  return !existsSync(path) || statSync(path).mtimeMs < statSync(than).mtimeMs;
}

/** Installs the packages if they are missing or older than the lock file, and compiles src/ to dist/. */
export function setUp() {
  if (isOlder(`${root}node_modules/.package-lock.json`, `${root}package-lock.json`)) {
    need("npm", ["ci", "--no-audit", "--no-fund"]);
  }
  compile();
}

/** Compiles src/ to dist/. */
export function compile() {
  need(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", "src/tsconfig.json"]);
}

// Builds Istio's own judgement (main.go) into the user's cache folder, and says where it is.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const SOURCES = ["go.mod", "main.go"];

/** Where the program is, or would be: another source is another program. */
export function refereePath() {
  const hash = createHash("sha256");
  for (const file of SOURCES) hash.update(readFileSync(join(folder, file)));
  const cache = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), ".cache");
  return join(cache, "proxy-wasm-as/istio-referee", hash.digest("hex").slice(0, 16), "istio-referee");
}

/** Whether the program is there. */
export function hasReferee() {
  return existsSync(refereePath());
}

/** Whether it could be built: Go is there, of the version that go.mod asks for or newer. */
export function goProblem() {
  const wanted = /^go (\d+)\.(\d+)/m.exec(readFileSync(join(folder, "go.mod"), "utf8")) ?? [];
  let version;
  try {
    version = execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" }).trim();
  } catch {
    return "Go is not installed";
  }
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  const old = Number(major) < Number(wanted[1]) || (major === wanted[1] && Number(minor) < Number(wanted[2]));
  return old ? `${version} is older than ${wanted[0]}` : undefined;
}

/** Builds it. Minutes of work and 1.3 GB of Go's caches the first time. */
export function buildReferee() {
  const target = refereePath();
  const work = mkdtempSync(join(tmpdir(), "istio-referee-"));
  try {
    for (const file of SOURCES) copyFileSync(join(folder, file), join(work, file));
    const env = { ...process.env, GOFLAGS: "-mod=mod" };
    const binary = join(work, "istio-referee");
    const { status } = spawnSync("go", ["build", "-o", binary, "."], { cwd: work, env, stdio: "inherit" });
    if (status !== 0) return false;
    mkdirSync(join(target, ".."), { recursive: true });
    const next = `${target}.${process.pid}`;
    copyFileSync(binary, next);
    renameSync(next, target);
    return true;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

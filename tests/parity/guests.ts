// The modules of the parity cases: the probe, built as it stands, and guests of the library's own tests.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { buildFile, repository, runAsc } from "../support/asc.ts";
import type { Guest } from "./case.ts";

const built = new Map<Guest, Promise<string>>();

/** Path of the module; each is built once. */
export function guestModule(guest: Guest): Promise<string> {
  let path = built.get(guest);
  if (path === undefined) {
    path = guest === "probe" ? buildProbe() : buildFile(`tests/guest/assembly/${guest}.ts`);
    built.set(guest, path);
  }
  return path;
}

async function buildProbe(): Promise<string> {
  const folder = join(repository, "tests/parity/assembly");
  const hash = createHash("sha256");
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  const path = join(repository, "build/tests", `probe-${hash.digest("hex").slice(0, 16)}.wasm`);
  if (existsSync(path)) return path;
  mkdirSync(join(repository, "build/tests"), { recursive: true });
  const work = `${path}.${process.pid}`;
  const { code, output } = await runAsc(folder, ["--outFile", work]);
  if (code !== 0) throw new Error(`asc failed:\n${output}`);
  renameSync(work, path);
  return path;
}

// What it takes to build the filters of another SDK, once.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { PeerName } from "../arguments.ts";
import { FILTERS, type FilterName, type Module } from "../modules.ts";
import { repository, work } from "../places.ts";

/** An SDK to compare with, whose sources stand in a folder of its name beside this file. */
export interface Peer {
  readonly id: PeerName;
  /** What the build depends on besides the sources, such as the compiler's version. Rejects if it is not there. */
  toolchain(folder: string): Promise<string>;
  /** Builds in a folder that holds the sources; says where a module is then. Rejects with the reason if it cannot. */
  build(folder: string): Promise<(filter: FilterName) => string>;
  /** Names and versions of what was built, read after the build. */
  versions(folder: string): Promise<Readonly<Record<string, string>>>;
}

/** The modules of a peer, and the versions they were built with. */
export interface PeerBuild {
  readonly modules: readonly Module[];
  readonly versions: Readonly<Record<string, string>>;
}

interface BuildRecord {
  readonly key: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Builds the filters, or takes those of an earlier run if nothing has changed. */
export async function buildPeer(peer: Peer, progress: (line: string) => void): Promise<PeerBuild> {
  const folder = join(work, "peers", peer.id);
  const sources = join(repository, "bench/peers", peer.id);
  mkdirSync(folder, { recursive: true });
  const key = fingerprint(sources, await peer.toolchain(folder));
  const modules = FILTERS.map((filter): Module => {
    return { sdk: peer.id, filter, wasm: join(folder, "modules", `${filter}.wasm`) };
  });
  const record = join(folder, "built.json");
  const known = read(record);
  if (known?.key === key && modules.every((module) => existsSync(module.wasm))) {
    return { modules, versions: known.versions };
  }
  progress(`building the filters of ${peer.id}`);
  rmSync(record, { force: true });
  cpSync(sources, folder, { recursive: true });
  const place = await peer.build(folder);
  mkdirSync(join(folder, "modules"), { recursive: true });
  for (const { filter, wasm } of modules) cpSync(place(filter), wasm);
  const versions = await peer.versions(folder);
  writeFileSync(record, JSON.stringify({ key, versions } satisfies BuildRecord));
  return { modules, versions };
}

function fingerprint(sources: string, toolchain: string): string {
  const hash = createHash("sha256").update(toolchain);
  const files = readdirSync(sources, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

function read(path: string): BuildRecord | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as BuildRecord) : undefined;
}

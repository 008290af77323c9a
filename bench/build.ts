// Builds everything that is compared; an SDK that cannot be built here is passed over, with the reason.
import type { PeerName } from "./arguments.ts";
import type { Module } from "./modules.ts";
import { buildOurs } from "./ours.ts";
import { gcore } from "./peers/gcore.ts";
import { go } from "./peers/go.ts";
import { buildPeer, type Peer } from "./peers/peer.ts";
import { rust } from "./peers/rust.ts";
import { buildWat } from "./peers/wat.ts";

export interface Build {
  readonly modules: readonly Module[];
  /** Of the other SDKs and their compilers. */
  readonly versions: Readonly<Record<string, string>>;
  /** One line for each SDK that is missing: which, and why. */
  readonly skipped: readonly string[];
}

const PEERS: Readonly<Record<PeerName, Peer>> = { rust, gcore, go };

/** Rejects only if this repository's own filters cannot be built. */
export async function build(peers: readonly PeerName[], progress: (line: string) => void): Promise<Build> {
  progress("building the filters of this repository");
  const modules: Module[] = [...(await buildOurs()), ...(await buildWat())];
  const versions: Record<string, string> = {};
  const skipped: string[] = [];
  for (const id of peers) {
    try {
      const built = await buildPeer(PEERS[id], progress);
      modules.push(...built.modules);
      Object.assign(versions, built.versions);
    } catch (error) {
      const line = `without ${id}: ${(error as Error).message}`;
      skipped.push(line);
      progress(line);
    }
  }
  return { modules, versions, skipped };
}

// This package's own package.json, found from src/ and from dist/ alike.
import { readFileSync } from "node:fs";

/** The parts that tools need. */
export interface OwnManifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: { readonly assemblyscript: string };
  /** Its compiler is the newest that was tested. */
  readonly devDependencies: { readonly assemblyscript: string };
}

export function ownManifest(): OwnManifest {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as OwnManifest;
}

// The Go SDK, with the standard Go compiler.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { command } from "../command.ts";
import { FILTERS } from "../modules.ts";
import type { Peer } from "./peer.ts";

export const go: Peer = {
  id: "go",

  toolchain(folder) {
    return command("go", ["env", "GOVERSION"], { cwd: folder, env: environment() });
  },

  async build(folder) {
    for (const filter of FILTERS) {
      await command("go", ["build", "-buildmode=c-shared", "-o", `${filter}.wasm`, `./${filter}`], {
        cwd: folder,
        env: { ...environment(), GOOS: "wasip1", GOARCH: "wasm" },
      });
    }
    return (filter) => join(folder, `${filter}.wasm`);
  },

  async versions(folder) {
    const [, sdk = ""] = /proxy-wasm-go-sdk (\S+)/.exec(readFileSync(join(folder, "go.mod"), "utf8")) ?? [];
    const version = await command("go", ["env", "GOVERSION"], { cwd: folder, env: environment() });
    return { go: version.trim().replace(/^go/, ""), "proxy-wasm-go-sdk": sdk };
  },
};

/** Checksums are written at build time; another compiler than the installed one is never fetched. */
function environment(): Record<string, string> {
  return { GOFLAGS: `${process.env.GOFLAGS ?? ""} -mod=mod`.trim(), GOTOOLCHAIN: "local", GOWORK: "off" };
}

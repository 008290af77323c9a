// The AssemblyScript SDK of G-Core, with the compiler and the flags of its own examples.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { command } from "../command.ts";
import { FILTERS } from "../modules.ts";
import type { Peer } from "./peer.ts";

export const gcore: Peer = {
  id: "gcore",

  toolchain() {
    // package.json among the sources names exact versions.
    return Promise.resolve("");
  },

  async build(folder) {
    await command("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund", "--fetch-retries=1"], {
      cwd: folder,
    });
    for (const filter of FILTERS) {
      const asc = join(folder, "node_modules/assemblyscript/bin/asc.js");
      const to = ["--target", "release", "--outFile", `${filter}.wasm`, "--noColors"];
      await command(process.execPath, [asc, `assembly/${filter}.ts`, ...to], { cwd: folder });
    }
    return (filter) => join(folder, `${filter}.wasm`);
  },

  versions(folder) {
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const { assemblyscript = "", ...rest } = dependencies;
    return Promise.resolve({ ...rest, "assemblyscript for G-Core": assemblyscript });
  },
};

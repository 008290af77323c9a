// The Rust crate proxy-wasm.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { command } from "../command.ts";
import type { Peer } from "./peer.ts";

const TARGET = "wasm32-wasip1";

export const rust: Peer = {
  id: "rust",

  async toolchain(folder) {
    await command("cargo", ["--version"], { cwd: folder });
    return command("rustc", ["--version"], { cwd: folder });
  },

  async build(folder) {
    const libraries = await command("rustc", ["--print", "target-libdir", "--target", TARGET], {
      cwd: folder,
    });
    if (!existsSync(libraries.trim())) await command("rustup", ["target", "add", TARGET], { cwd: folder });
    await command("cargo", ["build", "--release", "--examples", "--target", TARGET], {
      cwd: folder,
      env: { CARGO_TARGET_DIR: join(folder, "target") },
    });
    return (filter) => join(folder, "target", TARGET, "release/examples", `${filter}.wasm`);
  },

  async versions(folder) {
    const lock = readFileSync(join(folder, "Cargo.lock"), "utf8");
    const packages = [...lock.matchAll(/^name = "(.*)"\nversion = "(.*)"$/gm)];
    return {
      rustc: (await command("rustc", ["--version"], { cwd: folder })).split(" ")[1] ?? "",
      ...Object.fromEntries(
        packages
          .filter(([, name]) => ["proxy-wasm", "log", "hashbrown"].includes(name ?? ""))
          .map(([, name = "", version = ""]) => [`crate ${name}`, version]),
      ),
    };
  },
};

// The first filter of the benchmark as other SDKs build it, from their registries, where their compilers are installed.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { repository } from "../../tests/support/asc.ts";

const RUST_TARGET = "wasm32-wasip1";
const TIMEOUT_MS = 280_000;

/** Path of the module, or why there is none. */
export type Peer = { readonly wasm: string } | { readonly missing: string };

async function run(
  cwd: string,
  env: Record<string, string>,
  program: string,
  ...args: string[]
): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, timeout: TIMEOUT_MS };
  return (await promisify(execFile)(program, args, options)).stdout;
}

/** The sources where the compiler may write beside them; what it made last time is still there. */
function workFolder(name: string): string {
  const folder = join(repository, "build/peers", name);
  mkdirSync(folder, { recursive: true });
  cpSync(join(repository, "bench/peers", name), folder, { recursive: true });
  return folder;
}

/** A filter with the crate proxy-wasm. A build that fails rejects; a compiler that is not there does not. */
export async function rustPeer(): Promise<Peer> {
  const folder = workFolder("rust");
  try {
    await run(folder, {}, "cargo", "--version");
    const libraries = await run(folder, {}, "rustc", "--print", "target-libdir", "--target", RUST_TARGET);
    if (!existsSync(libraries.trim())) await run(folder, {}, "rustup", "target", "add", RUST_TARGET);
  } catch (error) {
    return { missing: `no Rust for ${RUST_TARGET}: ${firstLine(error)}` };
  }
  const env = { CARGO_TARGET_DIR: join(folder, "target") };
  await run(
    folder,
    env,
    "cargo",
    "build",
    "--quiet",
    "--release",
    "--example",
    "f1",
    "--target",
    RUST_TARGET,
  );
  return { wasm: join(folder, "target", RUST_TARGET, "release/examples/f1.wasm") };
}

/** A filter with the Go SDK; as {@link rustPeer}. */
export async function goPeer(): Promise<Peer> {
  const folder = workFolder("go");
  // Another compiler than the one that is installed is not fetched.
  const env = { GOTOOLCHAIN: "local", GOWORK: "off", GOFLAGS: "-mod=mod" };
  try {
    await run(folder, env, "go", "version");
  } catch (error) {
    return { missing: `no Go: ${firstLine(error)}` };
  }
  const target = { ...env, GOOS: "wasip1", GOARCH: "wasm" };
  await run(folder, target, "go", "build", "-buildmode=c-shared", "-o", "f1.wasm", "./f1");
  return { wasm: join(folder, "f1.wasm") };
}

function firstLine(error: unknown): string {
  return (error as Error).message.split("\n", 1)[0] ?? "";
}

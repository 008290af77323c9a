// Builds the guests of the fuzzer, with the guest library as it is or with parts of its text replaced.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const asc = join(repository, "node_modules/assemblyscript/bin/asc.js");
const sources = fileURLToPath(new URL("assembly", import.meta.url));

/** Two MiB of memory, which a lying host soon fills. */
const TIGHT = { maximumMemory: 32 };

/**
 * What is fuzzed: each guest as users build it, some with asc's collectors, and some that soon run out of memory. With
 * asc's, the library can only go by its own limit, which is Envoy's: it is made as small as the memory.
 */
export const VARIANTS = [
  { name: "http", guest: "http" },
  { name: "roots", guest: "roots" },
  { name: "named", guest: "named" },
  { name: "late", guest: "late", literals: true },
  { name: "incremental", guest: "roots", build: { options: { runtime: "incremental" }, target: "quick" } },
  {
    name: "tight",
    guest: "roots",
    build: { options: TIGHT, target: "quick" },
    tight: true,
    largest: 400_000,
  },
  {
    name: "tight, minimal",
    guest: "roots",
    build: {
      changes: [{ file: "allocate.ts", from: "u64 = 1 << 30", to: "u64 = 1 << 21" }],
      options: { ...TIGHT, use: ["PROXY_WASM_AS_MINIMAL_RUNTIME=1"] },
      target: "quick",
    },
    tight: true,
    largest: 400_000,
  },
];

/** Everything that decides what a build gives. */
function fingerprint(folders) {
  const hash = createHash("sha256");
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
    }
  }
  for (const file of ["asconfig.json", "entry.ts", "node_modules/assemblyscript/package.json"]) {
    hash.update(readFileSync(join(repository, file)));
  }
  return hash;
}

/** A copy of the package in the project's own node_modules, where asc finds it first, with the changes made. */
function copyLibrary(project, changes) {
  const copy = join(project, "node_modules/proxy-wasm-as");
  for (const part of [
    "assembly",
    "dist/transform",
    "asconfig.json",
    "entry.ts",
    "index.ts",
    "envoy.ts",
    "package.json",
  ]) {
    cpSync(join(repository, part), join(copy, part), { recursive: true });
  }
  for (const { file, from, to } of changes) {
    const path = join(copy, "assembly", file);
    const text = readFileSync(path, "utf8");
    if (text.split(from).length !== 2) throw new Error(`assembly/${file} must have this text once: ${from}`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
}

function run(folder, target) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [asc, "--target", target], { cwd: folder });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`asc failed:\n${output}`))));
  });
}

/**
 * Builds a guest, once for the same input, and returns the path of the module. `changes` replace text of the library,
 * `options` are asc's, and the target "quick" saves time by not optimizing.
 */
export async function buildGuest(guest, { changes = [], options = {}, target = "release" } = {}) {
  const hash = fingerprint([join(repository, "assembly"), join(repository, "dist/transform"), sources]);
  const key = hash
    .update(JSON.stringify([changes, options, target]))
    .digest("hex")
    .slice(0, 16);
  const folder = join(repository, "build/hostile", `${guest}-${key}`);
  if (existsSync(folder)) return join(folder, "filter.wasm");
  const project = `${folder}.${process.pid}`;
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  cpSync(sources, join(project, "assembly"), { recursive: true });
  if (changes.length) copyLibrary(project, changes);
  const asconfig = {
    extends: "proxy-wasm-as/asconfig.json",
    entries: [`assembly/${guest}.ts`],
    // `debug` keeps the names of functions for the backtrace of a trap.
    targets: { [target]: { outFile: "filter.wasm", debug: true } },
    options,
  };
  writeFileSync(join(project, "asconfig.json"), JSON.stringify(asconfig, null, 2));
  await run(project, target);
  try {
    renameSync(project, folder);
  } catch {
    rmSync(project, { recursive: true, force: true }); // another process was first
  }
  return join(folder, "filter.wasm");
}

/** Builds a variant and reads it into the fuzzer, whose `loadGuest` comes from src/hostile or from dist/hostile. */
export async function loadVariant(variant, loadGuest) {
  const { name, guest, build, tight = false, literals = false, largest = 70_000, mostPages = 128 } = variant;
  const wasm = readFileSync(await buildGuest(guest, build));
  return loadGuest(name, wasm, { tight, literals, largest, mostPages });
}

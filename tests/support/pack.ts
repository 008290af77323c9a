// The package as npm packs it, and user projects outside the repository that install it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { repository } from "./asc.ts";

/** The packed package. */
export interface PackedPackage {
  /** Path of the tarball. It differs for other content: Yarn's cache takes the path for the content. */
  tarball: string;
  /** Folder with the tarball's content. */
  content: string;
  /** The files in it, sorted, as paths from {@link content}. */
  files: string[];
}

/** The ten lines with which everybody starts. */
export const HELLO = readFileSync(join(repository, "examples/hello/assembly/index.ts"), "utf8");

/** What is not copied to be packed. `dist` is made from the copy, so that nothing old is in it. */
const LEFT_OUT = /^(?:\.git|build|dist|docs\/api|examples\/[^/]+\/build)$|(?:^|\/)node_modules$/;

/** Packs the sources as they are, `dist` built afresh. The same sources are packed once. */
export async function pack(): Promise<PackedPackage> {
  const stage = mkdtempSync(join(tmpdir(), "proxy-wasm-as-pack-"));
  try {
    const copy = join(stage, "copy");
    const filter = (path: string): boolean => !LEFT_OUT.test(relative(repository, path));
    cpSync(repository, copy, { recursive: true, filter });
    const folder = join(repository, "build/packages", hashFolder(copy));
    if (!existsSync(folder)) {
      symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"), "dir");
      await run("npm", ["run", "build"], copy);
      const packed = join(stage, "packed");
      mkdirSync(packed);
      await run("npm", ["pack", "--ignore-scripts", "--pack-destination", packed], copy);
      await run("tar", ["-xzf", tarballName(packed)], packed);
      const work = `${folder}.${process.pid}`;
      cpSync(packed, work, { recursive: true });
      try {
        renameSync(work, folder);
      } catch {
        rmSync(work, { recursive: true, force: true }); // another worker was first
      }
    }
    const content = join(folder, "package");
    return { tarball: join(folder, tarballName(folder)), content, files: listFiles(content) };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Paths of all files below a folder, from there, sorted. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** A folder of a user, outside the repository; removed at the end of an `await using` block, or by `remove`. */
export interface UserFolder extends AsyncDisposable {
  readonly path: string;
  /** Writes files by path; what is no string is written as JSON. */
  write(files: Readonly<Record<string, unknown>>): void;
  /** Runs a command here; as {@link run}. */
  run(command: string, ...args: string[]): Promise<string>;
  remove(): void;
}

/** Makes an empty folder, as a user has before anything. */
export function userFolder(): UserFolder {
  const parent = mkdtempSync(join(tmpdir(), "proxy-wasm-as-user-"));
  // npm takes the folder's name for the project's, which may have no capitals; mkdtemp's may.
  const path = join(parent, "my-filter");
  mkdirSync(path);
  const remove = (): void => rmSync(parent, { recursive: true, force: true });
  return {
    path,
    write(files) {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(join(path, name, ".."), { recursive: true });
        writeFileSync(join(path, name), typeof content === "string" ? content : JSON.stringify(content));
      }
    },
    run: (command, ...args) => run(command, args, path),
    remove,
    [Symbol.asyncDispose]: () => Promise.resolve(remove()),
  };
}

/** The asconfig of a user: three lines. */
export const ASCONFIG = {
  extends: "proxy-wasm-as/asconfig.json",
  entries: ["assembly/index.ts"],
  targets: { release: { outFile: "build/filter.wasm" } },
};

/** The development dependencies of a user's project: the tarball, and the compiler that this repository has. */
export function devDependencies({ tarball }: PackedPackage): Record<string, string> {
  const compiler = join(repository, "node_modules/assemblyscript/package.json");
  const { version } = JSON.parse(readFileSync(compiler, "utf8")) as { version: string };
  return { "proxy-wasm-as": `file:${tarball}`, assemblyscript: version };
}

/** A user's project with the ten-line filter, installed with npm. */
export async function npmProject(packed: PackedPackage): Promise<UserFolder> {
  const project = userFolder();
  project.write({
    "package.json": { private: true, devDependencies: devDependencies(packed) },
    "asconfig.json": ASCONFIG,
    "assembly/index.ts": HELLO,
  });
  await project.run("npm", "install");
  return project;
}

/** Runs a command in a folder; resolves with what it printed, rejects with the same if it failed. */
export function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: userEnvironment(), timeout: 110_000, maxBuffer: 1 << 26 };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else reject(new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error }));
    });
  });
}

/** This process's environment without what npm tells the scripts it runs, which is about this repository. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const settings = {
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_prefer_offline: "true",
    npm_config_update_notifier: "false",
  };
  const rest = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_(?:package|lifecycle)_.*|npm_config_local_prefix|INIT_CWD|NODE_ENV)$/i.test(name),
  );
  return { ...Object.fromEntries(rest), ...settings };
}

function tarballName(folder: string): string {
  const [name, ...more] = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  if (name === undefined || more.length > 0) throw new Error(`There is not one tarball in ${folder}.`);
  return name;
}

function hashFolder(folder: string): string {
  const hash = createHash("sha256");
  for (const file of listFiles(folder)) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 16);
}

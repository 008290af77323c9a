// Filter projects in temporary folders that have the packages of this checkout installed.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

import { repository } from "./asc.ts";

/** The three lines. */
export const PROJECT = {
  extends: "proxy-wasm-as/asconfig.json",
  entries: ["assembly/index.ts"],
  targets: { release: { outFile: "build/filter.wasm" } },
};

/** Files by path; what is no string is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

/** Writes files into a folder. */
export function writeFiles(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
}

/** Makes an empty folder, which is gone when the test is over. */
export function emptyFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "proxy-wasm-as-project-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a project; an `asconfig.json` of three lines is there unless another is given. */
export function project(files: Files): string {
  const folder = emptyFolder();
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"), "dir");
  writeFiles(folder, { "asconfig.json": PROJECT, ...files });
  return folder;
}

// The projects that `init` copies: real ones, built and tested where they lie.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { baseName, DEFAULT_NAME } from "./names.ts";
import { ownManifest } from "../manifest.ts";

/** The templates, and what each is for. */
export const TEMPLATES = {
  http: "a filter for HTTP requests and responses",
  tcp: "a filter for TCP connections",
  background: "work of its own, on a timer",
} as const;
export type TemplateName = keyof typeof TEMPLATES;

/** Where they are, seen from src/ and from dist/ alike. */
const FOLDER = fileURLToPath(new URL("../../templates", import.meta.url));
/** What a template may hold besides, once it has been built. */
const LEFT_OUT = /^(?:build|node_modules|package-lock\.json)(?:\/|$)/;

/** The files of a new project, by their path in it. */
export function projectFiles(template: TemplateName, name: string): ReadonlyMap<string, string> {
  const folder = join(FOLDER, template);
  const files = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/");
    if (!entry.isFile() || LEFT_OUT.test(path)) continue;
    const text = readFileSync(join(folder, path), "utf8").replaceAll(DEFAULT_NAME, baseName(name));
    // npm leaves .gitignore out of packages, so it has another name there.
    files.set(path.replace(/^_/, "."), path === "package.json" ? manifest(text, name) : text);
  }
  return files;
}

/** The template's package.json with this name, and with the versions that go with this package. */
function manifest(text: string, name: string): string {
  const own = ownManifest();
  const content = JSON.parse(text) as { name: string; devDependencies: Record<string, string> };
  content.name = name;
  content.devDependencies["assemblyscript"] = own.peerDependencies.assemblyscript;
  content.devDependencies["proxy-wasm-as"] = `^${own.version}`;
  return `${JSON.stringify(content, null, 2)}\n`;
}

// Checks of a filter's project: compiler, library, configuration, editor.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { AsconfigChain, BuildError } from "../compile/index.ts";
import { compareVersions, inRange } from "./versions.ts";
import { copiesOf, findPackage } from "./installed.ts";
import { fail, ok, warn } from "./check.ts";
import { ownManifest } from "../manifest.ts";
import type { Check } from "./check.ts";

const EDITOR_BASE = "assemblyscript/std/assembly.json";

/** The compiler is there, in a version that the library was tested with. */
export function checkCompiler(folder: string): Check {
  const name = "assemblyscript";
  const { peerDependencies, devDependencies } = ownManifest();
  const range = peerDependencies.assemblyscript;
  const tested = devDependencies.assemblyscript.replace(/^\D+/, "");
  const found = findPackage(name, folder);
  if (found === null)
    return fail(name, "the compiler is not installed", "npm install --save-dev assemblyscript");
  if (!inRange(found.version, range)) {
    return fail(
      name,
      `${found.version} is not in the range ${range}`,
      `npm install --save-dev assemblyscript@${range}`,
    );
  }
  if (compareVersions(found.version, tested) > 0) {
    return warn(
      name,
      `${found.version} is newer than ${tested}, the newest that was tested`,
      `If the build behaves oddly: npm install --save-dev assemblyscript@${tested}`,
    );
  }
  return ok(name, `${found.version}, in the range ${range}`);
}

/** The library is there, and it is the one whose command runs. */
export function checkLibrary(folder: string): Check {
  const name = "proxy-wasm-as";
  const own = ownManifest().version;
  const found = findPackage(name, folder);
  if (found === null)
    return fail(name, "the library is not installed", "npm install --save-dev proxy-wasm-as");
  if (found.version !== own) {
    return warn(
      name,
      `the project has ${found.version}, and this command is of ${own}`,
      "Call the project's own command: npx proxy-wasm-as, in its folder.",
    );
  }
  return ok(name, found.version);
}

/** Library and compiler are there once, so that all parts of a build mean the same ones. */
export function checkCopies(folder: string): Check {
  const name = "copies";
  const show = (paths: readonly string[]): string =>
    paths.map((path) => relative(folder, path) || ".").join(", ");
  const sdks = copiesOf("proxy-wasm-as", folder);
  if (sdks.length > 1) {
    return fail(
      name,
      `proxy-wasm-as is installed ${sdks.length} times: ${show(sdks)}. What is registered in one copy is never called by the other`,
      "'npm ls proxy-wasm-as' shows who wants which; let all want one version, then: npm dedupe",
    );
  }
  const sdk = findPackage("proxy-wasm-as", folder);
  const used = findPackage("assemblyscript", folder);
  const seen = sdk === null ? null : findPackage("assemblyscript", sdk.folder);
  if (used !== null && seen !== null && used.folder !== seen.folder) {
    return fail(
      name,
      `asc is of ${show([used.folder])}, but proxy-wasm-as finds ${show([seen.folder])}: then unused callbacks stay in the module, and mistakes are not explained`,
      "'npm ls assemblyscript' shows the copies; npm dedupe may merge them.",
    );
  }
  return ok(name, "no second copy of the library or the compiler");
}

/** asconfig.json extends the preset, and nothing in it undoes what a proxy needs. */
export function checkPreset(folder: string): Check {
  const name = "preset";
  let chain: AsconfigChain;
  try {
    chain = AsconfigChain.read(folder);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    return fail(name, error.message, error.advice);
  }
  const start = chain.option("exportStart", "release");
  if (start !== "_initialize") {
    return fail(
      name,
      `asconfig.json sets exportStart to ${JSON.stringify(start)}; Envoy calls _initialize, and crashes on calls from a start section`,
      'Take "exportStart" out of asconfig.json.',
    );
  }
  if (chain.option("runtime", "release") === "stub") {
    return fail(
      name,
      'asconfig.json sets runtime "stub", which never frees memory and would exhaust the proxy',
      'Take "runtime" out of asconfig.json.',
    );
  }
  return ok(name, "asconfig.json extends proxy-wasm-as/asconfig.json");
}

/** An editor knows the types of AssemblyScript. */
export function checkEditor(folder: string): Check {
  const name = "editor";
  const entry = firstEntry(folder);
  const fix = `Write ${relative(folder, join(dirname(entry), "tsconfig.json"))}: { "extends": "${EDITOR_BASE}", "include": ["./**/*.ts"] }`;
  for (let at = dirname(entry); ; at = dirname(at)) {
    const path = join(at, "tsconfig.json");
    if (existsSync(path)) {
      const way = relative(folder, path);
      return readFileSync(path, "utf8").includes(EDITOR_BASE)
        ? ok(name, `${way} extends ${EDITOR_BASE}`)
        : warn(
            name,
            `${way} does not extend ${EDITOR_BASE}, so an editor takes u32 and the like for errors`,
            fix,
          );
    }
    if (at === folder || dirname(at) === at)
      return warn(name, "no tsconfig.json, so an editor takes u32 and the like for errors", fix);
  }
}

function firstEntry(folder: string): string {
  try {
    const [entry] = AsconfigChain.read(folder).entries;
    if (entry !== undefined) return entry;
  } catch {
    // Another check says what is wrong with it.
  }
  return join(folder, "assembly/index.ts");
}

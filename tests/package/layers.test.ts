// Which file may import which: the layers of assembly/, the walls of src/; and what every file begins with.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

import { repository } from "../support/asc.ts";
import { listFiles } from "../support/pack.ts";

/** Files of assembly/properties/. */
const PROPERTIES = [
  "connection",
  "destination",
  "filter-state",
  "metadata",
  "plugin",
  "request",
  "response",
  "source",
  "upstream",
  "xds",
];

/**
 * The layers of assembly/, lowest first. A file imports only from layers below its own, so there is no cycle; a new
 * file needs a place here.
 */
const LAYERS: readonly (readonly string[])[] = [
  // What has no imports: the values of the ABI, what a build leaves out, text, the state of a call.
  ["abi/types", "abi/wasi", "features", "allocate", "active-context", "flow"],
  // The host's functions as they are, text, and the memory they read and write.
  ["abi/imports", "runtime/blocks", "utf8"],
  // Our own memory manager and collector, in the order of its parts.
  ["runtime/runs"],
  ["runtime/heap"],
  ["runtime/owned"],
  ["runtime/pins"],
  ["runtime/marks", "runtime/objects"],
  ["runtime/index"],
  ["memory"],
  ["availability", "hostcalls"],
  // Log lines that allocate nothing.
  ["line", "state-hostcalls"],
  // Nouns: what a filter works with.
  ["abort", "buffer", "clock", "configuration", "header-rules", "log", "process", "random"],
  ["call-rules", "envoy/stats-sink", "metric-tags"],
  // Nouns over nouns.
  ["console", "foreign-function", "header-list", "metric", "shared-data", "shared-queue"],
  ["header-calls", "local-response", "property"],
  ["header-map"],
  // What only Envoy has, and its attributes: never imported by what follows but the public face.
  ["envoy/message", ...PROPERTIES.map((name) => `properties/${name}`)],
  ["envoy/compression", "envoy/expression", "envoy/filter-state", "envoy/route-cache", "envoy/signature"],
  ["envoy/index", "properties/index"],
  // Contexts, which a filter extends.
  ["context"],
  ["context-table", "http-stream", "tcp-context"],
  ["collector", "held-headers"],
  ["http-context"],
  ["root-context"],
  // From registered classes to served events.
  ["registration"],
  ["dispatcher"],
  ["http-dispatcher", "tcp-dispatcher"],
  // Public faces: to the host, to the filter.
  ["exports", "index"],
];

/** Folders of src/ that know nothing of each other. What is not named may import all. */
const WALLS: Readonly<Record<string, readonly string[]>> = {
  host: [],
  transform: [],
  yaml: [],
  envoy: ["yaml"],
  istio: ["yaml"],
  oci: [],
  testing: ["host"],
  conformance: ["host"],
  serve: ["host"],
  hostile: ["host"],
  inspect: ["host"],
  compile: ["inspect", "transform"],
  init: ["manifest.ts"],
  doctor: ["compile", "envoy", "manifest.ts"],
};

interface Import {
  file: string;
  target: string;
}

function sources(folder: string): string[] {
  return listFiles(join(repository, folder)).filter((file) => /\.[mc]?[tj]s$/.test(file));
}

function text(folder: string, file: string): string {
  return readFileSync(join(repository, folder, file), "utf8");
}

/** What a file imports or re-exports, in any form. */
function imports(folder: string, file: string): Import[] {
  return ts
    .preProcessFile(text(folder, file), true, true)
    .importedFiles.map(({ fileName }) => ({ file, target: fileName }));
}

/** Members of global objects that a file uses, such as `process.stdout`. */
function globalsUsed(folder: string, file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const called = ts.isCallExpression(node.parent) && node.parent.expression === node;
      found.push(`${node.expression.text}.${node.name.text}${called ? "()" : ""}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text(folder, file), ts.ScriptTarget.Latest, true));
  return found;
}

const guestFiles = sources("assembly");
const guestImports = guestFiles.flatMap((file) => imports("assembly", file));

/** The file of assembly/ that an import means, without its ending; undefined for a package. */
function resolve({ file, target }: Import): string | undefined {
  return target.startsWith(".") ? posix.join(posix.dirname(file), target) : undefined;
}

function layer(name: string): number {
  return LAYERS.findIndex((files) => files.includes(name));
}

test("every file of assembly/ has one place in the layers, and every place its file", () => {
  expect(LAYERS.flat().sort()).toEqual(guestFiles.map((file) => file.replace(/\.ts$/, "")).sort());
});

test("a file of assembly/ imports only from layers below its own", () => {
  const inside = guestImports.filter((each) => each.target.startsWith("."));
  expect(inside.length).toBeGreaterThan(50);
  const wrong = inside.filter((each) => {
    const [own, target] = [layer(each.file.replace(/\.ts$/, "")), layer(resolve(each) ?? "")];
    return target < 0 || target >= own;
  });
  expect(wrong).toEqual([]);
});

test("the imports of assembly/ stay inside it, but for the Date of AssemblyScript", () => {
  const outside = guestImports.filter((each) => resolve(each)?.startsWith("..") ?? true);
  expect(outside.map((each) => each.target.replace("~lib/", ""))).toEqual(["date"]);
});

test("only hostcalls imports the host's functions", () => {
  const importers = guestImports.filter((each) => resolve(each) === "abi/imports");
  expect(importers.map((each) => each.file)).toEqual(["hostcalls.ts", "state-hostcalls.ts"]);
});

test("the guest library does not reach into a runtime, which would bind it to one compiler and one collector", () => {
  for (const file of guestFiles) expect(text("assembly", file), file).not.toMatch(/["'](?:~lib\/)?rt\//);
});

test("the folders of src/ import only what their walls let through", () => {
  for (const file of sources("src")) {
    const own = file.includes("/") ? file.slice(0, file.indexOf("/")) : "";
    const allowed = WALLS[own];
    if (allowed === undefined) continue;
    for (const { target } of imports("src", file)) {
      if (!target.startsWith(".")) continue;
      const path = posix.join(posix.dirname(file), target);
      expect([own, ...allowed], `${file} imports ${target}`).toContain(path.split("/")[0]);
    }
  }
});

test("relative imports of src/ name files that exist", () => {
  const known = sources("src");
  for (const { file, target } of known.flatMap((each) => imports("src", each))) {
    if (target.startsWith(".")) expect(known, file).toContain(posix.join(posix.dirname(file), target));
  }
});

test("only the command line writes to the terminal, and ends the process", () => {
  const terminal = /^(?:console\..*|process\.(?:stdout|stderr|stdin|argv|exitCode|exit\(\)))$/;
  const users = sources("src").filter((file) => globalsUsed("src", file).some((each) => terminal.test(each)));
  expect(users.filter((file) => file !== "cli.ts")).toEqual([]);
});

test("the first line of every file is a comment that says what it is", () => {
  for (const folder of ["assembly", "src", "tests", "e2e"]) {
    for (const file of sources(folder)) {
      const first = text(folder, file)
        .replace(/^#!.*\n/, "")
        .split("\n", 1)[0];
      expect(first, `${folder}/${file}`).toMatch(/^\/\/ \S.{10,}/);
    }
  }
});

test("no file of assembly/ or src/ is longer than 300 lines", () => {
  const long = ["assembly", "src"].flatMap((folder) =>
    sources(folder)
      .map((file) => ({ file: `${folder}/${file}`, lines: text(folder, file).split("\n").length - 1 }))
      .filter(({ lines }) => lines > 300),
  );
  expect(long).toEqual([]);
});

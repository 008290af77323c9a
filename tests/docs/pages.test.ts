// What the pages point to exists: links, commands, members of the API.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

import { repository } from "../support/asc.ts";
import { anchors, blocks, links, prose } from "./markdown.ts";
import { pages } from "./pages.ts";

const read = (path: string): string => readFileSync(join(repository, path), "utf8");
interface Manifest {
  scripts: Record<string, string>;
  version: string;
}
const manifest = JSON.parse(read("package.json")) as Manifest;
/** What `init` makes has scripts of its own. */
const template = JSON.parse(read("templates/http/package.json")) as Manifest;

test("all pages are there", () => {
  expect(pages.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["README.md", "CHANGELOG.md", "docs/tutorial.md", "examples/hello/README.md"]),
  );
});

describe.each(pages)("$path", ({ path, text }) => {
  test("each link leads to a file, and each fragment to a heading", () => {
    for (const target of links(text).filter((target) => !target.startsWith("https://"))) {
      const [file = "", fragment] = target.split("#");
      const to = file === "" ? path : normalize(join(dirname(path), file));
      expect(existsSync(join(repository, to)), `${target} leads nowhere`).toBe(true);
      if (fragment !== undefined) expect(anchors(read(to)), `no heading for ${target}`).toContain(fragment);
    }
  });

  test("each command of npm is a script of this package, or of a new project", () => {
    // `npm run x` and `npm test`, in text and in commands.
    for (const [, run, script = run] of text.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)) {
      expect(Object.keys({ ...manifest.scripts, ...template.scripts })).toContain(script);
    }
  });

  test("a file that a block has is named before it", () => {
    const lines = text.split("\n");
    for (const { words, line } of blocks(text)) {
      const file = words.find((word) => /^[\w./-]+\.\w+$/.test(word));
      if (file === undefined) continue;
      expect(lines.slice(0, line - 1).join("\n"), `line ${line} does not say ${file}`).toContain(
        `\`${file}\``,
      );
    }
  });

  test("has nothing of the machine it was written on", () => {
    expect(text).not.toMatch(/\/(?:home|root|work|Users|tmp)\//);
  });

  test("no line of text is longer than a reader of the source can see", () => {
    expect(
      prose(text)
        .split("\n")
        .filter((line) => line.length > 125 && !line.startsWith("|")),
    ).toEqual([]);
  });
});

test("the versions in the README are those that the tests run", () => {
  const table = (read("README.md").split("## Tested with")[1] ?? "").replace(/ +/g, " ");
  const assemblyscript = JSON.parse(read("node_modules/assemblyscript/package.json")) as { version: string };
  expect(table).toContain(`| AssemblyScript | ${assemblyscript.version}`);
  expect(table).toContain(`| Node | ${process.versions.node.split(".")[0]}`);
  const envoy = /DEFAULT_ENVOY_VERSION = "([\d.]+)"/.exec(read("src/envoy/find.ts"))?.[1];
  expect(table).toContain(`| Envoy | ${envoy}`);
});

test("the change log begins with this version", () => {
  expect(/^## (\S+) \((\d{4}-\d\d-\d\d)\)$/m.exec(read("CHANGELOG.md"))?.[1]).toBe(manifest.version);
});

test("what the README calls the API is in the library", () => {
  const [, glance = ""] = /## The API at a glance([^]*?)\n## /.exec(read("README.md")) ?? [];
  const library = readdirSync(join(repository, "assembly"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => read(`assembly/${file}`))
    .join("\n");
  const names = [...glance.matchAll(/`(?:this\.)?(\w+)[^`]*`/g)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(30);
  const elsewhere = ["null", "Math", "crypto", "process", "console"];
  for (const name of names.filter((name) => !elsewhere.includes(name))) {
    expect(library, `${name} is not in assembly/`).toMatch(new RegExp(`\\b${name}\\b`));
  }
});

test("the license is Apache 2.0, whole", () => {
  expect(read("LICENSE")).toContain("Version 2.0, January 2004");
  expect(read("LICENSE")).toContain("END OF TERMS AND CONDITIONS");
});

// The templates are projects that work: their READMEs are followed, and an editor finds nothing in them.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

import { baseName, nameProblem, projectFiles, TEMPLATES, type TemplateName } from "../../src/init/index.ts";
import { follow } from "../docs/walkthrough.ts";
import { freePort } from "../support/tcp.ts";
import { HELLO, userEnvironment } from "../support/pack.ts";
import { ownManifest } from "../../src/manifest.ts";
import { project } from "../support/project.ts";
import { repository } from "../support/asc.ts";

const NAMES = Object.keys(TEMPLATES) as TemplateName[];
const CLI = join(repository, "dist/cli.js");

/** A new project whose scripts call this checkout. */
function fromTemplate(template: TemplateName): string {
  const files = new Map(projectFiles(template, "@acme/edge"));
  files.set("package.json", (files.get("package.json") ?? "").replaceAll('"proxy-wasm-as ', `"node ${CLI} `));
  return project(Object.fromEntries(files));
}

// The README of http is followed in e2e/init.test.ts, with everything installed.
test.each(["tcp", "background"] as const)(
  "the README of %s shows what is seen",
  { timeout: 240_000 },
  async (template) => {
    const folder = fromTemplate(template);
    const port = await freePort();
    await follow(`templates/${template}/README.md`, readFileSync(join(folder, "README.md"), "utf8"), {
      folder,
      env: userEnvironment(),
      replacements: [
        ["npm install", "true"],
        ["npm start --", `npm start -- --port ${port}`],
        ["8080", `${port}`],
      ],
    });
  },
);

test.each(NAMES)("an editor finds nothing in %s", { timeout: 120_000 }, async (template) => {
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  const args = [tsc, "--noEmit", "-p", join(fromTemplate(template), "assembly")];
  await promisify(execFile)(process.execPath, args);
});

test("http has the ten lines of every page", () => {
  const entry = projectFiles("http", "x").get("assembly/index.ts") ?? "";
  const code = (text: string): string => text.replaceAll(/^\/\/.*\n/gm, "");
  expect(code(entry)).toBe(code(HELLO));
});

test.each(NAMES)(
  "%s lies in the repository under the name that is replaced, with this package's versions",
  (template) => {
    const read = (file: string): string =>
      readFileSync(join(repository, "templates", template, file), "utf8");
    const { name, devDependencies } = JSON.parse(read("package.json")) as {
      name: string;
      devDependencies: Record<string, string>;
    };
    expect(nameProblem(name)).toBeNull();
    expect(projectFiles(template, name).get("package.json")).toBe(read("package.json"));
    expect(devDependencies["proxy-wasm-as"]).toBe(`^${ownManifest().version}`);
    for (const [file, text] of projectFiles(template, "@acme/edge")) {
      expect(text, file).not.toContain(baseName(name));
      expect(file).not.toMatch(/^_/);
    }
  },
);

// No public name of the guest library is out of a filter's reach, and all of them compile.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

import { repository, tryBuild } from "../support/asc.ts";
import { inspect } from "./inspect.ts";

const USES = "tests/preset/assembly/public-names.ts";
/** What filters import as "proxy-wasm-as" and as "proxy-wasm-as/envoy". */
const INDEXES = ["assembly/index.ts", "assembly/envoy/index.ts"];

const program = ts.createProgram(
  [...INDEXES.map((index) => join(repository, index)), join(repository, USES)],
  ts.parseJsonConfigFileContent(
    { extends: "assemblyscript/std/assembly.json", files: [] },
    ts.sys,
    join(repository, "tests/preset"),
  ).options,
);
const checker = program.getTypeChecker();

/** `name` of what the indexes export, and `Class.member` of what its classes declare for filters. */
function publicNames(): string[] {
  return INDEXES.flatMap(namesOf);
}

function namesOf(path: string): string[] {
  const index = program.getSourceFile(join(repository, path));
  const module = index && checker.getSymbolAtLocation(index);
  if (module === undefined) throw new Error(`${path} is no module.`);
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const declaration = resolved(exported).declarations?.[0];
    const members = declaration && ts.isClassDeclaration(declaration) ? declaration.members : [];
    return [
      exported.name,
      ...members.filter(isPublic).map((member) => `${exported.name}.${member.name?.getText()}`),
    ];
  });
}

function isPublic(member: ts.ClassElement): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  const tags = ts.getJSDocTags(member).map((tag) => tag.tagName.text);
  return (
    member.name !== undefined && !(ts.getCombinedModifierFlags(member) & hidden) && !tags.includes("internal")
  );
}

function resolved(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The same names, as far as the file that uses them all does: in expressions, as types, by overriding. */
function usedNames(): Set<string> {
  const names = new Set<string>();
  const add = (symbol: ts.Symbol | undefined): void => {
    const declaration = symbol && resolved(symbol).declarations?.[0];
    if (symbol === undefined || declaration === undefined) return;
    const owner = ts.isClassLike(declaration.parent) ? `${declaration.parent.name?.text}.` : "";
    // A namespace that is a file of its own has the file's path for a name.
    names.add(owner + (ts.isSourceFile(declaration) ? symbol.name : resolved(symbol).name));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isIdentifier(node)) add(checker.getSymbolAtLocation(node));
    if (ts.isMethodDeclaration(node) && ts.isClassLike(node.parent)) {
      // An override counts for the method of every class it derives from.
      for (let base = baseOf(node.parent); base; base = baseOf(base)) {
        if (base.members.some((member) => member.name?.getText() === node.name.getText()))
          names.add(`${base.name?.text}.${node.name.getText()}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  const file = program.getSourceFile(join(repository, USES));
  if (file === undefined) throw new Error(`There is no ${USES}.`);
  visit(file);
  return names;
}

function baseOf(node: ts.ClassLikeDeclaration): ts.ClassLikeDeclaration | undefined {
  const clause = node.heritageClauses?.find((each) => each.token === ts.SyntaxKind.ExtendsKeyword);
  const type = clause?.types[0];
  return type && checker.getTypeAtLocation(type).symbol?.declarations?.find(ts.isClassLike);
}

test.each(["release", "debug"] as const)(
  "a filter that uses every public name builds for %s",
  async (target) => {
    const { code, output, wasm } = await tryBuild(readFileSync(join(repository, USES), "utf8"), { target });
    // No warning either: it would be about the package's sources, where a filter's author can do nothing.
    expect({ code, output }).toEqual({ code: 0, output: "" });
    expect(inspect(wasm).imports.filter((name) => !name.startsWith("env.proxy_"))).toEqual([]);
  },
);

test("the filter really uses every public name", () => {
  const names = publicNames();
  expect(names).toEqual(expect.arrayContaining(["HttpContext.onRequestHeaders", "HeaderMap.get", "Status"]));
  const used = usedNames();
  expect(names.filter((name) => !used.has(name))).toEqual([]);
});

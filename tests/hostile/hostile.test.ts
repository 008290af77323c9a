// The guest library under a host that lies: no trap, no read outside what was given, nothing left behind.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";

import { fuzz, HOST_FUNCTIONS, loadGuest, planSession, runSession } from "../../src/hostile/index.ts";
import { repository } from "../support/asc.ts";
import { loadVariant, VARIANTS } from "./guests.mjs";
import type { Finding, Guest } from "../../src/hostile/index.ts";

const SEED = 1;
const SESSIONS = 60;

/** What was found, in the words of `npm run fuzz`. */
function describeFinding({ guest, seed, failure, trace }: Finding): string {
  return [`${guest}, seed ${seed}: ${failure.kind}: ${failure.message}`, ...trace].join("\n");
}

const calls: Record<string, number> = {};

describe.each(VARIANTS)("guest $name", (variant) => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await loadVariant(variant, loadGuest);
  }, 120_000);

  test(`survives ${SESSIONS} sessions`, () => {
    const result = fuzz([guest], SEED, ({ sessions }) => sessions < SESSIONS);
    const count = Object.values(result.counts).reduce((sum, each) => sum + each, 0);
    console.log(
      `${variant.name}: seeds ${SEED} to ${SEED + SESSIONS - 1}, ${result.rounds} rounds, ${count} calls, at most ${result.pages} pages`,
    );
    if (result.finding) expect.fail(describeFinding(result.finding));
    expect(result.rounds).toBeGreaterThan(SESSIONS * 10);
    for (const [name, times] of Object.entries(result.counts)) calls[name] = (calls[name] ?? 0) + times;
  });

  test("keeps its level of memory over 500 rounds in one VM", () => {
    const plan = { ...planSession(SEED, 500), refusesRandom: false };
    const { failure, pages } = runSession(guest, plan, {});
    expect(failure).toBeNull();
    expect(pages).toHaveLength(500);
    // What a callback reads is garbage until it ends, nested callbacks included: some hundred KiB at most.
    if (!variant.tight) expect(Math.max(...pages)).toBeLessThanOrEqual(16);
  });
});

test("every host function that the guest library uses was called, and lied to", () => {
  const files = ["hostcalls.ts", "state-hostcalls.ts", "wasi-hostcalls.ts"];
  const hostcalls = files.map((file) => readFileSync(join(repository, "assembly", file), "utf8")).join("\n");
  const used = [...hostcalls.matchAll(/\b(?:imports|wasi)\.(\w+)\(/g)].map((match) => match[1]!);
  expect(used.length).toBeGreaterThan(20);
  expect(used.filter((name) => !calls[name])).toEqual([]);
  expect(Object.keys(HOST_FUNCTIONS).filter((name) => !used.includes(name))).toEqual([]);
});

test("every callback that the guest library exports was called", () => {
  const exports = readFileSync(join(repository, "assembly/exports.ts"), "utf8");
  const callbacks = [...exports.matchAll(/^export function ((?:proxy|envoy)_on_\w+)/gm)].map(
    (match) => match[1]!,
  );
  expect(callbacks.length).toBeGreaterThan(15);
  expect(callbacks.filter((name) => !calls[name])).toEqual([]);
});

test("the guests use every public member of the guest library", () => {
  const folder = join(repository, "tests/hostile/assembly");
  const guests = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  const uses = guests.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  const members = publicMembers();
  expect(members.length).toBeGreaterThan(80);
  expect(members.filter((name) => !new RegExp(`(?<![\\w"])${name}\\b`).test(uses))).toEqual([]);
});

/** The functions that the two indexes export, and what their classes declare for filters. */
function publicMembers(): string[] {
  const parse = (path: string): ts.SourceFile =>
    ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  for (const folder of [join(repository, "assembly"), join(repository, "assembly/envoy")]) {
    for (const statement of parse(join(folder, "index.ts")).statements) {
      if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) continue;
      const file = `${(statement.moduleSpecifier as ts.StringLiteral).text.slice(2)}.ts`;
      const names = (statement.exportClause as ts.NamedExports).elements.map((each) => each.name.text);
      for (const declared of parse(join(folder, file)).statements) {
        if (ts.isFunctionDeclaration(declared) && names.includes(declared.name?.text ?? ""))
          found.push(declared.name!.text);
        if (ts.isClassDeclaration(declared) && names.includes(declared.name?.text ?? ""))
          found.push(...declared.members.filter(isPublic).map((member) => member.name!.getText()));
      }
    }
  }
  return found;
}

function isPublic(member: ts.ClassElement): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  const internal = ts.getJSDocTags(member).some((tag) => tag.tagName.text === "internal");
  return member.name !== undefined && !(ts.getCombinedModifierFlags(member) & hidden) && !internal;
}

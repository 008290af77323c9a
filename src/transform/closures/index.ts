// Callbacks that capture: arrow functions given to the library's methods become handler objects, with copies of what they use.
import * as asc from "assemblyscript";
import type { Node, Program, Source } from "assemblyscript";
import type { Diagnostics } from "../diagnostics.ts";
import { clientSources, isSdkName } from "../sdk.ts";
import { bare } from "../syntax.ts";
import { findSites, type Site } from "./analyzer.ts";
import { findCallbackMethods, type CallbackMethod } from "./methods.ts";
import { Files } from "./names.ts";
import { capturesOf, refusalsOf } from "./refusals.ts";
import { Surgery } from "./surgery.ts";

/** Where asc declares what is built into it. */
const BUILTINS = "~lib/builtins";

/**
 * Converts them in all files of user and packages. It must run when all files are parsed and none is looked into.
 * A callback that captures nothing stays as it is, and so does everything that asc compiles without help.
 */
export function convertCallbacks(program: Program, diagnostics: Diagnostics): void {
  const library = program.sources.filter((it) => isSdkName(it.internalPath));
  const files = new Files(program.sources);
  const methods = findCallbackMethods(library, files);
  if (!methods.size) return;
  const mentioned = new RegExp(`\\b(?:${[...methods.keys()].join("|")})\\b`);
  for (const source of clientSources(program)) {
    if (mentioned.test(source.text)) convertSource(source, files, methods, diagnostics);
  }
}

type Methods = ReadonlyMap<string, readonly CallbackMethod[]>;

function convertSource(source: Source, files: Files, methods: Methods, diagnostics: Diagnostics): void {
  const surgery = new Surgery(source, files, diagnostics);
  const { sites, kept } = findSites(source, new Set(methods.keys()));
  for (const { callback, callee } of kept) diagnostics.noteKept(callback.range, callee);
  for (const site of sites) {
    if (!needsConversion(site)) continue;
    const target = targetOf(site, source, files, methods);
    if (!target) continue;
    const refusals = refusalsOf(site, target.method);
    for (const { at, text, related } of refusals) diagnostics.error(at.range, text, related?.range);
    if (!refusals.length) convert(site, target, surgery, source);
  }
  surgery.finish();
}

/** Whether a callback uses what asc cannot give it. */
function needsConversion(site: Site): boolean {
  const { unit } = site;
  return (
    unit.self !== null ||
    capturesOf(site).size > 0 ||
    // asc looks for constants only in the function right around.
    unit.captured.some(({ variable }) => variable.unit !== unit.outer)
  );
}

/** What a call calls. */
interface Target {
  readonly method: CallbackMethod;
  /** Whether that is certain; otherwise asc must decide when it knows the type of the receiver. */
  readonly certain: boolean;
}

/** The library's method that a call means or may mean; null when it means something else. */
function targetOf(site: Site, source: Source, files: Files, methods: Methods): Target | null {
  const { callee, receiver, argument, callback, unit } = site;
  const candidates = (methods.get(callee.text) ?? []).filter((it) => it.argument === argument);
  const { owner, home } = unit;
  if (!receiver) {
    const found = files.find(callee.text, source, home);
    const method = candidates.find((it) => it.owner === null && it.source === found?.source);
    return method ? { method, certain: true } : null;
  }
  const [method] = candidates.filter((it) => it.owner !== null);
  if (!method) return null;
  const it = bare(receiver);
  if (owner && (it instanceof asc.ThisExpression || it instanceof asc.SuperExpression)) {
    for (const each of files.lineage(owner, source, home)) {
      const { members } = each.declaration;
      if (!members.some((it) => it.name.text === callee.text && !it.is(asc.CommonFlags.Static))) continue;
      const own = candidates.find(
        (candidate) => candidate.source === each.source && candidate.owner === each.declaration.name.text,
      );
      return own ? { method: own, certain: true } : null;
    }
  }
  // What no callback of the library has is left to asc, which will say so if the call is one of the library.
  if (callback.declaration.signature.parameters.length > method.callback.parameters.length) return null;
  return { method, certain: false };
}

function convert(site: Site, { method, certain }: Target, surgery: Surgery, source: Source): void {
  const { call, callee, receiver, argument } = site;
  const handler = surgery.handler(site, method);
  if (certain) {
    call.args[argument] = handler;
    callee.text = receiver ? method.sibling : surgery.imported(method.sibling, method.source.internalPath);
    return;
  }
  if (!receiver) return;
  const { range } = call;
  const sibling = asc.Node.createPropertyAccessExpression(
    receiver,
    asc.Node.createIdentifierExpression(method.sibling, callee.range),
    call.expression.range,
  );
  const test = asc.Node.createIdentifierExpression(surgery.imported("isDefined", BUILTINS), range);
  const choice = asc.Node.createTernaryExpression(
    asc.Node.createCallExpression(test, null, [sibling], range),
    asc.Node.createCallExpression(sibling, null, call.args.with(argument, handler), range),
    call,
    range,
  );
  replace(source.statements, call, asc.Node.createParenthesizedExpression(choice, range));
}

/** Puts a node in the place of another one, wherever below `at` that is. */
function replace(at: object, old: Node, by: Node): boolean {
  for (const [key, value] of Object.entries(at) as [string, unknown][]) {
    if (value === old) {
      Object.assign(at, { [key]: by });
      return true;
    }
    if (key !== "range" && (value instanceof asc.Node || Array.isArray(value)) && replace(value, old, by))
      return true;
  }
  return false;
}

// Decides whether one object can serve all streams of a module: whether no filter class has anything of its own.
import * as asc from "assemblyscript";
import type { ClassDeclaration, Node } from "assemblyscript";
import { CALLBACK_RULES } from "./callbacks.ts";
import { derivesFrom, type Contexts } from "./sdk.ts";
import { children } from "./syntax.ts";

/** What a method may use of a stream that is not the filter's own: the host's view of the stream being called. */
const VIEWS: ReadonlySet<string> = new Set([
  "requestHeaders",
  "requestTrailers",
  "responseHeaders",
  "responseTrailers",
  "requestBody",
  "responseBody",
]);

/** The callbacks of a stream, whose own versions in the library let everything pass. */
const CALLBACKS: ReadonlySet<string> = new Set(
  CALLBACK_RULES.filter((rule) => rule.context === "HttpContext").flatMap((rule) =>
    rule.overrides.slice(0, 1),
  ),
);

/** A stream's end: a host reports that of a root, too, and only objects tell one from the other. */
const ENDS: ReadonlySet<string> = new Set(["onDone", "onLog", "onDelete"]);

/**
 * Whether no class that derives from a context has a field or a constructor, learns of a stream's end, or uses `this`
 * other than for the host's view of the stream and its own methods. Anything that is not known to be harmless counts
 * as state: a stream then has an object, which is never wrong.
 */
export function isStateless(contexts: Contexts): boolean {
  const http = contexts.core.get("HttpContext");
  if (!http || !contexts.derived.length) return false;
  const declarations: ClassDeclaration[] = [];
  for (const prototype of contexts.derived) {
    if (!derivesFrom(prototype, http) || !(prototype.declaration instanceof asc.ClassDeclaration))
      return false;
    declarations.push(prototype.declaration);
  }
  const methods = new Set<string>();
  for (const member of declarations.flatMap((it) => it.members)) {
    if (member.is(asc.CommonFlags.Static)) continue;
    if (!(member instanceof asc.MethodDeclaration) || member.is(asc.CommonFlags.Constructor)) return false;
    if (ENDS.has(member.name.text)) return false;
    methods.add(member.name.text);
  }
  const mayUse = (name: string): boolean => methods.has(name) || VIEWS.has(name) || CALLBACKS.has(name);
  return declarations.every((it) => it.members.every((member) => usesOnly(member, mayUse)));
}

/** Whether `this` and `super` appear below a node only in front of a member that may be used. */
function usesOnly(node: Node, mayUse: (name: string) => boolean): boolean {
  if (node instanceof asc.ThisExpression || node instanceof asc.SuperExpression) return false;
  if (
    node instanceof asc.PropertyAccessExpression &&
    (node.expression instanceof asc.ThisExpression || node.expression instanceof asc.SuperExpression)
  ) {
    return mayUse(node.property.text);
  }
  for (const child of children(node)) if (!usesOnly(child, mayUse)) return false;
  return true;
}

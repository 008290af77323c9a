// Decides how little of an object a stream needs: none where no filter class has state, else one without constructor.
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
export const ENDS: readonly string[] = ["onDone", "onLog", "onDelete"];

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
    if (ENDS.includes(member.name.text)) return false;
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

/**
 * Whether a new stream is an object full of zeros: no class of streams has a constructor, or a field that begins as
 * something else. What is not certainly a number or a flag that begins as 0, or a reference that begins as null, is
 * left to asc, which also knows what is an error there.
 */
export function startsEmpty(contexts: Contexts): boolean {
  const stream = contexts.core.get("StreamContext");
  return contexts.derived.every((prototype) => {
    if (!stream || !derivesFrom(prototype, stream)) return true;
    if (!(prototype.declaration instanceof asc.ClassDeclaration)) return false;
    return prototype.declaration.members.every((member) => {
      if (member.is(asc.CommonFlags.Static)) return true;
      if (member instanceof asc.FieldDeclaration) return isZero(member);
      return member instanceof asc.MethodDeclaration && !member.is(asc.CommonFlags.Constructor);
    });
  });
}

const NUMBER = /^(?:[iu](?:8|16|32|64)|[iu]size|f32|f64)$/;

function isZero({ type, initializer }: asc.FieldDeclaration): boolean {
  if (type !== null && !(type instanceof asc.NamedTypeNode)) return false;
  if (initializer instanceof asc.NullExpression) return type !== null && type.isNullable;
  const name = type?.range.toString() ?? "";
  if (initializer instanceof asc.FalseExpression) return type === null || name === "bool";
  if (initializer === null) return name === "bool" || NUMBER.test(name);
  if (type !== null && !NUMBER.test(name)) return false;
  return (
    (initializer instanceof asc.IntegerLiteralExpression ||
      initializer instanceof asc.FloatLiteralExpression) &&
    /^0(?:\.0*)?$/.test(initializer.range.toString())
  );
}

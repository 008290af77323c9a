// The methods of a program's HTTP filters, for what looks at or rewrites the calls in them.
import * as asc from "assemblyscript";
import type { MethodDeclaration, Node } from "assemblyscript";
import { derivesFrom, type Contexts } from "./sdk.ts";
import { walk } from "./syntax.ts";

/** The methods that are not static, of all classes outside the library that derive from HttpContext. */
export function* httpMethods(contexts: Contexts): Generator<MethodDeclaration> {
  const http = contexts.core.get("HttpContext");
  for (const prototype of contexts.derived) {
    if (!http || !derivesFrom(prototype, http)) continue;
    for (const member of (prototype.declaration as asc.ClassDeclaration).members) {
      if (member instanceof asc.MethodDeclaration && !member.is(asc.CommonFlags.Static)) yield member;
    }
  }
}

/** Calls `visit` for what a method does, without the functions inside it: asc refuses `this` there. */
export function walkBody(method: MethodDeclaration, visit: (node: Node) => void): void {
  if (!method.body) return;
  walk(method.body, (node) => {
    if (node instanceof asc.FunctionExpression) return false;
    visit(node);
    return true;
  });
}

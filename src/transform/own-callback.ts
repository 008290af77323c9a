// Spares the question whether a map or buffer can be used where it certainly can: inside its own callback.
import * as asc from "assemblyscript";
import type { Node } from "assemblyscript";
import { httpMethods, walkBody } from "./http-methods.ts";
import { isHidden, type Contexts } from "./sdk.ts";

/** The part of a message that each callback is about. */
const OWN: ReadonlyMap<string, string> = new Map([
  ["onRequestHeaders", "requestHeaders"],
  ["onRequestBody", "requestBody"],
  ["onRequestTrailers", "requestTrailers"],
  ["onResponseHeaders", "responseHeaders"],
  ["onResponseBody", "responseBody"],
  ["onResponseTrailers", "responseTrailers"],
]);

/** Members that have a form for their own callback, by the one that asks first; `__` stands before both. */
const FORMS: ReadonlySet<string> = new Set([
  ...[
    "__get",
    "__getBytes",
    "__has",
    "__add",
    "__addText",
    "__set",
    "__setText",
    "__addNamed",
    "__setNamed",
    "__remove",
    "__entries",
  ],
  ...["__length", "__bytes", "__text", "__replace", "__replaceBytes", "__append", "__appendBytes"],
  ...["__prepend", "__prependBytes"],
]);

/**
 * Turns `this.requestBody.bytes()` in `onRequestBody` into `this.requestBody.__bytesOwn()`, and so on for the other
 * callbacks, and returns how many it turned. Only in callbacks that no code of the program calls by name: those run
 * when the host calls them, and at no other time. Calls for a header must have got their literals encoded before.
 * `called` has the names that code outside the library uses behind a dot.
 */
export function spareChecks(contexts: Contexts, called: ReadonlySet<string>): number {
  let turned = 0;
  for (const method of httpMethods(contexts)) {
    const own = OWN.get(method.name.text);
    if (!own || called.has(method.name.text) || isHidden([own], contexts)) continue;
    walkBody(method, (node) => {
      const form = formOf(own, node);
      if (!form) return;
      (node as asc.PropertyAccessExpression).property.text = form;
      turned++;
    });
  }
  return turned;
}

/** The form of `this.own.member` for its own callback, if that is what the node is. */
function formOf(own: string, node: Node): string | null {
  if (!(node instanceof asc.PropertyAccessExpression)) return null;
  const object = node.expression;
  if (!(object instanceof asc.PropertyAccessExpression)) return null;
  if (!(object.expression instanceof asc.ThisExpression) || object.property.text !== own) return null;
  const name = `__${node.property.text.replace(/^__/, "")}`;
  // Names of headers that are not literals are looked at when the filter runs, in the usual form.
  if (own.endsWith("Body") || node.property.text.startsWith("__") || name === "__entries")
    return FORMS.has(name) ? `${name}Own` : null;
  return null;
}

// Encodes constant header names and values at compile time: `this.requestHeaders.get("x-a")` and its like.
import * as asc from "assemblyscript";
import type { CallExpression, Expression } from "assemblyscript";
import { canHoldData, utf8 } from "./data.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { httpMethods, walkBody } from "./http-methods.ts";
import { isHidden, type Contexts } from "./sdk.ts";

/** The maps of an HTTP stream, as a filter names them. */
const MAPS = new Set(["requestHeaders", "requestTrailers", "responseHeaders", "responseTrailers"]);

/** Methods whose literal arguments can be encoded, and the number of their arguments. */
const METHODS: ReadonlyMap<string, number> = new Map([
  ["get", 1],
  ["getBytes", 1],
  ["has", 1],
  ["remove", 1],
  ["add", 2],
  ["set", 2],
]);

/** A token of RFC 9110, or a pseudo-header. */
const NAME = /^:?[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What a header's value must not hold. */
const LINE_BREAK = /[\r\n\0]/;

/**
 * Rewrites the calls in all classes that derive from HttpContext, and returns how many it rewrote. A literal that the
 * library would refuse at run time is an error at the user's line. Calls that are not certain to be those of the
 * library keep their form, which does the same at run time.
 */
export function encodeLiterals(contexts: Contexts, diagnostics: Diagnostics): number {
  const written: Written[] = [];
  if (isHidden(MAPS, contexts)) return 0;
  for (const method of httpMethods(contexts)) {
    if (!canHoldData(method.range)) continue;
    walkBody(method, (node) => {
      const call = node instanceof asc.CallExpression ? rewrite(node, diagnostics) : null;
      if (call) written.push(call);
    });
  }
  const texts = written.filter((it) => it.text);
  for (const { call, name, method } of texts) {
    const property = (call.expression as asc.PropertyAccessExpression).property;
    if (texts.length > FEW) {
      property.text = `__${method}Named`;
      continue;
    }
    property.text = `__${method}Text`;
    const line = `proxy-wasm-as: ${method} ${name} refused: CR, LF or NUL in the value`;
    const address = call.args[0];
    if (address) call.args[0] = utf8(line, address.range)[0];
  }
  return written.length;
}

/**
 * Up to this many values that are no literals, each has the line ready that refuses it, about 60 bytes. With more, it
 * is less to have the code that puts such lines together.
 */
const FEW = 4;

/** A call that has been rewritten. */
interface Written {
  readonly call: CallExpression;
  readonly method: string;
  /** The name of the header. */
  readonly name: string;
  /** Its value is no literal, and has to be looked at when the filter runs. */
  readonly text: boolean;
}

/** Rewrites one call, if it is one of those and its name is a literal. */
function rewrite(call: CallExpression, diagnostics: Diagnostics): Written | null {
  const method = call.expression;
  if (!(method instanceof asc.PropertyAccessExpression) || call.typeArguments?.length) return null;
  const map = method.expression;
  if (
    !(map instanceof asc.PropertyAccessExpression) ||
    !(map.expression instanceof asc.ThisExpression) ||
    !MAPS.has(map.property.text) ||
    METHODS.get(method.property.text) !== call.args.length
  ) {
    return null;
  }
  const [name, value] = call.args;
  if (!(name instanceof asc.StringLiteralExpression)) return null;
  if (!NAME.test(name.value)) {
    diagnostics.error(name.range, `'${shown(name.value)}' is no header name: a proxy would refuse it.`);
    return null;
  }
  const args: Expression[] = utf8(name.value, name.range);
  const form = method.property.text;
  let isText = false;
  if (value instanceof asc.StringLiteralExpression) {
    if (LINE_BREAK.test(value.value)) {
      diagnostics.error(value.range, "A header's value cannot hold CR, LF or NUL.");
      return null;
    }
    args.push(...utf8(value.value, value.range));
  } else if (value) {
    isText = true;
    args.push(value);
  }
  method.property.text = `__${form}`;
  call.args = args;
  return { call, method: form, name: name.value, text: isText };
}

function shown(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

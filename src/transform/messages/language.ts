// Rules for what TypeScript has and AssemblyScript lacks.
import { DiagnosticCode } from "assemblyscript";
import type { Mistake, Rule } from "./rule.ts";

const NO_CLOSURES = "AssemblyScript has no closures";

/** What asc's "Not implemented: ..." means for who writes a filter. */
const NOT_IMPLEMENTED: Readonly<Record<string, string | ((mistake: Mistake) => string)>> = {
  Closures: ({ at, keptFor }) =>
    keptFor === null
      ? `A function inside a function cannot use '${at}' of the outer one, since ${NO_CLOSURES}: pass it as a parameter, use a for loop instead of forEach or map, or keep it in a top-level variable.`
      : inTheCall(at, keptFor),
  Exceptions:
    "try/catch does not exist in AssemblyScript: test for null or for a Status instead. What is thrown cannot be caught, it ends the VM.",
  Iterators:
    "for..of does not exist in AssemblyScript: count instead, as in 'for (let i = 0; i < list.length; i++)'.",
  "Regular expressions":
    "Regular expressions do not exist in AssemblyScript: use indexOf, includes, startsWith or split.",
  "union types":
    "Union types do not exist in AssemblyScript, except 'T | null': use one type, or null for what is absent.",
  "Spread operator": "'...' does not exist in AssemblyScript: copy with concat, slice or a loop.",
  "'in' operator": "'in' does not exist in AssemblyScript: use a Map and its has().",
  "Interface hidden classes":
    "An object literal cannot be an interface in AssemblyScript: declare a class with these fields.",
  "Tagged template literals": "Tagged templates do not exist in AssemblyScript: call a function.",
};

/** Where the library's callbacks may capture. */
function inTheCall(what: string, method: string): string {
  return `A function that is kept in a variable cannot use '${what}' of the function around it: write it in the call, as in '${method}(..., (...) => { ... })'; there it gets a copy.`;
}

function notImplemented(mistake: Mistake): string | null {
  const what = mistake.message.replace(/^Not implemented: /, "");
  const known = Object.hasOwn(NOT_IMPLEMENTED, what) ? NOT_IMPLEMENTED[what] : undefined;
  if (known === undefined) return null;
  return typeof known === "string" ? known : known(mistake);
}

/** `this` of a method is looked for in the inner function, whose type asc writes as `Class#method`. */
function thisInArrow({ message, before, keptFor }: Mistake): string | null {
  const missing = /^Property '(.+)' does not exist on type '[^']*#[^']*'\.$/.exec(message);
  if (!missing || !/\bthis\s*\.\s*$/.test(before)) return null;
  if (keptFor !== null) return inTheCall("this", keptFor);
  return `'this' of the method cannot be used in a function inside it, since ${NO_CLOSURES}: use a for loop instead of forEach or map, or pass the object as a parameter.`;
}

const NO_ASYNC =
  "async and await do not exist in AssemblyScript: a callback returns at once, and the host calls again when there is more.";

function expressionExpected({ at, before, after }: Mistake): string | null {
  if (before.endsWith("?") && at === ".")
    return "'?.' does not exist in AssemblyScript: test first, as in 'if (value != null) { ... }'.";
  if (/\?\s?$/.test(before) && at === "?") {
    return after.startsWith("=")
      ? "'??=' does not exist in AssemblyScript: write 'if (value == null) value = ...'."
      : "'??' does not exist in AssemblyScript: write 'value != null ? value : other'.";
  }
  if (at === "async" || at === "await") return NO_ASYNC;
  if (at === ":" && /(?:^|[;{}\n])\s*\w+$/.test(before) && /^\s*(?:for|while|do)\b/.test(after))
    return "Labels do not exist in AssemblyScript: put the loops into a function and return from it.";
  if (at === "import") return "import() does not exist in AssemblyScript: import at the top of the file.";
  return null;
}

function typeExpected({ at, before, after }: Mistake): string | null {
  if (at === "async") return NO_ASYNC;
  if (at === "keyof" || at === "typeof")
    return `'${at}' types do not exist in AssemblyScript: name the type itself.`;
  if (at === "{")
    return "Object types do not exist in AssemblyScript: declare a class, or use Map for keys that vary.";
  if (at === "[") return "Tuple types do not exist in AssemblyScript: declare a class, or use an array.";
  if (/^\s*=>/.test(after) && at === "")
    return "Write the parameter in parentheses: '(x) => ...', or '(x: i32): i32 => ...'.";
  if (at === "" && before.endsWith(")") && /^\s*\{/.test(after))
    return "The return type is missing: AssemblyScript wants it written, as in '(): void' or '(): FilterHeadersStatus'.";
  if (at !== "" && /^\s*=\s*\(/.test(after))
    return `'${at}' needs a type. A callback must be a method, as in '${at}(...): FilterHeadersStatus { ... }': a function in a field is never called by the host.`;
  if (/^\s*[,)]/.test(after))
    return "The type of the parameter is missing: AssemblyScript wants it written, as in '(numHeaders: u32, endOfStream: bool)'.";
  return null;
}

function identifierExpected({ at, before, after }: Mistake): string | null {
  const next = after.trimStart()[0] ?? "";
  const binds = at === "const" || at === "let" || at === "var" || at === "(" || at === ",";
  if (binds && (next === "{" || next === "["))
    return "Destructuring does not exist in AssemblyScript: take the values one by one, as in 'const a = object.a'.";
  if (at === "" && /\bfunction$/.test(before) && next === "*")
    return "Generators do not exist in AssemblyScript: return an array.";
  if (at === "class" && /\bdefault\s*$/.test(before))
    return "The class needs a name: 'export default class MyFilter extends ...'.";
  if (at === "{" && after.trimStart().startsWith("..."))
    return "'...' does not exist in AssemblyScript: copy the fields one by one.";
  if (at === "static" && next === "{")
    return "Static blocks do not exist in AssemblyScript: use a static method or top-level code.";
  return null;
}

/** asc wanted another sign: what stands there belongs to a form it does not know. */
function unexpected({ at, before, after }: Mistake): string | null {
  if (at === "type" && /\bimport\s*(?:\{[^}]*)?$/.test(before))
    return "'import type' does not exist in AssemblyScript: write 'import { ... }'.";
  if (/\bfor\s*\(\s*(?:const|let|var)\s*$/.test(before) && /^\s+in\b/.test(after))
    return "for..in does not exist in AssemblyScript: keep what varies in a Map, and go through its keys().";
  return null;
}

/** Rules for syntax; asc's messages name only the sign it stumbled over. */
export const LANGUAGE_RULES: readonly Rule[] = [
  {
    code: DiagnosticCode.Not_implemented_0,
    explain: notImplemented,
    // asc first complains that the captured variable is not assigned, which is not the point.
    supersedes: DiagnosticCode.Variable_0_is_used_before_being_assigned,
  },
  { code: DiagnosticCode.Property_0_does_not_exist_on_type_1, explain: thisInArrow },
  { code: DiagnosticCode.Expression_expected, explain: expressionExpected },
  { code: DiagnosticCode.Type_expected, explain: typeExpected },
  { code: DiagnosticCode.Identifier_expected, explain: identifierExpected },
  {
    code: DiagnosticCode.Invalid_character,
    explain: ({ at, after }) =>
      at === "#" && /^\w/.test(after) ? "'#' fields do not exist in AssemblyScript: write 'private'." : null,
  },
  {
    code: DiagnosticCode._0_expected,
    explain: unexpected,
    supersedes: DiagnosticCode._const_declarations_must_be_initialized,
  },
  {
    code: DiagnosticCode.Optional_parameter_must_have_an_initializer,
    explain: () =>
      "An optional parameter needs a default in AssemblyScript: write 'name: string = \"\"' instead of 'name?: string'.",
  },
  {
    code: DiagnosticCode.Optional_properties_are_not_supported,
    explain: () =>
      "Optional fields do not exist in AssemblyScript: write 'name: string | null = null' instead of 'name?: string'.",
  },
];

// The library's methods that take a callback, read from its own sources: each has a sibling that takes a handler object.
import * as asc from "assemblyscript";
import type { FunctionDeclaration, FunctionTypeNode, Source, Statement, TypeNode } from "assemblyscript";
import type { Files } from "./names.ts";

/** What the sibling of `httpCall` is called: `httpCallWith`. */
const SUFFIX = "With";

/** A method or function `x(..., callback)` that has a sibling `xWith(..., handler)`. */
export interface CallbackMethod {
  readonly name: string;
  readonly sibling: string;
  /** The class that declares both; null for functions. */
  readonly owner: string | null;
  /** The file that declares them, in which the types of {@link callback} have a meaning. */
  readonly source: Source;
  /** Which argument the callback is. */
  readonly argument: number;
  readonly callback: FunctionTypeNode;
  /** The class of handlers, its file, and the method that is called instead of the callback. */
  readonly handler: { readonly name: string; readonly source: Source; readonly method: string };
}

/** Finds them all, by name; where two have one name, both are there. */
export function findCallbackMethods(
  library: readonly Source[],
  files: Files,
): ReadonlyMap<string, readonly CallbackMethod[]> {
  const found = new Map<string, CallbackMethod[]>();
  for (const source of library) {
    for (const [owner, statements] of containers(source)) {
      const functions = new Map(
        statements.flatMap((it) => (it instanceof asc.FunctionDeclaration ? [[it.name.text, it]] : [])),
      );
      for (const [name, plain] of functions) {
        const sibling = functions.get(name + SUFFIX);
        const method = sibling && match(plain, sibling, owner, source, files);
        if (method) found.set(name, [...(found.get(name) ?? []), method]);
      }
    }
  }
  return found;
}

/** Where methods and functions stand: classes, and files themselves. */
function containers(source: Source): [owner: string | null, statements: readonly Statement[]][] {
  const classes = source.statements.flatMap((it) => (it instanceof asc.ClassDeclaration ? [it] : []));
  return [
    [null, source.statements],
    ...classes.map((it): [string, readonly Statement[]] => [it.name.text, it.members]),
  ];
}

function match(
  plain: FunctionDeclaration,
  sibling: FunctionDeclaration,
  owner: string | null,
  source: Source,
  files: Files,
): CallbackMethod | null {
  const parameters = plain.signature.parameters;
  const argument = parameters.findIndex((it) => it.type instanceof asc.FunctionTypeNode);
  const callback = parameters[argument]?.type;
  const type = sibling.signature.parameters[argument]?.type;
  if (!(callback instanceof asc.FunctionTypeNode) || !(type instanceof asc.NamedTypeNode)) return null;
  const handler = files.find(type.name.identifier.text, source);
  if (!handler || !(handler.declaration instanceof asc.ClassDeclaration)) return null;
  const methods = handler.declaration.members.filter(
    (it): it is asc.MethodDeclaration =>
      it instanceof asc.MethodDeclaration &&
      !it.isAny(asc.CommonFlags.Static | asc.CommonFlags.Constructor) &&
      signature(it.signature) === signature(callback),
  );
  const [method] = methods;
  if (!method || methods.length > 1) return null;
  return {
    name: plain.name.text,
    sibling: sibling.name.text,
    owner,
    source,
    argument,
    callback,
    handler: {
      name: handler.declaration.name.text,
      source: handler.source,
      method: method.name.text,
    },
  };
}

/** The types of a function, to be compared. */
function signature({ parameters, returnType }: FunctionTypeNode): string {
  return [...parameters.map((it) => it.type), returnType].map((it) => typeText(it)).join();
}

/** A type as it is written, with its simple names as `rename` wants them. */
export function typeText(type: TypeNode, rename: (name: string) => string = (name) => name): string {
  const absent = type.isNullable ? " | null" : "";
  if (type instanceof asc.FunctionTypeNode) {
    const parameters = type.parameters.map((it) => `${it.name.text}: ${typeText(it.type, rename)}`);
    const text = `(${parameters.join(", ")}) => ${typeText(type.returnType, rename)}`;
    return absent ? `(${text})${absent}` : text;
  }
  if (!(type instanceof asc.NamedTypeNode)) return "";
  const { identifier, next } = type.name;
  const name = next ? `${identifier.text}.${next.identifier.text}` : rename(identifier.text);
  const given = type.typeArguments?.map((it) => typeText(it, rename)) ?? [];
  return `${name}${given.length ? `<${given.join(", ")}>` : ""}${absent}`;
}

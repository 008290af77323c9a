// Turns the library's own messages into UTF-8 at compile time: half the bytes of a string, and nothing to encode.
import * as asc from "assemblyscript";
import type { Expression, FunctionDeclaration, Node, Program, Source } from "assemblyscript";
import { data } from "./data.ts";
import { GUEST } from "./sdk.ts";
import { walk, walkSource } from "./syntax.ts";

/** The type of a message in the library: `string`, and after this an address of UTF-8 that ends with NUL. */
const MESSAGE = "Message";

/**
 * Rewrites the sources of the library, which asc has parsed and not yet looked into, and returns how many messages it
 * rewrote. What is a message shows in the library's own types: arguments of parameters of type `Message`, what
 * functions of that type return, and variables of it. A message that is missed is a type error in every build.
 */
export function encodeMessages(program: Program): number {
  const library = program.sources.filter((source) => source.internalPath.startsWith(GUEST));
  const alias = findAlias(library);
  if (!alias) return 0;
  const parameters = new Map<string, number[]>();
  for (const source of library) {
    walkSource(source, (node) => {
      if (!(node instanceof asc.FunctionDeclaration)) return;
      const places = node.signature.parameters.flatMap((it, at) => (isMessage(it.type) ? [at] : []));
      // Functions of one name share an entry: it is only looked at where a literal stands.
      if (places.length)
        parameters.set(node.name.text, [...(parameters.get(node.name.text) ?? []), ...places]);
    });
  }
  let count = 0;
  const encode = (value: Expression | null | undefined): Expression | null => {
    if (value instanceof asc.TernaryExpression) {
      value.ifThen = encode(value.ifThen) ?? value.ifThen;
      value.ifElse = encode(value.ifElse) ?? value.ifElse;
    }
    if (!(value instanceof asc.StringLiteralExpression)) return null;
    count++;
    return data([...Buffer.from(value.value), 0], value.range);
  };
  const visit = (node: Node): void => {
    if (node instanceof asc.CallExpression) {
      for (const at of parameters.get(calledName(node)) ?? []) {
        const value = encode(node.args[at]);
        if (value) node.args[at] = value;
      }
    } else if (node instanceof asc.VariableDeclaration) {
      if (isMessage(node.type)) node.initializer = encode(node.initializer) ?? node.initializer;
    } else if (node instanceof asc.FunctionDeclaration && isMessage(node.signature.returnType)) {
      encodeReturns(node, encode);
    }
  };
  for (const source of library) walkSource(source, visit);
  alias.type = asc.Node.createNamedType(
    asc.Node.createSimpleTypeName("usize", alias.range),
    null,
    false,
    alias.range,
  );
  return count;
}

function encodeReturns(
  declaration: FunctionDeclaration,
  encode: (value: Expression | null) => Expression | null,
): void {
  if (!declaration.body) return;
  walk(declaration.body, (node) => {
    if (node instanceof asc.ReturnStatement) node.value = encode(node.value) ?? node.value;
  });
}

function findAlias(library: readonly Source[]): asc.TypeDeclaration | null {
  for (const source of library) {
    for (const statement of source.statements) {
      if (statement instanceof asc.TypeDeclaration && statement.name.text === MESSAGE) return statement;
    }
  }
  return null;
}

function isMessage(type: Node | null): boolean {
  return type instanceof asc.NamedTypeNode && type.name.identifier.text === MESSAGE;
}

function calledName(call: asc.CallExpression): string {
  const callee = call.expression;
  if (callee instanceof asc.IdentifierExpression) return callee.text;
  return callee instanceof asc.PropertyAccessExpression ? callee.property.text : "";
}

// Finds `!value` and `if (value)` on what HeaderMap.get answered: an empty header is not what JavaScript makes of it.
import * as asc from "assemblyscript";
import type { Expression, Node } from "assemblyscript";
import { isUserSource } from "../sdk.ts";
import { bare, textOf, walk } from "../syntax.ts";
import type { Check, CheckInput } from "./check.ts";

const MAPS = new Set(["requestHeaders", "requestTrailers", "responseHeaders", "responseTrailers"]);

export const checkHeaderTests: Check = ({ program, diagnostics }) => {
  for (const source of program.sources) {
    if (!isUserSource(source) || !source.text.includes("proxy-wasm-as")) continue;
    for (const statement of source.statements) {
      walk(statement, (node) => {
        if (node instanceof asc.FunctionDeclaration && node.body) checkFunction(node.body, diagnostics);
      });
    }
  }
};

/** Looks at one function; those inside it are looked at by themselves, since nothing is shared with them. */
function checkFunction(body: Node, diagnostics: CheckInput["diagnostics"]): void {
  const headers = headerVariables(body);
  const tested = new Set<Node>();
  const test = (condition: Expression | null): void => {
    const value = condition && bare(condition);
    if (!value || tested.has(value)) return;
    if (value instanceof asc.BinaryExpression && isLogical(value)) test(value.right);
    else if (isHeader(value, headers)) {
      tested.add(value);
      const name = textOf(value);
      diagnostics.warning(
        value.range,
        `'${name}' counts as true here also when the header is there but empty, unlike in JavaScript: write '${name} != null' if that is meant.`,
      );
    }
  };
  walkOne(body, (node) => {
    if (node instanceof asc.UnaryPrefixExpression && node.operator === asc.Token.Exclamation) {
      const value = bare(node.operand);
      if (!isHeader(value, headers)) return;
      const name = textOf(value);
      diagnostics.warning(
        node.range,
        `'!${name}' is true also when the header is there but empty: write '${name} == null' to ask whether it is absent.`,
      );
    } else if (
      node instanceof asc.IfStatement ||
      node instanceof asc.WhileStatement ||
      node instanceof asc.DoStatement ||
      node instanceof asc.ForStatement ||
      node instanceof asc.TernaryExpression
    ) {
      test(node.condition);
    } else if (node instanceof asc.BinaryExpression && isLogical(node)) test(node.left);
  });
}

function isLogical(node: asc.BinaryExpression): boolean {
  return node.operator === asc.Token.Ampersand_Ampersand || node.operator === asc.Token.Bar_Bar;
}

/** Names of variables that hold an answer of HeaderMap.get and nothing else. */
function headerVariables(body: Node): ReadonlySet<string> {
  const declared = new Map<string, number>();
  const headers = new Set<string>();
  const assigned = new Set<string>();
  walkOne(body, (node) => {
    if (node instanceof asc.VariableDeclaration) {
      declared.set(node.name.text, (declared.get(node.name.text) ?? 0) + 1);
      if (node.initializer && isHeaderGet(node.initializer)) headers.add(node.name.text);
    } else if (node instanceof asc.BinaryExpression && node.operator === asc.Token.Equals) {
      if (node.left instanceof asc.IdentifierExpression) assigned.add(node.left.text);
    }
  });
  for (const name of headers) if (declared.get(name) !== 1 || assigned.has(name)) headers.delete(name);
  return headers;
}

function isHeader(value: Node, variables: ReadonlySet<string>): boolean {
  if (value instanceof asc.CallExpression) return isHeaderGet(value);
  return value instanceof asc.IdentifierExpression && variables.has(value.text);
}

/** `this.requestHeaders.get(name)`, on whatever object. */
function isHeaderGet(expression: Expression): boolean {
  const call = bare(expression);
  if (!(call instanceof asc.CallExpression)) return false;
  const callee = call.expression;
  return (
    callee instanceof asc.PropertyAccessExpression &&
    callee.property.text === "get" &&
    callee.expression instanceof asc.PropertyAccessExpression &&
    MAPS.has(callee.expression.property.text)
  );
}

/** As `walk`, without the functions inside. */
function walkOne(body: Node, visit: (node: Node) => void): void {
  walk(body, (node) => {
    if (node instanceof asc.FunctionDeclaration || node instanceof asc.ClassDeclaration) return false;
    visit(node);
    return true;
  });
}

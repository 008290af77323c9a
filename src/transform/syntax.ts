// Walks asc's syntax tree, for which asc itself has no visitor.
import * as asc from "assemblyscript";
import type { Node, Source } from "assemblyscript";

/**
 * Calls `visit` for a node and all nodes below it, in the order of the text. Below a node for which it answers
 * `false` it does not go.
 */
export function walk(node: Node, visit: (node: Node) => boolean | void): void {
  if (visit(node) === false) return;
  for (const child of children(node)) walk(child, visit);
}

/** The nodes directly below a node, in the order of the text. */
export function* children(node: Node): Generator<Node> {
  for (const [key, value] of Object.entries(node)) {
    if (key === "range") continue;
    if (value instanceof asc.Node) yield value;
    else if (Array.isArray(value)) {
      for (const item of value) if (item instanceof asc.Node) yield item;
    }
  }
}

/** As {@link walk}, for all statements of a source. */
export function walkSource(source: Source, visit: (node: Node) => boolean | void): void {
  for (const statement of source.statements) walk(statement, visit);
}

/** The text of a node as the user wrote it. */
export function textOf(node: Node): string {
  return node.range.toString();
}

/** Takes off what does not change which thing an expression names: parentheses, `x!`, casts. */
export function bare(expression: Node): Node {
  let it = expression;
  for (;;) {
    if (it instanceof asc.ParenthesizedExpression || it instanceof asc.AssertionExpression)
      it = it.expression;
    else return it;
  }
}

/** The operators that change the variable to their left. */
export const ASSIGNMENTS: ReadonlySet<asc.Token> = new Set([
  asc.Token.Equals,
  asc.Token.Plus_Equals,
  asc.Token.Minus_Equals,
  asc.Token.Asterisk_Equals,
  asc.Token.Asterisk_Asterisk_Equals,
  asc.Token.Slash_Equals,
  asc.Token.Percent_Equals,
  asc.Token.LessThan_LessThan_Equals,
  asc.Token.GreaterThan_GreaterThan_Equals,
  asc.Token.GreaterThan_GreaterThan_GreaterThan_Equals,
  asc.Token.Ampersand_Equals,
  asc.Token.Bar_Equals,
  asc.Token.Caret_Equals,
]);

/** Whether a node is this name, as a value. */
export function names(node: Node, name: string): boolean {
  return node instanceof asc.IdentifierExpression && node.text === name;
}

export function isUnary(node: Node | null): node is asc.UnaryExpression {
  return node instanceof asc.UnaryPrefixExpression || node instanceof asc.UnaryPostfixExpression;
}

/** What a node writes to, if it is an assignment or a step. */
export function writtenBy(node: Node): Node | null {
  if (node instanceof asc.BinaryExpression) return ASSIGNMENTS.has(node.operator) ? node.left : null;
  const steps = [asc.Token.Plus_Plus, asc.Token.Minus_Minus];
  return isUnary(node) && steps.includes(node.operator) ? node.operand : null;
}

/** Whether anything below a node may write to a variable of this name. */
export function writes(node: Node, name: string): boolean {
  let found = false;
  walk(node, (below) => {
    const target = writtenBy(below);
    if (target && names(bare(target), name)) found = true;
  });
  return found;
}

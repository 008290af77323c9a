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

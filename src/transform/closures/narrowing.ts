// What a condition proves about variables: that they are not null where it holds, or where it does not.
import * as asc from "assemblyscript";
import type { Expression, Statement } from "assemblyscript";
import { bare } from "../syntax.ts";

/** The identifiers that are not null when `condition` is `outcome`. */
export function provenNotNull(condition: Expression, outcome: boolean): asc.IdentifierExpression[] {
  const it = bare(condition);
  if (isVariable(it)) return outcome ? [it] : [];
  if (it instanceof asc.UnaryPrefixExpression && it.operator === asc.Token.Exclamation)
    return provenNotNull(it.operand, !outcome);
  if (!(it instanceof asc.BinaryExpression)) return [];
  const { operator, left, right } = it;
  if (operator === (outcome ? asc.Token.Ampersand_Ampersand : asc.Token.Bar_Bar))
    return [...provenNotNull(left, outcome), ...provenNotNull(right, outcome)];
  const comparisons = outcome
    ? [asc.Token.Exclamation_Equals, asc.Token.Exclamation_Equals_Equals]
    : [asc.Token.Equals_Equals, asc.Token.Equals_Equals_Equals];
  if (!comparisons.includes(operator)) return [];
  const [a, b] = [bare(left), bare(right)];
  if (b instanceof asc.NullExpression && isVariable(a)) return [a];
  if (a instanceof asc.NullExpression && isVariable(b)) return [b];
  return [];
}

/** asc's classes of `this`, `true`, `null` and their like derive from that of identifiers. */
export function isVariable(node: asc.Node): node is asc.IdentifierExpression {
  return node instanceof asc.IdentifierExpression && node.constructor === asc.IdentifierExpression;
}

/** Whether control never comes to the end of a statement. */
export function leaves(statement: Statement | null | undefined): boolean {
  if (!statement) return false;
  if (statement instanceof asc.BlockStatement) return leaves(statement.statements.at(-1));
  if (statement instanceof asc.IfStatement) return leaves(statement.ifTrue) && leaves(statement.ifFalse);
  return statement instanceof asc.ReturnStatement || statement instanceof asc.ThrowStatement;
}

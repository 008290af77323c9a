// What the head of a loop shows about its counter.
import * as asc from "assemblyscript";
import type { Expression, ForStatement } from "assemblyscript";
import { isUnary, names, writes } from "./syntax.ts";

/** The types of a counter that a step upwards cannot make negative, or larger than any array. */
const COUNTERS: ReadonlySet<string> = new Set(["i32", "u32"]);
/** The largest step: an array has at most 2^30 bytes, so that the sum stays in a counter. */
const LARGEST_STEP = 1 << 16;

/** The first of the conditions that all have to hold, if it is a comparison by `<`. */
export function boundOf(condition: Expression | null): asc.BinaryExpression | null {
  let it = condition;
  while (it instanceof asc.BinaryExpression && it.operator === asc.Token.Ampersand_Ampersand) it = it.left;
  return it instanceof asc.BinaryExpression && it.operator === asc.Token.LessThan ? it : null;
}

export function isCounter({ type, initializer }: asc.VariableDeclaration): boolean {
  return (
    (type === null || COUNTERS.has(type.range.toString())) &&
    initializer instanceof asc.IntegerLiteralExpression
  );
}

/** Whether a loop changes its counter in no other way than by a step upwards at the end of each turn. */
export function countsUp(
  { initializer, condition, incrementor, body }: ForStatement,
  counter: string,
): boolean {
  if ([initializer, condition, body].some((part) => part && writes(part, counter))) return false;
  if (isUnary(incrementor))
    return incrementor.operator === asc.Token.Plus_Plus && names(incrementor.operand, counter);
  if (!(incrementor instanceof asc.BinaryExpression) || !names(incrementor.left, counter)) return false;
  const { operator, right } = incrementor;
  if (operator !== asc.Token.Plus_Equals || !(right instanceof asc.IntegerLiteralExpression)) return false;
  const step = Number(right.range.toString());
  return step > 0 && step <= LARGEST_STEP;
}

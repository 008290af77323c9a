// Makes plain answers to requests cheap: `return this.sendLocalResponse(403, "no");` in onRequestHeaders.
import * as asc from "assemblyscript";
import type { CallExpression, Expression, Node, Program, ReturnStatement } from "assemblyscript";
import { canHoldData, integer, utf8 } from "./data.ts";
import { httpMethods, walkBody } from "./http-methods.ts";
import { clientSources, isHidden, type Contexts } from "./sdk.ts";
import { walkSource } from "./syntax.ts";

/** Calls and callbacks of a stream for whose sake the library notes what happened to it before. */
const NOTED: ReadonlySet<string> = new Set([
  "sendLocalResponse",
  "sendLocalResponseBytes",
  "isLocalResponse",
  "resumeRequest",
  "resumeResponse",
  "closeRequest",
  "closeResponse",
  "bufferRequestBody",
  "bufferResponseBody",
]);

const CALLBACK = "onRequestHeaders";

/**
 * Turns the answers of a program into calls that note and ask nothing, and returns how many it turned: all or none.
 * Where every answer is what onRequestHeaders returns, and nothing else is ever done to a stream, a second answer
 * cannot come, since a host calls onRequestHeaders once; and no code runs between the answer and the callback's end.
 * `called` has the names that code outside the library uses behind a dot.
 */
export function simplifyAnswers(program: Program, contexts: Contexts, called: ReadonlySet<string>): number {
  if (called.has(CALLBACK) || isHidden(NOTED, contexts)) return 0;
  const answers: CallExpression[] = [];
  for (const method of httpMethods(contexts)) {
    if (method.name.text !== CALLBACK) continue;
    walkBody(method, (node) => {
      if (node instanceof asc.ReturnStatement) answers.push(...answersOf(node));
    });
  }
  if (countNoted(program) !== answers.length) return 0;
  for (const answer of answers) simplify(answer);
  return answers.length;
}

/** The answers that a statement returns as they are, or by a choice between two. */
function answersOf(statement: ReturnStatement): CallExpression[] {
  const found: CallExpression[] = [];
  const look = (value: Expression | null): void => {
    if (value instanceof asc.ParenthesizedExpression) look(value.expression);
    else if (value instanceof asc.TernaryExpression) {
      look(value.ifThen);
      look(value.ifElse);
    } else if (isAnswer(value)) found.push(value);
  };
  look(statement.value);
  return found;
}

function isAnswer(node: Expression | null): node is CallExpression {
  return (
    node instanceof asc.CallExpression &&
    node.expression instanceof asc.PropertyAccessExpression &&
    node.expression.expression instanceof asc.ThisExpression &&
    node.expression.property.text === "sendLocalResponse"
  );
}

/** How often code outside the library mentions one of {@link NOTED} behind a dot. */
function countNoted(program: Program): number {
  let count = 0;
  const visit = (node: Node): void => {
    if (node instanceof asc.PropertyAccessExpression && NOTED.has(node.property.text)) count++;
  };
  for (const source of clientSources(program)) walkSource(source, visit);
  return count;
}

function simplify(answer: CallExpression): void {
  const [status, body] = answer.args;
  const method = (answer.expression as asc.PropertyAccessExpression).property;
  method.text = "__answer";
  if (answer.args.length > 2 || !status || !isSound(status)) return;
  if (!canHoldData(answer.range)) return;
  if (body === undefined) answer.args = [status, integer(0, status.range), integer(0, status.range)];
  else if (body instanceof asc.StringLiteralExpression)
    answer.args = [status, ...utf8(body.value, body.range)];
  else return;
  method.text = "__answerBytes";
}

/** Whether a status is written as a number that can go out with a body. */
function isSound(status: Expression): boolean {
  const text = status.range.toString();
  return /^[2-5]\d\d$/.test(text) && text !== "204" && text !== "304";
}

// Makes plain answers to requests cheap: `return this.sendLocalResponse(403, "no");` in onRequestHeaders.
import * as asc from "assemblyscript";
import type { CallExpression, Expression, Node, Program, ReturnStatement } from "assemblyscript";
import { integer, utf8 } from "./data.ts";
import { clientSources, derivesFrom, isHidden, usedNames, type Contexts } from "./sdk.ts";
import { walk, walkSource } from "./syntax.ts";

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
 */
export function simplifyAnswers(program: Program, contexts: Contexts): number {
  const http = contexts.core.get("HttpContext");
  if (!http || usedNames(program).has(CALLBACK) || isHidden(NOTED, contexts)) return 0;
  const answers: CallExpression[] = [];
  for (const prototype of contexts.derived) {
    if (!derivesFrom(prototype, http)) continue;
    for (const member of (prototype.declaration as asc.ClassDeclaration).members) {
      if (!(member instanceof asc.MethodDeclaration) || member.name.text !== CALLBACK || !member.body)
        continue;
      walk(member.body, (node) => {
        if (node instanceof asc.ReturnStatement) answers.push(...answersOf(node));
        return !(node instanceof asc.FunctionExpression);
      });
    }
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
  if (/\bmemory\b/.test(answer.range.source.text)) return;
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

// Reads the protobuf text format into a syntax tree.
import { Characters } from "./characters.ts";
import { MAX_DEPTH } from "./syntax-tree.ts";
import { SuiteError } from "./suite-error.ts";
import { readStringLiteral } from "./string-literal.ts";
import type { BlockNode, EntryNode, ListNode, Node, ScalarNode } from "./syntax-tree.ts";
import type { ByteString } from "../host/byte-string.ts";
import type { Place } from "./suite.ts";

const CLOSING: Readonly<Record<string, string>> = { "{": "}", "<": ">" };
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const WORD = /[A-Za-z0-9_.+]+/y;

/**
 * Parses a file in text format: fields `name: value` and `name { ... }`, `#` comments, `,` or `;` between fields, strings
 * in either quotes, adjacent ones joined.
 *
 * @param source bytes of the file.
 * @throws SuiteError with the place of what is wrong.
 */
export function parseTextFormat(source: ByteString): BlockNode {
  const input = new Characters(source);
  return parseBlock(input, input.place, null, 0);
}

/** The fields up to the bracket that closes the message, or to the end of the file. */
function parseBlock(input: Characters, place: Place, opening: string | null, depth: number): BlockNode {
  if (depth > MAX_DEPTH)
    throw new SuiteError(`messages are nested more than ${MAX_DEPTH} levels deep`, place);
  const entries: EntryNode[] = [];
  for (;;) {
    input.skipBlanks();
    if (input.atEnd) {
      if (opening === null) return { kind: "block", place, entries };
      throw new SuiteError(`this "${opening}" is never closed; the file ends first`, place);
    }
    if (opening !== null && input.accept(CLOSING[opening]!)) return { kind: "block", place, entries };
    entries.push(parseEntry(input, depth));
    input.skipBlanks();
    if (!input.accept(",")) input.accept(";");
  }
}

function parseEntry(input: Characters, depth: number): EntryNode {
  const { place } = input;
  const name = input.match(NAME);
  if (name === null) throw new SuiteError(`expected the name of a field, found ${input.describe()}`, place);
  input.skipBlanks();
  const colon = input.accept(":");
  input.skipBlanks();
  const next = input.peek();
  if (!colon && !(next in CLOSING) && next !== "[")
    throw new SuiteError(
      `expected ":" or "{" after the field "${name}", found ${input.describe()}`,
      input.place,
    );
  return { name, place, value: parseValue(input, depth) };
}

function parseValue(input: Characters, depth: number): Node {
  const { place } = input;
  const next = input.peek();
  if (next in CLOSING) {
    input.accept(next);
    return parseBlock(input, place, next, depth + 1);
  }
  return next === "[" ? parseList(input, depth) : parseScalar(input);
}

function parseList(input: Characters, depth: number): ListNode {
  const { place } = input;
  input.accept("[");
  const items: Node[] = [];
  input.skipBlanks();
  while (!input.accept("]")) {
    if (items.length > 0 && !input.accept(","))
      throw new SuiteError(`expected "," or "]" in a list, found ${input.describe()}`, input.place);
    input.skipBlanks();
    if (input.peek() === "[") throw new SuiteError("a list cannot hold lists", input.place);
    items.push(parseValue(input, depth));
    input.skipBlanks();
  }
  return { kind: "list", place, items };
}

function parseScalar(input: Characters): ScalarNode {
  const { place } = input;
  if (input.peek() === '"' || input.peek() === "'") {
    let bytes = "";
    while (input.peek() === '"' || input.peek() === "'") {
      bytes += readStringLiteral(input);
      input.skipBlanks();
    }
    return { kind: "scalar", place, form: "quoted", bytes };
  }
  const sign = input.accept("-") ? "-" : "";
  if (sign !== "") input.skipBlanks();
  const word = input.match(WORD);
  if (word === null) throw new SuiteError(`expected a value, found ${input.describe()}`, input.place);
  return { kind: "scalar", place, form: "word", bytes: sign + word };
}

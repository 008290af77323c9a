// What a rule for rewriting one of asc's messages is.
import type { Program } from "assemblyscript";

/** A message of asc, and the place in the user's text that it points to. */
export interface Mistake {
  /** asc's own message. */
  readonly message: string;
  /** The text that asc marks; may be empty. */
  readonly at: string;
  /** The text of the file before it. */
  readonly before: string;
  /** The text of the file after it. */
  readonly after: string;
  /** The second place that asc names, if any: the declaration that the first one disagrees with. */
  readonly related: string;
  /** Whether asc marks a variable of which a callback has got a copy. */
  readonly isCopy: boolean;
  /** The method that gets the function in which the place is, if that is kept in a variable first. */
  readonly keptFor: string | null;
  readonly program: Program;
  /** The folder asc works in. */
  readonly folder: string;
}

/** Rewrites messages of one of asc's codes. */
export interface Rule {
  /** asc's number of the message. */
  readonly code: number;
  /** One sentence for the user; `null` leaves the message to the next rule, and at last to asc. */
  readonly explain: (mistake: Mistake) => string | null;
  /** asc's number of a message about the same place that came before, and is only a consequence. */
  readonly supersedes?: number;
}

/** How a type is written in source: `~lib/string/String | null` is `string | null`. */
export function plainType(type: string): string {
  return type.replace(/(?:[\w~@.-]+\/)+(\w+)/g, "$1").replace(/\bString\b/g, "string");
}

// What a check of the user's program gets.
import type { Program } from "assemblyscript";
import type { Diagnostics } from "../diagnostics.ts";
import type { Contexts } from "../sdk.ts";

export interface CheckInput {
  readonly program: Program;
  readonly contexts: Contexts;
  readonly diagnostics: Diagnostics;
}

/** Looks at the whole program before it is compiled, and adds messages. */
export type Check = (input: CheckInput) => void;

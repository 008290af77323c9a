// All rules for rewriting asc's messages, in the order in which they are asked.
import { LANGUAGE_RULES } from "./language.ts";
import { NAME_RULES } from "./names.ts";
import type { Mistake, Rule } from "./rule.ts";
import { TYPE_RULES } from "./types.ts";

const RULES: readonly Rule[] = [...LANGUAGE_RULES, ...NAME_RULES, ...TYPE_RULES];

/** What {@link explain} found. */
export interface Explanation {
  readonly text: string;
  readonly rule: Rule;
}

/** One sentence for a message of asc; `null` when asc's own is good enough. */
export function explain(code: number, mistake: Mistake): Explanation | null {
  for (const rule of RULES) {
    const text = rule.code === code ? rule.explain(mistake) : null;
    if (text !== null) return { text, rule };
  }
  return null;
}

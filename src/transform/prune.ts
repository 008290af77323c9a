// Removes the exports of callbacks that no filter class receives, before asc compiles them.
import type { Program } from "assemblyscript";
import { CALLBACK_RULES, type CallbackRule } from "./callbacks.ts";
import type { Feature } from "./features.ts";
import { isRequested, KEEP_CALLBACKS } from "./options.ts";
import { clientSources, derivesFrom, exportsFile, ownLineage, type Contexts } from "./sdk.ts";

/** What {@link pruneCallbacks} decided about one build. */
export interface PruneReport {
  /** Exports removed from the module, in the order of the specification. */
  readonly removed: readonly string[];
  /** Callbacks that stay, in the order of the specification. */
  readonly kept: readonly string[];
  /** Why nothing was removed, if so; `null` after a normal run. */
  readonly skipped: "kept by option" | "no entry of the preset" | null;
}

/**
 * Deletes the exports of callbacks that nothing receives. It must run between the program's initialization, when
 * classes know their bases, and its compilation; what is no longer exported is then never compiled.
 */
export function pruneCallbacks(
  program: Program,
  contexts: Contexts,
  unused: readonly Feature[],
): PruneReport {
  const all = CALLBACK_RULES.map((rule) => rule.exportName);
  if (isRequested(program, KEEP_CALLBACKS)) return { removed: [], kept: all, skipped: "kept by option" };
  const exported = exportsFile(program)?.exports;
  if (!exported) return { removed: [], kept: [], skipped: "no entry of the preset" };
  const removed: string[] = [];
  const kept: string[] = [];
  for (const rule of CALLBACK_RULES) {
    if (isNeeded(rule, program, contexts, unused)) kept.push(rule.exportName);
    else if (exported.delete(rule.exportName)) removed.push(rule.exportName);
  }
  return { removed, kept, skipped: null };
}

function isNeeded(
  rule: CallbackRule,
  program: Program,
  contexts: Contexts,
  unused: readonly Feature[],
): boolean {
  if (rule.feature) return !unused.includes(rule.feature);
  const { mention } = rule;
  if (mention && clientSources(program).some((source) => mention(source.text))) return true;
  const base = contexts.core.get(rule.context);
  if (!base) return false;
  const classes = contexts.derived.filter((it) => derivesFrom(it, base));
  if (!classes.length) return false;
  if (rule.always) return true;
  for (const prototype of classes) {
    for (const own of ownLineage(prototype, contexts)) {
      if (rule.overrides.some((name) => own.instanceMembers?.has(name))) return true;
    }
  }
  // By the text: whether the call is reached cannot be known, and a callback too many does no harm.
  return (rule.calls ?? []).some((name) =>
    clientSources(program).some((source) => source.text.includes(name)),
  );
}

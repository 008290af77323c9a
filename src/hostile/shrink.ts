// Makes a failing session as short as it gets while it still fails in the same way.
import { runSession } from "./session.ts";
import type { Failure } from "./failure.ts";
import type { Guest, Plan } from "./session.ts";

/** Runs at most this many shorter sessions. */
const MOST_TRIES = 600;

/** The shortest session found, its failure and what happens in it. */
export function shrink(
  guest: Guest,
  plan: Plan,
  failure: Failure,
): { plan: Plan; failure: Failure; trace: string[] } {
  let tries = 0;
  let steps = plan.steps;
  const fails = (shorter: Plan["steps"]): boolean => {
    if (++tries > MOST_TRIES) return false;
    return runSession(guest, { ...plan, steps: shorter }, {}).failure?.kind === failure.kind;
  };
  for (let part = Math.ceil(steps.length / 2); part >= 1; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let at = 0; at < steps.length;) {
      const shorter = [...steps.slice(0, at), ...steps.slice(at + part)];
      if (fails(shorter)) steps = shorter;
      else at += part;
    }
  }
  const trace: string[] = [];
  const shortest = { ...plan, steps };
  const last = runSession(guest, shortest, {}, trace);
  return { plan: shortest, failure: last.failure ?? failure, trace };
}

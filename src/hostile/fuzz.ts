// The fuzzer: sessions from one seed after the other, until time or number is up or a failure is found.
import { planSession, runSession } from "./session.ts";
import { shrink } from "./shrink.ts";
import type { Failure } from "./failure.ts";
import type { Guest, Plan } from "./session.ts";

/** A failure, and the way to it. */
export interface Finding {
  readonly guest: string;
  /** The session's seed: a run that begins with it finds the failure at once. */
  readonly seed: number;
  readonly failure: Failure;
  /** The shortest plan found that still fails in this way. */
  readonly plan: Plan;
  /** What happens in it. */
  readonly trace: readonly string[];
}

/** What a run came to. */
export interface FuzzResult {
  readonly seed: number;
  sessions: number;
  rounds: number;
  /** Calls by name, of host functions and of callbacks. */
  readonly counts: Record<string, number>;
  /** Most pages of memory that any VM had. */
  pages: number;
  finding: Finding | null;
}

/**
 * Runs sessions with every guest in turn, from `seed` upwards.
 *
 * @param more asked before each session whether there shall be another.
 */
export function fuzz(
  guests: readonly Guest[],
  seed: number,
  more: (result: FuzzResult) => boolean,
): FuzzResult {
  const result: FuzzResult = { seed, sessions: 0, rounds: 0, counts: {}, pages: 0, finding: null };
  while (more(result)) {
    const current = (seed + Math.floor(result.sessions / guests.length)) >>> 0;
    const guest = guests[result.sessions % guests.length]!;
    const plan = planSession(current);
    const outcome = runSession(guest, plan, result.counts);
    result.sessions++;
    result.rounds += outcome.rounds;
    result.pages = Math.max(result.pages, ...outcome.pages);
    if (outcome.failure !== null) {
      result.finding = { guest: guest.name, seed: current, ...shrink(guest, plan, outcome.failure) };
      break;
    }
  }
  return result;
}

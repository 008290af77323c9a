// What a hostile host does in one round: a list of calls, each with the seed of the answers given during it.
import { anyCall, argument, END, flag, HTTP, ROOT, TCP } from "./callbacks.ts";
import type { Call } from "./callbacks.ts";
import type { Random } from "./random.ts";

/** A call of the host, and what it needs to be repeated alone. */
export interface Step extends Call {
  readonly seed: number;
}

/** Marks the end of a round: all contexts are deleted, and an ordinary request must go well. */
export const SETTLE = "settle";

function call(random: Random, callback: string, id: number, a = argument(random), b = flag(random)): Step {
  return { callback, id, a, b, seed: random.word() };
}

/** A round of `length` calls or some more, half of them in an order that real hosts could have. */
export function planRound(random: Random, length: number): Step[] {
  const steps: Step[] = [];
  const used = [1];
  let next = 2;
  steps.push(call(random, "proxy_on_context_create", 1, 0));
  if (!random.oneIn(8)) for (const callback of ROOT) steps.push(call(random, callback, 1));
  while (steps.length < length) {
    if (random.oneIn(2)) {
      steps.push({ ...anyCall(random, used), seed: random.word() });
      continue;
    }
    const id = next++;
    used.push(id);
    steps.push(call(random, "proxy_on_context_create", id, 1));
    for (const callback of random.oneIn(3) ? TCP : HTTP) {
      if (random.oneIn(5)) continue;
      for (let times = 1 + Number(random.oneIn(4)); times > 0; times--) {
        if (random.oneIn(6)) steps.push({ ...anyCall(random, used), seed: random.word() });
        steps.push(call(random, callback, id));
      }
    }
    for (const callback of END) if (!random.oneIn(3)) steps.push(call(random, callback, id));
  }
  steps.push(call(random, SETTLE, 0));
  return steps;
}

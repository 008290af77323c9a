// Repeatable random numbers for tests: the same seed gives the same sequence.

export interface Random {
  /** A whole number from 0 to `below` - 1. */
  (below: number): number;
}

/** mulberry32, a small generator that is good enough to pick test inputs. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

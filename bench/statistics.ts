// Figures from many measurements: medians, their intervals, ratios.
import { Random } from "../src/hostile/random.ts";

/** A value with what is known of its error: the bounds of an interval, or the extremes. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const CONFIDENCE = 0.95;
const RESAMPLES = 2000;

/** The middle value, or the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The median with the lowest and the highest value. */
export function medianAndRange(values: readonly number[]): Estimate {
  return { value: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/**
 * The median with an interval that holds the true one with a probability of at least 95 %, whatever the distribution:
 * it is bounded by two of the values. Of fewer than six values no such interval exists; then it is the range.
 */
export function medianAndInterval(values: readonly number[]): Estimate {
  const sorted = ascending(values);
  const skipped = skippedAtEachEnd(sorted.length);
  if (skipped < 0) return medianAndRange(values);
  return {
    value: median(sorted),
    low: sorted[skipped] ?? Number.NaN,
    high: sorted[sorted.length - 1 - skipped] ?? Number.NaN,
  };
}

/**
 * How many values may be left out at each end so that the rest still spans the median with the wanted probability;
 * -1 if not even all of them do.
 */
export function skippedAtEachEnd(count: number): number {
  // The median lies below the lowest value kept with the probability of at most `skipped` heads in `count` throws.
  let probability = 2 ** -count;
  let tail = 0;
  let skipped = -1;
  for (let heads = 0; heads <= count; heads++) {
    tail += probability;
    if (2 * tail > 1 - CONFIDENCE) break;
    skipped = heads;
    probability *= (count - heads) / (heads + 1);
  }
  return skipped;
}

/**
 * The median of `above` over that of `below`, both measured in the same rounds, with a 95 % interval: the rounds are
 * drawn anew many times, each time with the same seed, so the same measurements always give the same interval.
 */
export function medianRatio(above: readonly number[], below: readonly number[]): Estimate {
  if (above.length !== below.length) {
    throw new Error(`${above.length} rounds cannot be compared with ${below.length}: they must be the same.`);
  }
  const random = new Random(above.length);
  const ratios = Array.from({ length: RESAMPLES }, () => {
    const drawn = above.map(() => random.below(above.length));
    return at(above, drawn) / at(below, drawn);
  });
  const sorted = ascending(ratios);
  const cut = Math.floor(((1 - CONFIDENCE) / 2) * RESAMPLES);
  return {
    value: median(above) / median(below),
    low: sorted[cut] ?? Number.NaN,
    high: sorted[RESAMPLES - 1 - cut] ?? Number.NaN,
  };
}

/** The differences, place by place. */
export function differences(values: readonly number[], base: readonly number[]): number[] {
  return values.map((value, index) => value - (base[index] ?? Number.NaN));
}

/** The quotients, place by place. */
export function quotients(values: readonly number[], base: readonly number[]): number[] {
  return values.map((value, index) => value / (base[index] ?? Number.NaN));
}

/** The items in another order. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

function at(values: readonly number[], places: readonly number[]): number {
  return median(places.map((place) => values[place] ?? Number.NaN));
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

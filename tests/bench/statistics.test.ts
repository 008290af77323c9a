// The arithmetic of the benchmark, with results known beforehand.
import { expect, test } from "vitest";

import {
  differences,
  median,
  medianAndInterval,
  medianAndRange,
  medianRatio,
  quotients,
  shuffled,
  skippedAtEachEnd,
} from "../../bench/statistics.ts";
import { Random } from "../../src/hostile/random.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test("the median is the middle value, or the mean of the two in the middle, in any order", () => {
  expect(median([7])).toBe(7);
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 1, 4, 3])).toBe(3.5);
  expect(median([])).toBeNaN();
});

test("the order of the values stays as it was", () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

// From tables of the sign test.
test.each([
  [5, -1],
  [6, 0],
  [8, 0],
  [9, 1],
  [10, 1],
  [20, 5],
  [30, 9],
  [40, 13],
  [100, 39],
])("of %i values, %i can be left out at each end", (count, skipped) => {
  expect(skippedAtEachEnd(count)).toBe(skipped);
});

test("the interval of a median is bounded by values, and is the range of few", () => {
  expect(medianAndInterval(upTo(30))).toEqual({ value: 15.5, low: 10, high: 21 });
  expect(medianAndInterval([5, 1, 3])).toEqual({ value: 3, low: 1, high: 5 });
  expect(medianAndRange([2, 8, 4])).toEqual({ value: 4, low: 2, high: 8 });
});

test("the interval holds the true median in at least 95 % of many samples", () => {
  const random = new Random(7);
  const samples = 1000;
  let held = 0;
  for (let sample = 0; sample < samples; sample++) {
    const { low, high } = medianAndInterval(upTo(31).map(() => random.below(1_000_001)));
    if (low <= 500_000 && 500_000 <= high) held++;
  }
  expect(held / samples).toBeGreaterThan(0.93);
});

test("the ratio of what is always twice as much is two, without any doubt", () => {
  expect(medianRatio([2, 4, 6, 8], [1, 2, 3, 4])).toEqual({ value: 2, low: 2, high: 2 });
});

test("the same rounds give the same interval, which lies around the ratio", () => {
  const random = new Random(3);
  const below = upTo(30).map(() => 100 + random.below(20));
  const above = below.map((value) => value * 0.8 + random.below(10));
  const ratio = medianRatio(above, below);
  expect(medianRatio(above, below)).toEqual(ratio);
  expect(ratio.low).toBeLessThan(ratio.value);
  expect(ratio.high).toBeGreaterThan(ratio.value);
});

test("different rounds are not compared", () => {
  expect(() => medianRatio([1, 2], [1])).toThrow(
    "2 rounds cannot be compared with 1: they must be the same.",
  );
});

test("differences and quotients are taken place by place", () => {
  expect(differences([5, 7], [1, 2])).toEqual([4, 5]);
  expect(quotients([6, 8], [3, 2])).toEqual([2, 4]);
});

test("shuffling keeps every item, and the same seed gives the same order", () => {
  const items = upTo(20);
  const order = shuffled(items, new Random(1));
  expect(order).not.toEqual(items);
  expect([...order].sort((a, b) => a - b)).toEqual(items);
  expect(shuffled(items, new Random(1))).toEqual(order);
});

// The parity table on the embedded host, with what Envoy was recorded to do as the referee.
import { describe, expect, test } from "vitest";

import { cases } from "./cases/index.ts";
import { differences, unexpected } from "./compare.ts";
import { runEmbedded } from "./embedded.ts";
import { isRecorded, readRecording, recordable } from "./recording.ts";

const recording = readRecording();

test("every case has a name of its own, says what it stands for, and is recorded", () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(cases.filter(({ stands }) => !/^(envoy-facts|field report) \d/.test(stands))).toEqual([]);
  const recorded = cases.filter(isRecorded).map(({ name }) => name);
  expect(Object.keys(recording).sort()).toEqual(recorded.sort());
});

describe("the embedded host does what Envoy does", () => {
  test.each(cases.map((parity) => [parity.name, parity] as const))("%s", async (name, parity) => {
    if (parity.explained !== undefined && parity.expect === undefined) {
      await runEmbedded(parity).catch(() => {});
      return;
    }
    const seen = recordable(await runEmbedded(parity));
    expect(unexpected(parity.expect, seen)).toEqual([]);
    if (parity.explained === undefined && isRecorded(parity))
      expect(differences(seen, recording[name]!)).toEqual([]);
  });
});

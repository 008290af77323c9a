// The parity table on the embedded host and on a real Envoy: what one does the other does, or the table says why not.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { repository } from "../tests/support/asc.ts";
import { cases } from "../tests/parity/cases/index.ts";
import { differences, unexpected } from "../tests/parity/compare.ts";
import { runEmbedded } from "../tests/parity/embedded.ts";
import { EnvoyBed, runAlone } from "../tests/parity/envoy.ts";
import { isRecorded, readRecording, recordable, writeRecording } from "../tests/parity/recording.ts";
import type { ParityCase } from "../tests/parity/case.ts";
import type { Observation } from "../tests/parity/observation.ts";

/** `PARITY_RECORD=1` takes what this Envoy does for the recording. */
const recordNow = process.env.PARITY_RECORD === "1";

interface Result {
  readonly name: string;
  readonly stands: string;
  readonly outcome: "equal" | "explained" | "different";
  readonly explained?: string | undefined;
  readonly problems: readonly string[];
}

/** Cases that kill Envoy or are refused by it need one of their own. */
const alone = cases.filter(({ expect }) => expect?.crash !== undefined || expect?.refused === true);
const together = cases.filter((each) => !alone.includes(each));
const recording = recordNow ? {} : readRecording();
const results: Result[] = [];

async function compare(parity: ParityCase, run: () => Promise<Observation>): Promise<void> {
  const envoy = recordable(await run());
  if (recordNow && isRecorded(parity)) recording[parity.name] = envoy;
  const embedded = await runEmbedded(parity).then(recordable, (error: unknown) => String(error));
  const problems = unexpected(parity.expect, envoy).map((each) => `Envoy: ${each}`);
  const explained: string[] = [];
  if (typeof embedded === "string") explained.push(`embedded: ${embedded}`);
  else {
    problems.push(...unexpected(parity.expect, embedded).map((each) => `embedded: ${each}`));
    explained.push(...differences(embedded, envoy));
    if (parity.explained === undefined)
      explained.push(
        ...differences(recording[parity.name] ?? envoy, envoy).map((each) => `recorded: ${each}`),
      );
  }
  const isExplained = explained.length > 0 && parity.explained !== undefined;
  if (!isExplained) problems.push(...explained);
  results.push({
    ...{ name: parity.name, stands: parity.stands, explained: parity.explained, problems },
    outcome: problems.length > 0 ? "different" : isExplained ? "explained" : "equal",
  });
  expect(problems).toEqual([]);
}

afterAll(async () => {
  mkdirSync(join(repository, "build/test-report"), { recursive: true });
  writeFileSync(join(repository, "build/test-report/parity.json"), JSON.stringify(results));
  if (recordNow) await writeRecording(recording as Record<string, Observation>);
});

describe("parity with Envoy", () => {
  let bed: EnvoyBed | undefined;
  beforeAll(async () => {
    bed = await EnvoyBed.start(together);
  });
  afterAll(() => bed?.[Symbol.asyncDispose]());

  test.each(together.map((parity) => [parity.name, parity] as const))("%s", async (_name, parity) => {
    await compare(parity, () => bed!.run(parity));
    expect(bed!.alive).toBe(true);
  });
});

describe("parity with what Envoy dies of or refuses", () => {
  test.concurrent.each(alone.map((parity) => [parity.name, parity] as const))("%s", async (_name, parity) => {
    await compare(parity, () => runAlone(parity));
  });
});

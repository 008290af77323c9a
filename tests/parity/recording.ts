// What a real Envoy 1.40 was seen to do in each case: the referee where there is no Envoy.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import type { ParityCase } from "./case.ts";
import type { Observation } from "./observation.ts";

const path = fileURLToPath(new URL("./recorded/envoy-1.40.json", import.meta.url));

/** Guests of the library say what the library says today, so only the probe's cases are recorded. */
export function isRecorded(parity: ParityCase): boolean {
  return (parity.filters ?? []).every(({ guest = "probe" }) => guest === "probe");
}

/** Observations by the name of their case. */
export function readRecording(): Record<string, Observation> {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, Observation>) : {};
}

/** Replaces the recording. Undefined fields are lost, as in any JSON. */
export async function writeRecording(observations: Record<string, Observation>): Promise<void> {
  writeFileSync(path, await format(JSON.stringify(observations), { parser: "json", printWidth: 110 }));
}

/** An observation as it comes back from a recording. */
export function recordable(observation: Observation): Observation {
  return JSON.parse(JSON.stringify(observation)) as Observation;
}

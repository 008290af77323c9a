// Part `vm`: a request's time, calls and memory in Node's V8, each sample in a process of its own.
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { command } from "../command.ts";
import { FILTERS, titleOf, type Module } from "../modules.ts";
import { canPin, pinned } from "../pinning.ts";
import { repository } from "../places.ts";
import type { PartResult } from "../report.ts";
import { shuffled } from "../statistics.ts";
import { Random } from "../../src/hostile/random.ts";
import type { Sample, SampleOptions } from "./sample.ts";
import { vmTables } from "./tables.ts";

/** How much is measured. */
export interface VmPlan {
  readonly slices: number;
  readonly sliceMs: number;
  /** How often each module is sampled, by the number of other streams. */
  readonly repetitions: ReadonlyMap<number, number>;
}

export const FULL_VM: VmPlan = {
  slices: 10,
  sliceMs: 20,
  repetitions: new Map([
    [0, 7],
    [100, 3],
    [10_000, 3],
  ]),
};

export const QUICK_VM: VmPlan = {
  slices: 5,
  sliceMs: 10,
  repetitions: new Map([
    [0, 3],
    [100, 1],
    [10_000, 1],
  ]),
};

/** The samples of one module beside a number of other streams, or why there are none. */
export interface VmSeries extends Module {
  readonly live: number;
  readonly samples: Sample[];
  failure?: string;
}

// As Envoy runs its V8: no baseline compiler.
const V8_FLAGS = ["--no-liftoff"];

/** Samples all modules, in another order in each repetition. */
export async function measureVm(
  modules: readonly Module[],
  plan: VmPlan,
  progress: (line: string) => void,
): Promise<PartResult> {
  const random = new Random(1);
  const cores = canPin() ? [availableParallelism() - 1] : undefined;
  const all: VmSeries[] = [];
  for (const [live, repetitions] of plan.repetitions) {
    const series = inOrder(modules).map((module): VmSeries => ({ ...module, live, samples: [] }));
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      progress(`in the VM, ${live} other streams: ${repetition} of ${repetitions}`);
      for (const each of shuffled(series, random)) await sampleOnce(each, plan, cores);
    }
    for (const { failure, ...module } of series) {
      if (failure !== undefined) progress(`${titleOf(module)} with ${live} other streams: ${failure}`);
    }
    all.push(...series);
  }
  const data = all.map(({ sdk, filter, live, samples, failure }) => ({
    sdk,
    filter,
    live,
    samples,
    failure,
  }));
  return { title: "In the VM", tables: vmTables(all), data };
}

async function sampleOnce(
  series: VmSeries,
  plan: VmPlan,
  cores: readonly number[] | undefined,
): Promise<void> {
  if (series.failure !== undefined) return;
  const options: SampleOptions = {
    wasm: series.wasm,
    body: series.filter === "f4",
    live: series.live,
    slices: plan.slices,
    sliceMs: plan.sliceMs,
  };
  const child = join(dirname(fileURLToPath(import.meta.url)), "child.js");
  const line = [process.execPath, ...V8_FLAGS, child, JSON.stringify(options)];
  const [program = "", ...args] = pinned(cores, line);
  try {
    const answer = JSON.parse(await command(program, args, { cwd: repository })) as Sample | Failure;
    if ("failure" in answer) series.failure = answer.failure;
    else series.samples.push(answer);
  } catch (error) {
    series.failure = (error as Error).message;
  }
}

interface Failure {
  readonly failure: string;
}

function inOrder(modules: readonly Module[]): Module[] {
  return FILTERS.flatMap((filter) => modules.filter((module) => module.filter === filter));
}

// Part `envoy`: processor time in a real Envoy.
import type { EnvoyBinary } from "../../src/envoy/index.ts";
import { Random } from "../../src/hostile/random.ts";
import { FILTERS, type Module } from "../modules.ts";
import { canPin, divideCores } from "../pinning.ts";
import type { PartResult } from "../report.ts";
import { isExact } from "./accounting.ts";
import { type Campaign, type CampaignPlan, MOST_BY_OTHERS, runCampaigns } from "./campaign.ts";
import { Surroundings } from "./load.ts";
import { measureStarts } from "./starts.ts";
import { costTable, startTable } from "./tables.ts";

export interface EnvoyPlan {
  /** How much is measured, by the number of workers. */
  readonly campaigns: ReadonlyMap<number, CampaignPlan>;
  readonly starts: number;
}

export const FULL_ENVOY: EnvoyPlan = {
  campaigns: new Map([
    [1, { sessions: 3, rounds: 12, mostRounds: 24, haste: 1 }],
    [2, { sessions: 2, rounds: 15, mostRounds: 30, haste: 2 }],
  ]),
  starts: 5,
};

export const QUICK_ENVOY: EnvoyPlan = {
  campaigns: new Map([
    [1, { sessions: 1, rounds: 6, mostRounds: 6, haste: 5 }],
    [2, { sessions: 1, rounds: 6, mostRounds: 6, haste: 10 }],
  ]),
  starts: 2,
};

/** Measures everything. */
export async function measureEnvoy(
  modules: readonly Module[],
  plan: EnvoyPlan,
  envoy: EnvoyBinary,
  progress: (line: string) => void,
): Promise<PartResult> {
  const random = new Random(2);
  const mistakes: string[] = [];
  const mistake = (line: string): void => {
    mistakes.push(line);
    progress(`not measured: ${line}`);
  };
  const campaigns: Campaign[] = [];
  for (const [workers, campaign] of plan.campaigns) {
    const cores = canPin() ? divideCores(workers) : undefined;
    const surroundings = await Surroundings.start(cores?.others);
    const { upstreamPort } = surroundings;
    const proxy = { envoy, workers, cores: cores?.proxy, upstreamPort };
    const scope = { plan: campaign, proxy, surroundings, random, progress, mistake };
    try {
      for (const filter of FILTERS) {
        // What one filter runs into does not cost the others their figures.
        await runCampaigns(filter, modules, scope).then(
          (done) => campaigns.push(...done),
          (error: Error) => mistake(`${filter.toUpperCase()} with ${workers} workers: ${error.message}`),
        );
      }
    } finally {
      surroundings.stop();
    }
  }
  progress("starts of Envoy");
  // Nothing is sent to the upstream.
  const options = { envoy, workers: 1, cores: undefined, upstreamPort: 1 };
  const starts = await measureStarts(modules, plan.starts, options, random);
  return {
    title: "In Envoy",
    tables: [
      ...[...plan.campaigns.keys()].map((workers) => costTable(campaigns, workers)),
      startTable(starts),
    ],
    data: { exact: isExact(), mostByOthers: MOST_BY_OTHERS, campaigns, starts, mistakes },
    mistakes,
  };
}

// Part `host`: how many request and response walks a second the embedded host makes, with F1 of this library.
import { createHost } from "../src/testing/index.ts";
import type { Module } from "./modules.ts";
import { type PartResult, whole } from "./report.ts";
import { medianAndRange } from "./statistics.ts";

export interface HostPlan {
  readonly walks: number;
  readonly rounds: number;
}

export const FULL_HOST: HostPlan = { walks: 20_000, rounds: 7 };
export const QUICK_HOST: HostPlan = { walks: 2000, rounds: 3 };

/** Walks requests through F1 of this library. */
export async function measureHost(modules: readonly Module[], plan: HostPlan): Promise<PartResult> {
  const f1 = modules.find((module) => module.sdk === "ours" && module.filter === "f1");
  if (f1 === undefined) throw new Error("There is no F1 to walk through.");
  const host = await createHost({ wasm: f1.wasm });
  const round = async (): Promise<{ cpu: number; wall: number }> => {
    const cpu = process.cpuUsage();
    const begun = performance.now();
    for (let walk = 0; walk < plan.walks; walk++) await host.request();
    const wall = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { cpu: (plan.walks * 1e6) / (user + system), wall: plan.walks / wall };
  };
  await round(); // warm-up
  const rounds = [];
  for (let index = 0; index < plan.rounds; index++) rounds.push(await round());
  await host.dispose();
  const row = (name: string, values: readonly number[]): string[] => {
    const { value, low, high } = medianAndRange(values);
    return [name, whole(value), whole(low), whole(high)];
  };
  return {
    title: "The embedded host",
    tables: [
      {
        title: "Walks a second, request and response",
        columns: ["per second of", "median", "lowest", "highest"],
        rows: [
          row(
            "processor time",
            rounds.map((each) => each.cpu),
          ),
          row(
            "wall time",
            rounds.map((each) => each.wall),
          ),
        ],
        notes: [`F1 of this library, ${plan.rounds} rounds of ${whole(plan.walks)} walks.`],
      },
    ],
    data: { plan, rounds },
  };
}

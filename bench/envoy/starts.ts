// Processor time that a proxy needs to start, with each module and without.
import { FILTERS, type FilterName, type Module } from "../modules.ts";
import { shuffled } from "../statistics.ts";
import type { Random } from "../../src/hostile/random.ts";
import { type ProxyOptions, startProxy } from "./proxies.ts";
import { type Variant, type VariantId, variantsOf } from "./variants.ts";

/** Starts of the variants of a filter, in milliseconds, round by round. */
export interface Starts {
  readonly filter: FilterName;
  readonly variants: readonly Pick<Variant, "id" | "title">[];
  readonly milliseconds: Partial<Record<VariantId, number[]>>;
}

// A variant that takes so long is started less often, so that the others need not wait for it.
const SLOW_MS = 1000;
const SLOW_STARTS = 3;

/** Starts each variant `rounds` times, in another order each time. */
export async function measureStarts(
  modules: readonly Module[],
  rounds: number,
  options: ProxyOptions,
  random: Random,
): Promise<Starts[]> {
  const all: Starts[] = [];
  for (const filter of FILTERS) {
    const variants = variantsOf(filter, modules);
    const milliseconds: Partial<Record<VariantId, number[]>> = {};
    for (let round = 0; round < rounds; round++) {
      for (const variant of shuffled(variants, random)) {
        const times = (milliseconds[variant.id] ??= []);
        if (times.length >= SLOW_STARTS && (times[0] ?? 0) > SLOW_MS) continue;
        const { envoy, startTime } = await startProxy(variant, options);
        times.push(startTime / 1e6);
        await envoy.stop();
      }
    }
    all.push({ filter, variants: variants.map(({ id, title }) => ({ id, title })), milliseconds });
  }
  return all;
}

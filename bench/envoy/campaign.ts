// Rounds of measurements: all variants of a filter, one after the other in another order each time.
import { setTimeout as sleep } from "node:timers/promises";

import { checkProxies } from "../behaviour/envoy.ts";
import { FILTER_TITLES, type FilterName, type Module } from "../modules.ts";
import { shuffled } from "../statistics.ts";
import type { Random } from "../../src/hostile/random.ts";
import { busyWithOthers, moment, processorTime } from "./accounting.ts";
import type { Load, Surroundings } from "./load.ts";
import { DIRECT_PATH, type Proxy, type ProxyOptions, startProxy } from "./proxies.ts";
import { type Variant, type VariantId, variantsOf } from "./variants.ts";

/** The rule for rounds that do not count: others kept more of the cores busy than this, in cores on average. */
export const MOST_BY_OTHERS = 0.1;

/** What is sent in a slice. */
export interface Slice {
  /** For the table: `1 KiB`. */
  readonly name: string;
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly bodySize: number;
  readonly requests: number;
  readonly connections: number;
}

export interface CampaignPlan {
  /** Each starts the proxies anew. */
  readonly sessions: number;
  /** Quiet rounds wanted in each session. */
  readonly rounds: number;
  /** Most rounds in each session, quiet or not. */
  readonly mostRounds: number;
  /** Divides the requests of a slice. */
  readonly haste: number;
}

/** One round: processor time of a request in microseconds by variant, and how busy others kept the cores. */
export interface Round {
  readonly session: number;
  readonly others: number;
  readonly microseconds: Readonly<Partial<Record<VariantId, number>>>;
}

/** All rounds of one filter with one kind of request. */
export interface Campaign {
  readonly filter: FilterName;
  readonly workers: number;
  readonly slice: Slice;
  readonly variants: readonly Pick<Variant, "id" | "title">[];
  readonly rounds: Round[];
}

/** What a campaign needs. */
export interface CampaignScope {
  readonly plan: CampaignPlan;
  readonly proxy: ProxyOptions;
  readonly surroundings: Surroundings;
  readonly random: Random;
  readonly progress: (line: string) => void;
  /** Told of a variant that is left out. */
  readonly mistake: (line: string) => void;
}

const KIB = 1024;

/** What is sent to a filter: one kind of request, or two. */
export function slicesOf(filter: FilterName, haste: number): Slice[] {
  const some = (count: number): number => Math.max(50, Math.round(count / haste));
  if (filter !== "f4") {
    const get = { name: "", path: DIRECT_PATH, method: "GET", bodySize: 0 } as const;
    return [{ ...get, requests: some(5000), connections: 32 }];
  }
  const post = { path: "/echo", method: "POST" } as const;
  return [
    { ...post, name: "1 KiB", bodySize: KIB, requests: some(2000), connections: 32 },
    { ...post, name: "256 KiB", bodySize: 256 * KIB, requests: some(150), connections: 8 },
  ];
}

/** Measures all variants of a filter. */
export async function runCampaigns(
  filter: FilterName,
  modules: readonly Module[],
  scope: CampaignScope,
): Promise<Campaign[]> {
  let variants = variantsOf(filter, modules);
  const { workers } = scope.proxy;
  const campaigns = slicesOf(filter, scope.plan.haste).map((slice) => ({ slice, rounds: [] as Round[] }));
  for (let session = 1; session <= scope.plan.sessions; session++) {
    scope.progress(
      `in Envoy, ${workers === 1 ? "1 worker" : `${workers} workers`}, ${FILTER_TITLES[filter]}: ` +
        `session ${session} of ${scope.plan.sessions}, ${variants.length} variants`,
    );
    const proxies = await startAll(variants, scope);
    try {
      if (session === 1) {
        const mistakes = await checkProxies(filter, proxies);
        for (const [proxy, mistake] of mistakes) {
          scope.mistake(`${proxy.variant.title} ${filter.toUpperCase()} in Envoy: ${mistake}`);
        }
        variants = variants.filter(
          (variant) => ![...mistakes.keys()].some((proxy) => proxy.variant === variant),
        );
      }
      const good = proxies.filter((proxy) => variants.includes(proxy.variant));
      for (const { slice, rounds } of campaigns) await runRounds(session, good, slice, rounds, scope);
    } finally {
      await Promise.all(proxies.map((proxy) => proxy.envoy.stop()));
    }
  }
  const named = variants.map(({ id, title }) => ({ id, title }));
  return campaigns.map((each) => ({ filter, workers, variants: named, ...each }));
}

async function startAll(variants: readonly Variant[], scope: CampaignScope): Promise<Proxy[]> {
  const proxies: Proxy[] = [];
  try {
    for (const variant of shuffled(variants, scope.random)) {
      proxies.push(await startProxy(variant, scope.proxy));
    }
  } catch (error) {
    await Promise.all(proxies.map((proxy) => proxy.envoy.stop()));
    throw error;
  }
  return proxies.sort((a, b) => variants.indexOf(a.variant) - variants.indexOf(b.variant));
}

async function runRounds(
  session: number,
  proxies: readonly Proxy[],
  slice: Slice,
  rounds: Round[],
  scope: CampaignScope,
): Promise<void> {
  const { plan, surroundings, random } = scope;
  const pids = [process.pid, ...surroundings.pids, ...proxies.map((proxy) => proxy.envoy.pid)];
  for (const proxy of proxies) await measure(proxy, slice, surroundings); // warm-up
  let quiet = 0;
  for (let count = 0; count < plan.mostRounds && quiet < plan.rounds; count++) {
    const begun = moment(pids);
    const microseconds: Partial<Record<VariantId, number>> = {};
    for (const proxy of shuffled(proxies, random)) {
      microseconds[proxy.variant.id] = await measure(proxy, slice, surroundings);
    }
    const others = busyWithOthers(begun, moment(pids));
    if (others <= MOST_BY_OTHERS) quiet++;
    rounds.push({ session, others, microseconds });
  }
}

/** Processor time of Envoy for one request, in microseconds. */
async function measure(proxy: Proxy, slice: Slice, surroundings: Surroundings): Promise<number> {
  const { path, method, bodySize, requests, connections } = slice;
  const load: Load = { port: proxy.envoy.port, path, method, bodySize, requests, connections };
  const before = processorTime(proxy.envoy.pid);
  await surroundings.send(load).catch((cause: Error) => {
    throw new Error(`${proxy.variant.title}: ${cause.message}`, { cause });
  });
  // Envoy notices a moment later that the connections are closed.
  await sleep(5);
  return (processorTime(proxy.envoy.pid) - before) / 1000 / requests;
}

// The tables of part `envoy`.
import { fixed, type Table, withBounds } from "../report.ts";
import {
  differences,
  median,
  medianAndInterval,
  medianAndRange,
  medianRatio,
  quotients,
} from "../statistics.ts";
import { isExact } from "./accounting.ts";
import { type Campaign, MOST_BY_OTHERS, type Round } from "./campaign.ts";
import type { Starts } from "./starts.ts";
import type { VariantId } from "./variants.ts";

// No interval of a median exists for fewer.
const FEWEST_ROUNDS = 6;

/** The rounds that count: the quiet ones, or all of them where too few were quiet. */
export function countedRounds(rounds: readonly Round[]): readonly Round[] {
  const quiet = rounds.filter((round) => round.others <= MOST_BY_OTHERS);
  return quiet.length >= FEWEST_ROUNDS ? quiet : rounds;
}

/** One table of all campaigns with the same number of workers. */
export function costTable(campaigns: readonly Campaign[], workers: number): Table {
  const chosen = campaigns.filter((each) => each.workers === workers);
  return {
    title: `Processor time of a request, ${workers === 1 ? "1 worker" : `${workers} workers`}`,
    left: 2,
    columns: ["filter", "variant", "µs", "added µs", "ratio to Rust", "rounds"],
    rows: chosen.flatMap(costRows),
    notes: [
      "µs: processor time of the whole Envoy process for one request, median of the rounds. Added: median of the " +
        "differences to no filter in the same round. Ratio: of the added times, from the same rounds. In brackets " +
        "the 95 % interval; where what Rust adds may be nothing, ratios are unresolved. Rounds: counted, of all; one does not count if others kept more than " +
        `${MOST_BY_OTHERS} cores busy while it lasted.`,
      ...(isExact() ? [] : ["**The kernel here accounts in ticks of 10 ms: short slices are rough.**"]),
      ...chosen
        .filter((each) => isNoisy(each.rounds))
        .map((each) => `**${heading(each)}: fewer than ${FEWEST_ROUNDS} quiet rounds, so all are used.**`),
    ],
  };
}

function costRows(campaign: Campaign): string[][] {
  const rounds = countedRounds(campaign.rounds);
  const times = (id: VariantId): number[] => rounds.map((round) => round.microseconds[id] ?? Number.NaN);
  const added = (id: VariantId): number[] => differences(times(id), times("none"));
  const hasRust = campaign.variants.some((variant) => variant.id === "rust");
  const resolved = hasRust && medianAndInterval(added("rust")).low > 0;
  return campaign.variants.map(({ id, title }) => {
    const alone = id === "none";
    return [
      heading(campaign),
      title,
      fixed(median(times(id)), 2),
      alone ? "-" : withBounds(medianAndInterval(added(id)), 2),
      alone || !hasRust
        ? "-"
        : resolved
          ? withBounds(medianRatio(added(id), added("rust")), 2)
          : "unresolved",
      `${rounds.length} of ${campaign.rounds.length}`,
    ];
  });
}

/** Processor time of starting, by filter and variant. */
export function startTable(starts: readonly Starts[]): Table {
  return {
    title: "Processor time of a start",
    left: 2,
    columns: ["filter", "variant", "ms", "added ms", "ratio to Rust", "starts"],
    rows: starts.flatMap(startRows),
    notes: [
      "From exec until the first request is answered, with one worker: the module is compiled, and its VMs are made. " +
        "ms: median of the starts, in brackets the lowest and the highest. Added and ratio: within each round of starts, then the same.",
    ],
  };
}

function startRows({ filter, variants, milliseconds }: Starts): string[][] {
  const times = (id: VariantId): number[] => milliseconds[id] ?? [];
  const added = (id: VariantId): number[] => differences(times(id), times("none"));
  return variants.map(({ id, title }) => {
    const others = id === "none" || milliseconds.rust === undefined;
    return [
      filter.toUpperCase(),
      title,
      withBounds(medianAndRange(times(id)), 0),
      id === "none" ? "-" : withBounds(medianAndRange(added(id)), 0),
      others ? "-" : withBounds(medianAndRange(quotients(added(id), added("rust"))), 2),
      String(times(id).length),
    ];
  });
}

function heading({ filter, slice }: Campaign): string {
  return slice.name === "" ? filter.toUpperCase() : `${filter.toUpperCase()}, ${slice.name}`;
}

function isNoisy(rounds: readonly Round[]): boolean {
  return rounds.filter((round) => round.others <= MOST_BY_OTHERS).length < FEWEST_ROUNDS;
}

// The tables of part `vm`.
import { SDK_TITLES } from "../modules.ts";
import { fixed, type Table, withBounds } from "../report.ts";
import { type Estimate, median, medianAndRange, quotients } from "../statistics.ts";
import type { VmSeries } from "./measure.ts";

/** One table for each number of other streams. */
export function vmTables(series: readonly VmSeries[]): Table[] {
  const numbers = [...new Set(series.map((each) => each.live))];
  return numbers.map((live) =>
    live === 0
      ? alone(series.filter((each) => each.live === 0))
      : besideOthers(
          live,
          series.filter((each) => each.live === live),
        ),
  );
}

function alone(series: readonly VmSeries[]): Table {
  return {
    title: "One request after the other",
    left: 2,
    columns: ["filter", "module", "ns", "ratio to Rust", "host calls", "guest calls (allocations)", "pages"],
    rows: series.map((each) => {
      const [sample] = each.samples;
      const { calls, pages } = sample ?? {};
      return [
        ...heading(each),
        ...figures(each, series),
        calls === undefined ? "-" : short(calls.host),
        calls === undefined ? "-" : `${short(calls.guest)} (${short(calls.allocations)})`,
        pages === undefined ? "-" : `${pages.start} / ${pages.warm} / ${pages.end}`,
      ];
    }),
    notes: [
      `ns: processor time of one request, median of ${repetitions(series)}, in brackets the lowest and the highest of ` +
        "them; each is a process and stands for the median of its slices. Ratio: within each repetition, then " +
        "the same. Pages of 64 KiB: at the start, after the warm-up, at the end. Guest calls include allocations.",
    ],
  };
}

function besideOthers(live: number, series: readonly VmSeries[]): Table {
  return {
    title: `Beside ${live.toLocaleString("en-US")} other streams`,
    left: 2,
    columns: ["filter", "module", "ns", "ratio to Rust", "pages"],
    rows: series.map((each) => {
      const { pages } = each.samples[0] ?? {};
      return [
        ...heading(each),
        ...figures(each, series),
        pages === undefined
          ? "-"
          : `${pages.start} / ${pages.open} / ${pages.warm} / ${pages.end} / ${pages.after}`,
      ];
    }),
    notes: [
      `Median of ${repetitions(series)}. Pages: at the start, with the other streams open, after the warm-up, at the end, and when the others have ` +
        "ended and as many requests as in the warm-up have come after them.",
      ...series
        .filter((each) => each.failure !== undefined)
        .map((each) => `${heading(each).join(" ")}: ${each.failure}.`),
    ],
  };
}

function repetitions(series: readonly VmSeries[]): string {
  const most = Math.max(0, ...series.map((each) => each.samples.length));
  return most === 1 ? "1 repetition" : `${most} repetitions`;
}

function heading(series: VmSeries): string[] {
  return [series.filter.toUpperCase(), SDK_TITLES[series.sdk]];
}

function figures(series: VmSeries, all: readonly VmSeries[]): string[] {
  const time = medianAndRange(times(series));
  return [withBounds(time, time.value < 1000 ? 1 : 0), ratio(series, all)];
}

function ratio(series: VmSeries, all: readonly VmSeries[]): string {
  const rust = all.find((each) => each.sdk === "rust" && each.filter === series.filter);
  if (rust === undefined) return "-";
  const both = Math.min(times(series).length, times(rust).length);
  const estimate: Estimate = medianAndRange(
    quotients(times(series).slice(0, both), times(rust).slice(0, both)),
  );
  return withBounds(estimate, 2);
}

function times(series: VmSeries): number[] {
  return series.samples.map((sample) => median(sample.nanoseconds));
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : fixed(value, 2);
}

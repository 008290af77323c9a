// Part `memory`: memory of Envoy at its start, after many requests, and after large bodies.
import { linearMemoryPages, type EnvoyBinary } from "../../src/envoy/index.ts";
import { residentMemory } from "../envoy/accounting.ts";
import { Surroundings } from "../envoy/load.ts";
import { DIRECT_PATH, startProxy } from "../envoy/proxies.ts";
import { type Variant, variantsOf } from "../envoy/variants.ts";
import { FILTERS, type FilterName, type Module } from "../modules.ts";
import { canPin, divideCores } from "../pinning.ts";
import { fixed, type PartResult, type Table, whole } from "../report.ts";

export interface MemoryPlan {
  /** Requests after which memory is noted, all in all; F1 to F3. */
  readonly requests: readonly number[];
  /** The same for requests with a body of 256 KiB; F4. */
  readonly bodies: readonly number[];
}

export const FULL_MEMORY: MemoryPlan = { requests: [50_000, 1_000_000], bodies: [500, 1000, 1500, 2000] };
export const QUICK_MEMORY: MemoryPlan = { requests: [5000, 20_000], bodies: [50, 100] };

/** Memory of one process, at its start and after each number of requests. */
export interface Memory {
  readonly filter: FilterName;
  readonly title: string;
  readonly residentKiB: number[];
  /** Pages of each linear memory. */
  readonly pages: number[][];
}

const BODY_SIZE = 256 * 1024;

/** Measures one variant after the other, each in an Envoy of its own with one worker. */
export async function measureMemory(
  modules: readonly Module[],
  plan: MemoryPlan,
  envoy: EnvoyBinary,
  progress: (line: string) => void,
): Promise<PartResult> {
  const cores = canPin() ? divideCores(1) : undefined;
  const surroundings = await Surroundings.start(cores?.others);
  const all: Memory[] = [];
  try {
    for (const filter of FILTERS) {
      for (const variant of chosen(filter, modules)) {
        progress(`memory: ${variant.title} ${filter.toUpperCase()}`);
        const proxy = await startProxy(variant, {
          ...{ envoy, workers: 1, cores: cores?.proxy, upstreamPort: surroundings.upstreamPort },
        });
        const memory: Memory = { filter, title: variant.title, residentKiB: [], pages: [] };
        all.push(memory);
        const note = (): void => {
          memory.residentKiB.push(residentMemory(proxy.envoy.pid));
          memory.pages.push(linearMemoryPages(proxy.envoy.pid));
        };
        try {
          note();
          let sent = 0;
          for (const total of filter === "f4" ? plan.bodies : plan.requests) {
            await surroundings.send({ ...loadOf(filter), port: proxy.envoy.port, requests: total - sent });
            sent = total;
            note();
          }
        } finally {
          await proxy.envoy.stop();
        }
      }
    }
  } finally {
    surroundings.stop();
  }
  return {
    title: "Memory of Envoy",
    tables: [
      table(
        "Many requests",
        all.filter((each) => each.filter !== "f4"),
        plan.requests,
      ),
      table(
        "Bodies of 256 KiB",
        all.filter((each) => each.filter === "f4"),
        plan.bodies,
      ),
    ],
    data: { plan, all },
  };
}

/** All of this library's filters; of the others the one that allocates most, and the one with bodies. */
function chosen(filter: FilterName, modules: readonly Module[]): Variant[] {
  const all = variantsOf(filter, modules).filter((variant) => variant.id !== "lua" && variant.id !== "eager");
  return filter === "f3" || filter === "f4" ? all : all.filter((variant) => variant.id === "ours");
}

function loadOf(filter: FilterName) {
  return filter === "f4"
    ? { path: "/echo", method: "POST", bodySize: BODY_SIZE, connections: 8 }
    : { path: DIRECT_PATH, method: "GET", bodySize: 0, connections: 32 };
}

function table(title: string, memories: readonly Memory[], requests: readonly number[]): Table {
  const growth = `growth after the first ${whole(requests[0] ?? 0)}, KiB`;
  return {
    title,
    left: 2,
    columns: ["filter", "variant", "resident MiB", growth, "linear memories, pages"],
    rows: memories.map(({ filter, title, residentKiB, pages }) => [
      filter.toUpperCase(),
      title,
      residentKiB.map((kib) => fixed(kib / 1024, 1)).join(" / "),
      whole((residentKiB.at(-1) ?? 0) - (residentKiB[1] ?? 0)),
      pages.map(grouped).join(" / "),
    ]),
    notes: [
      `At the start and after ${requests.map(whole).join(", ")} requests, one process each, measured once. ` +
        "Linear memories, pages of 64 KiB: of the base VM, the main thread and the worker; `3x1` is three of one page.",
    ],
  };
}

/** `2x17 1x18`: how many memories have how many pages. */
function grouped(pages: readonly number[]): string {
  const sizes = [...new Set(pages)].sort((a, b) => a - b);
  if (sizes.length === 0) return "none";
  return sizes.map((size) => `${pages.filter((each) => each === size).length}x${size}`).join(" ");
}

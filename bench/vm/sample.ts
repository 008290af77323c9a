// One sample of a module: its time, calls and pages, taken in the process it runs in.
import { Guest } from "./guest.ts";
import type { Calls } from "./stub-host.ts";

export interface SampleOptions {
  readonly wasm: string;
  readonly body: boolean;
  /** Other streams that stay open meanwhile. */
  readonly live: number;
  /** How many slices are timed, and how long each is to be, in ms. */
  readonly slices: number;
  readonly sliceMs: number;
}

export interface Sample {
  /** Processor time of one request in each slice, in nanoseconds. */
  readonly nanoseconds: readonly number[];
  /** Calls per request; undefined with other streams. */
  readonly calls: Calls | undefined;
  /** Linear memory, in pages of 64 KiB. */
  readonly pages: {
    readonly start: number;
    /** With the other streams open, before any time is taken. */
    readonly open: number;
    readonly warm: number;
    readonly end: number;
    /** When the other streams have ended, and many requests came after them. */
    readonly after: number;
  };
}

const COUNTED = 1000;
const WARM_UP = 20_000;
const WARM_UP_MS = 1000;
const OPEN_MS = 20_000;
const CHUNK = 10;

/** Takes a sample. Throws an Error if the module is too slow for it. */
export function takeSample(options: SampleOptions): Sample {
  const { live } = options;
  const guest = new Guest(options.wasm, { body: options.body, counting: false });
  const start = guest.pages;
  let next = openOthers(guest, live);
  const open = guest.pages;
  const walk = (count: number): void => {
    guest.walk(next, count, live);
    next += count;
  };
  const spent = repeat(walk, WARM_UP, WARM_UP_MS);
  const warm = guest.pages;
  const count = Math.max(CHUNK, Math.round((options.sliceMs * spent.count) / spent.ms));
  const nanoseconds = Array.from({ length: options.slices }, () => timed(walk, count));
  const end = guest.pages;
  guest.close(next - live, live);
  repeat(
    (more) => {
      guest.walk(next, more, 0);
      next += more;
    },
    WARM_UP,
    WARM_UP_MS,
  );
  const pages = { start, open, warm, end, after: guest.pages };
  return { nanoseconds, calls: live === 0 ? countCalls(options.wasm, options.body) : undefined, pages };
}

function openOthers(guest: Guest, live: number): number {
  const deadline = performance.now() + OPEN_MS;
  let next = 2;
  for (let opened = 0; opened < live; opened += CHUNK) {
    if (performance.now() > deadline) {
      throw new Error(`opened ${opened} of ${live} streams in ${OPEN_MS / 1000} s`);
    }
    const count = Math.min(CHUNK, live - opened);
    guest.open(next, count);
    next += count;
  }
  return next;
}

/** Repeats until it has been done so often, or so long. */
function repeat(walk: (count: number) => void, most: number, ms: number): { count: number; ms: number } {
  const begun = performance.now();
  let count = 0;
  while (count < most && performance.now() - begun < ms) {
    walk(CHUNK);
    count += CHUNK;
  }
  return { count, ms: performance.now() - begun };
}

function timed(walk: (count: number) => void, count: number): number {
  const begun = process.cpuUsage();
  walk(count);
  const { user, system } = process.cpuUsage(begun);
  return ((user + system) * 1000) / count;
}

/** Calls per request once the module is warm. */
export function countCalls(wasm: string, body: boolean): Calls {
  const guest = new Guest(wasm, { body, counting: true });
  guest.walk(2, COUNTED, 0);
  const before = { ...guest.calls };
  guest.walk(2 + COUNTED, COUNTED, 0);
  const per = (key: keyof Calls): number => (guest.calls[key] - before[key]) / COUNTED;
  return { host: per("host"), guest: per("guest"), allocations: per("allocations") };
}

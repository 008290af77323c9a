// Size of the linear memories of Wasm VMs inside a process, read from outside of it.
import { readFileSync } from "node:fs";

import { EnvoyError } from "./error.ts";

const PAGE = 64 * 1024;
// V8 reserves 8 GiB of address space from the start of each 32-bit memory, so that no index needs a bounds check: the
// memory itself is readable and writable, the rest has no permissions at all.
const RESERVATION = 8 * 1024 ** 3;
const MAX_EXCESS = 1024 ** 3;

/**
 * Pages (64 KiB each) of every Wasm linear memory in the process, in the order of their addresses. An Envoy with N
 * workers and one plugin has N + 2 of them: the base VM, the main thread's and one per worker.
 * Linux only: elsewhere, or if the process is gone, an EnvoyError is thrown.
 */
export function linearMemoryPages(pid: number): number[] {
  let maps: string;
  try {
    maps = readFileSync(`/proc/${pid}/maps`, "utf8");
  } catch (cause) {
    const why = process.platform === "linux" ? "the process is gone" : "only Linux shows it";
    throw new EnvoyError(`Can't read the memory map of process ${pid}: ${why}.`, { cause });
  }
  return parseMemoryMap(maps);
}

/** The same for the text of a Linux `/proc/<pid>/maps`. */
export function parseMemoryMap(maps: string): number[] {
  const pages: number[] = [];
  let before: Range | undefined;
  for (const line of maps.split("\n")) {
    const found = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line);
    if (found === null) continue;
    const range = {
      start: parseInt(found[1] ?? "", 16),
      end: parseInt(found[2] ?? "", 16),
      access: found[3] ?? "",
    };
    const count = memoryPages(before, range);
    if (count !== undefined) pages.push(count);
    before = range;
  }
  return pages;
}

interface Range {
  start: number;
  end: number;
  access: string;
}

/** Pages of the memory that ends where `guard` starts; undefined if `guard` is not the rest of a reservation. */
function memoryPages(before: Range | undefined, guard: Range): number | undefined {
  if (!guard.access.startsWith("---")) return undefined;
  const joined = before !== undefined && before.access.startsWith("rw") && before.end === guard.start;
  const start = joined ? before.start : guard.start;
  const size = guard.start - start;
  // Not always exactly the reservation: the kernel shows it as one with what lies behind, if that has no permissions.
  const excess = guard.end - start - RESERVATION;
  if (excess >= 0 && excess < MAX_EXCESS && size % PAGE === 0 && (size > 0 || excess === 0))
    return size / PAGE;
  return undefined;
}

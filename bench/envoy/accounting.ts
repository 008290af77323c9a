// What the kernel says of processes: processor time and memory. Linux only.
import { readdirSync, readFileSync } from "node:fs";

const TICK_NS = 1e7;

/** Processor time that a process has used so far, all threads, in nanoseconds. */
export function processorTime(pid: number): number {
  return scheduledTime(pid) ?? tickedTime(pid);
}

/** True if the kernel accounts to the nanosecond; otherwise it does to its ticks of 10 ms. */
export function isExact(): boolean {
  return scheduledTime(process.pid) !== undefined;
}

/** Of the threads that live; undefined where the kernel does not keep it. */
function scheduledTime(pid: number): number | undefined {
  try {
    let sum = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    }
    return sum > 0 ? sum : undefined;
  } catch {
    return undefined;
  }
}

/** Of all threads, those that have ended too, in whole ticks. */
export function tickedTime(pid: number): number {
  // The name of the process, in parentheses, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_NS;
}

/** Memory of a process that is in RAM, in KiB. */
export function residentMemory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN);
}

/** The accounts of all cores at a moment, in nanoseconds. */
export interface Moment {
  readonly at: number;
  readonly idle: number;
  readonly cores: number;
  /** Used by the given processes. */
  readonly ours: number;
}

/** Notes the state of all cores and of our processes. */
export function moment(pids: readonly number[]): Moment {
  const text = readFileSync("/proc/stat", "utf8");
  const [, , , , idle = 0, waiting = 0] = (/^cpu .*$/m.exec(text)?.[0] ?? "").split(/\s+/).map(Number);
  return {
    at: performance.now() * 1e6,
    idle: (idle + waiting) * TICK_NS,
    cores: (text.match(/^cpu\d/gm) ?? []).length,
    ours: pids.reduce((sum, pid) => sum + processorTime(pid), 0),
  };
}

/** How many cores were busy with anything but our processes, on average: other programs, and a hypervisor's share. */
export function busyWithOthers(from: Moment, to: Moment): number {
  const wall = to.at - from.at;
  const busy = wall * to.cores - (to.idle - from.idle);
  return Math.max(0, (busy - (to.ours - from.ours)) / wall);
}

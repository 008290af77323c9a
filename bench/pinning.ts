// Which processor core does what, where the system lets us say so.
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Cores for the proxy and for everything else. */
export interface Cores {
  readonly proxy: readonly number[];
  readonly others: readonly number[];
}

/** True if processes can be bound to cores. */
export function canPin(): boolean {
  try {
    execFileSync("taskset", ["-p", String(process.pid)], { stdio: "ignore" });
    return availableParallelism() > 1;
  } catch {
    return false;
  }
}

/** The first cores are the proxy's, one a worker; the rest is for the others, or all if there is no rest. */
export function divideCores(workers: number, cores = availableParallelism()): Cores {
  const all = Array.from({ length: cores }, (_, core) => core);
  const rest = all.slice(workers);
  return { proxy: all.slice(0, workers), others: rest.length > 0 ? rest : all };
}

/** Program and arguments that run a command bound to cores; unbound where {@link canPin} is false. */
export function pinned(cores: readonly number[] | undefined, commandLine: readonly string[]): string[] {
  return cores === undefined ? [...commandLine] : ["taskset", "-c", cores.join(","), ...commandLine];
}

/** Binds a running process with all its threads. */
export function pin(pid: number, cores: readonly number[] | undefined): void {
  if (cores === undefined) return;
  execFileSync("taskset", ["-a", "-c", "-p", cores.join(","), String(pid)], { stdio: "ignore" });
}

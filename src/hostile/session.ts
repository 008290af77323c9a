// A session: one VM through several rounds of hostility, and after each an ordinary request.
import { compileModule } from "../host/index.ts";
import { END, HTTP, ROOT, TCP } from "./callbacks.ts";
import { Failure } from "./failure.ts";
import { HostileVm } from "./hostile-vm.ts";
import { planRound, SETTLE } from "./plan.ts";
import { Random } from "./random.ts";
import type { Call } from "./callbacks.ts";
import type { HostileOptions } from "./hostile-vm.ts";
import type { Step } from "./plan.ts";

/** What a session runs: a guest, and how. */
export interface Guest extends HostileOptions {
  readonly name: string;
  readonly module: Awaited<ReturnType<typeof compileModule>>;
  /** What an ordinary request looks like in a fresh VM. */
  readonly request: string;
}

/** A session from one seed: the seed of what the start is answered, and the calls. */
export interface Plan {
  readonly start: number;
  /** The host may refuse random bytes, on which the guest ends itself: a session may then be short. */
  readonly refusesRandom: boolean;
  readonly steps: readonly Step[];
}

/** Rounds in a session. */
export const ROUNDS = 12;
/** Rounds after which memory has found its level. */
const FLAT = 100;
/** Calls in a round, about. */
const LENGTH = 60;

/** The calls of one session. */
export function planSession(seed: number, rounds = ROUNDS): Plan {
  const random = new Random(seed);
  const start = random.word();
  const refusesRandom = random.oneIn(4);
  return {
    start,
    refusesRandom,
    steps: Array.from({ length: rounds }, () => planRound(random, LENGTH)).flat(),
  };
}

/** Reads a guest and runs one ordinary request in it, which all later ones must equal. */
export async function loadGuest(name: string, wasm: Uint8Array, options: HostileOptions): Promise<Guest> {
  const module = await compileModule(wasm);
  const vm = new HostileVm(module, options, null);
  const request = ordinaryRequest(vm);
  return { name, module, request, ...options };
}

/** A root, a request and a connection with true answers; what happened, as text. */
function ordinaryRequest(vm: HostileVm): string {
  const outer = vm.trace;
  const trace: string[] = (vm.trace = []);
  vm.calm = true;
  const call = (callback: string, id: number, a = 7, b = 0): void =>
    vm.call({ callback, id, a, b } satisfies Call);
  call("proxy_on_context_create", 1, 0);
  ROOT.forEach((callback, index) => call(callback, 1, 1000 + index));
  for (const [id, callbacks] of [
    [2, HTTP],
    [3, HTTP],
    [5, TCP],
  ] as const) {
    call("proxy_on_context_create", id, 1);
    callbacks.forEach((callback, index) => call(callback, id, 100 * id + index, index % 2));
    for (const callback of END) call(callback, id);
  }
  for (const callback of END) call(callback, 1);
  vm.trace = outer;
  return trace.join("\n");
}

function settle(vm: HostileVm, guest: Guest): void {
  vm.calm = true;
  for (const id of vm.live) vm.call({ callback: "proxy_on_delete", id, a: 0, b: 0 });
  if (vm.over) return;
  const request = ordinaryRequest(vm);
  if (request === guest.request || vm.over) return;
  const [fresh, now] = [guest.request.split("\n"), request.split("\n")];
  const at = fresh.findIndex((line, index) => line !== now[index]);
  throw new Failure(
    "request",
    `an ordinary request went otherwise than in a fresh VM:\n${now.slice(Math.max(0, at - 4), at + 1).join("\n")}\n` +
      `instead of\n${fresh[at] ?? "the end"}`,
  );
}

/**
 * Memory must stay below a mark, and over many rounds double no more than once after the first half. One callback may
 * need more than any before: a result of the largest size takes as much as itself, and twice that as text.
 */
function checkMemory(guest: Guest, pages: readonly number[]): void {
  const now = pages[pages.length - 1]!;
  const before = pages[pages.length >> 1]!;
  const peak = Math.ceil((3 * guest.largest) / 65536);
  if (now <= guest.mostPages && (pages.length < FLAT || now <= 2 * before + peak)) return;
  throw new Failure(
    "memory",
    `memory has ${now} pages after ${pages.length} rounds, although every context was deleted; it had ${before} after half of them`,
  );
}

/** What a session came to. */
export interface Outcome {
  readonly failure: Failure | null;
  readonly rounds: number;
  /** Pages of memory after each round. */
  readonly pages: readonly number[];
}

/** Runs a session. Counts are added to `counts`, and what happens is written to `trace`. */
export function runSession(
  guest: Guest,
  plan: Plan,
  counts: Record<string, number>,
  trace: string[] | null = null,
): Outcome {
  const pages: number[] = [];
  try {
    const vm = new HostileVm(guest.module, guest, plan.start, counts, trace);
    vm.refusesRandom = plan.refusesRandom;
    for (const step of plan.steps) {
      if (vm.over) break;
      if (step.callback === SETTLE) {
        settle(vm, guest);
        pages.push(vm.memory.pages);
        checkMemory(guest, pages);
      } else {
        vm.calm = false;
        vm.random = new Random(step.seed);
        vm.call(step);
      }
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { failure: error, rounds: pages.length, pages };
  }
  return { failure: null, rounds: pages.length, pages };
}

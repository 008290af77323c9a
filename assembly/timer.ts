// Timers of a root context: intervals and one-shots over the one tick that a host has for each root.
import { Status } from "./abi/types";
import { effectiveId } from "./active-context";
import * as hostcalls from "./hostcalls";
import * as wasi from "./wasi-hostcalls";
import { refuse } from "./line";
import { out } from "./memory";

/** What is called when a timer is due; for {@link RootContext.setIntervalWith} and {@link RootContext.setTimeoutWith}. */
export abstract class TimerHandler {
  /** The timer is due. The root context is the active one, as in `onTick`. */
  abstract onTimer(timerId: u32): void;
}

/** @internal A function as a handler. */
@final
export class TimerFunction extends TimerHandler {
  constructor(private callback: (timerId: u32) => void) {
    super();
  }

  onTimer(timerId: u32): void {
    this.callback(timerId);
  }
}

/** In a millisecond. */
const NANOSECONDS: u64 = 1000000;

/** The longest tick that the host is asked for: a timer that is due later is looked at once in between. */
const LONGEST: u64 = 0x7fffffff;


@final
class Timer {
  next: Timer | null = null;

  constructor(
    readonly id: u32,
    /** Nanoseconds between two calls; 0 when there is only one. */
    readonly period: u64,
    readonly handler: TimerHandler,
    /** When it is due, by {@link now}. */
    public due: u64,
  ) {}
}

/** Nanoseconds by a clock that never goes back, where the host has one. */
function now(): u64 {
  return wasi.readClock(1) ? load<u64>(out) : hostcalls.getCurrentTimeNanoseconds();
}

/** The timers of one root context. */
@final
export class Timers {
  /** The timers of the next root in the list. */
  next: Timers | null = null;
  /** The timer that stands for the period of `onTick`; 0 without one. */
  private tickId: u32 = 0;
  private lastId: u32 = 0;
  /** By the time at which they are due. */
  private first: Timer | null = null;
  /** The period of the host's tick, and what the host said to it. */
  private period: u32 = 0;
  private status: Status = Status.Ok;
  private running: bool = false;

  constructor(readonly rootId: u32) {}

  /** Sets a timer; returns its id, or 0 when the host refuses the tick. A delay of 0 counts as 1 millisecond. */
  add(milliseconds: u32, repeat: bool, handler: TimerHandler): u32 {
    const delay = <u64>(milliseconds ? milliseconds : 1) * NANOSECONDS;
    if (!++this.lastId) this.lastId = 1;
    const id = this.lastId;
    const timer = new Timer(id, repeat ? delay : 0, handler, now() + delay);
    this.insert(timer);
    if (this.first != timer || this.running || this.arm(true) == Status.Ok) return id;
    this.unlink(id);
    return 0;
  }

  /** Takes a timer away; `NotFound` when there is none of this id. */
  clear(id: u32): Status {
    if (!this.unlink(id)) return Status.NotFound;
    // With others left the tick comes, finds nothing due, and sets the next one.
    return this.first != null || this.running ? Status.Ok : this.arm(false);
  }

  /** Sets the period of `onTick`, which `handler` calls; 0 ends it. */
  setTick(milliseconds: u32, handler: TimerHandler): Status {
    const old = this.tickId;
    this.tickId = 0;
    if (!milliseconds) return old ? this.clear(old) : Status.Ok;
    if (old) this.unlink(old);
    this.tickId = this.add(milliseconds, true, handler);
    return this.tickId ? Status.Ok : this.status;
  }

  /** The host's tick: calls what is due. */
  run(): void {
    if (this.running) return;
    this.running = true;
    const time = now();
    let left = 0;
    let due = this.first;
    while (due != null && due.due <= time) {
      left++;
      due = due.next;
    }
    // No more than were due at first: by a clock that jumps an interval could be due again at once, for ever.
    for (; left > 0; left--) {
      const timer = this.first;
      if (timer == null || timer.due > time) break;
      this.first = timer.next;
      const period = timer.period;
      if (period) {
        // From due to due, so that late ticks do not add up; a turn that was missed is left out.
        timer.due += ((time - timer.due) / period + 1) * period;
        this.insert(timer);
      }
      timer.handler.onTimer(timer.id);
    }
    this.running = false;
    this.arm(false);
  }

  /** Has the host tick when the first timer is due. With `restart` also if it ticks at that pace already. */
  private arm(restart: bool): Status {
    const first = this.first;
    let period: u32 = 0;
    if (first != null) {
      const time = now();
      const due = first.due;
      period = due > time ? <u32>min((due - time + NANOSECONDS - 1) / NANOSECONDS, LONGEST) : 1;
    }
    if (!restart && period == this.period) return Status.Ok;
    // The host gives the tick to the root of the context that is effective.
    const foreign = effectiveId != this.rootId;
    if (foreign && hostcalls.setEffectiveContext(this.rootId) != Status.Ok)
      return (this.status = refuse("a timer", "the host no longer knows this root"));
    const status = hostcalls.setTickPeriodMilliseconds(period);
    if (foreign) hostcalls.setEffectiveContext(effectiveId);
    this.status = status;
    if (status == Status.Ok) this.period = period;
    return status;
  }

  private insert(timer: Timer): void {
    let before: Timer | null = null;
    let after = this.first;
    while (after != null && after.due <= timer.due) {
      before = after;
      after = after.next;
    }
    timer.next = after;
    if (before == null) this.first = timer;
    else before.next = timer;
  }

  private unlink(id: u32): bool {
    let before: Timer | null = null;
    let timer = this.first;
    while (timer != null && timer.id != id) {
      before = timer;
      timer = timer.next;
    }
    if (timer == null) return false;
    if (before == null) this.first = timer.next;
    else before.next = timer.next;
    return true;
  }
}

// @ts-ignore: decorator
@lazy
let firstTimers: Timers | null = null;

/** The timers of a root context. */
export function timersOf(rootId: u32): Timers {
  let timers = firstTimers;
  while (timers != null) {
    if (timers.rootId == rootId) return timers;
    timers = timers.next;
  }
  timers = new Timers(rootId);
  timers.next = firstTimers;
  firstTimers = timers;
  return timers;
}

/** Forgets the timers of a root context that is gone. */
export function dropTimers(rootId: u32): void {
  let before: Timers | null = null;
  let timers = firstTimers;
  while (timers != null && timers.rootId != rootId) {
    before = timers;
    timers = timers.next;
  }
  if (timers == null) return;
  if (before == null) firstTimers = timers.next;
  else before.next = timers.next;
}

// The clock of a host: it stands still until it is told to go on.

/** Something that will happen; give it to {@link Clock.cancel} to prevent it. */
export interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Time of one host in milliseconds, and what is due. */
export class Clock {
  /** Milliseconds since 1970. */
  now: number;
  readonly #start: number;
  #timers: Timer[] = [];

  constructor(start: number) {
    this.now = start;
    this.#start = start;
  }

  /** Nanoseconds since 1970. */
  get wallNanoseconds(): bigint {
    return BigInt(Math.round(this.now * 1000)) * 1000n;
  }

  /** Nanoseconds since the host was created. */
  get monotonicNanoseconds(): bigint {
    return BigInt(Math.round((this.now - this.#start) * 1000)) * 1000n;
  }

  /** Number of things that are due some time. */
  get pending(): number {
    return this.#timers.length;
  }

  /** When the next thing is due, in milliseconds since 1970; null if nothing is. */
  get nextDue(): number | null {
    return this.#timers[0]?.at ?? null;
  }

  /** Runs something once, `milliseconds` from now. Things due at the same time run in the order in which they were set. */
  schedule(milliseconds: number, run: () => void): Timer {
    const timer: Timer = { at: this.now + milliseconds, run };
    let index = this.#timers.length;
    while (index > 0 && this.#timers[index - 1]!.at > timer.at) index--;
    this.#timers.splice(index, 0, timer);
    return timer;
  }

  /** Prevents a timer from running; one that has run is ignored. */
  cancel(timer: Timer | null): void {
    if (timer !== null) this.#timers = this.#timers.filter((other) => other !== timer);
  }

  /** Goes on to the next thing that is due until `time` and runs it. False if there is none: then it is `time`. */
  step(time: number): boolean {
    const next = this.#timers[0];
    if (next === undefined || next.at > time) {
      this.now = Math.max(this.now, time);
      return false;
    }
    this.#timers.shift();
    this.now = Math.max(this.now, next.at);
    next.run();
    return true;
  }
}

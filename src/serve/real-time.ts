// Drives the clock of a host by real time.
import type { Clock } from "../host/index.ts";

/** setTimeout takes no longer times. */
const MAX_DELAY = 2 ** 31 - 1;

/** Keeps a clock at the time of day, and calls when something on it is due. */
export class RealTime {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #offset: number;
  #timer: NodeJS.Timeout | null = null;
  #at = Infinity;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
    // The time of day may be set back; this one never goes back.
    this.#offset = clock.now - performance.now();
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return performance.now() + this.#offset;
  }

  /** Sets the clock, running what is due by now. */
  catchUp(): void {
    const { now } = this;
    while (this.#clock.step(now));
  }

  /** Waits for what is due next. To be called whenever that may have changed. */
  arm(): void {
    const next = this.#clock.nextDue ?? Infinity;
    if (next === this.#at) return;
    this.stop();
    if (next === Infinity) return;
    this.#at = next;
    this.#timer = setTimeout(
      () => {
        this.#at = Infinity;
        this.#onDue();
      },
      Math.min(MAX_DELAY, Math.max(0, Math.ceil(next - this.now))),
    );
  }

  /** Waits no longer. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#at = Infinity;
  }
}

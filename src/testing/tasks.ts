// What is under way in a host: posted tasks, answers that take time, and requests that wait.
import { HostError } from "../host/errors.ts";
import type { Services } from "../host/services.ts";
import type { TestStream } from "./stream.ts";

/** Does something that may fail, and resolves when its consequences are over. */
export type Act = (task: () => void) => Promise<void>;

interface Waiter {
  readonly stalled: () => boolean;
  readonly reject: (error: unknown) => void;
}

/** Runs things to their end, and remembers the first failure: after it nothing in the host can be trusted. */
export class Tasks {
  readonly #services: Services;
  readonly #underWay = new Set<Promise<void>>();
  readonly #waiters = new Map<TestStream, Waiter>();
  #failure: { error: unknown } | null = null;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Something has failed. */
  get failed(): boolean {
    return this.#failure !== null;
  }

  /** Throws the first failure, if there was one. */
  check(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Runs something that may fail. */
  run<T>(task: () => T): T {
    try {
      return task();
    } catch (error) {
      if (!(error instanceof HostError && error.code === "wrong-phase")) this.#fail(error);
      throw error;
    }
  }

  /** Does something that may fail, and waits for its consequences. */
  async act(task: () => void): Promise<void> {
    this.check();
    this.run(task);
    await this.settle();
  }

  /** Remembers an answer that takes time; null is nothing to remember. */
  track(promise: Promise<void> | null): void {
    if (promise === null) return;
    const guarded: Promise<void> = promise
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#underWay.delete(guarded));
    this.#underWay.add(guarded);
  }

  /** Waits until nothing is under way. @throws the first failure. */
  async settle(): Promise<void> {
    this.check();
    this.run(() => this.#services.runTasks());
    while (this.#underWay.size > 0) {
      await Promise.race(this.#underWay);
      this.check();
      this.run(() => this.#services.runTasks());
    }
    if (this.#waiters.size > 0) this.#checkWaiters();
  }

  /** A request waits for this stream. */
  waitsFor(stream: TestStream): boolean {
    return this.#waiters.has(stream);
  }

  /** Waits until the stream is over. @throws HostError `stalled` if nothing is left that could bring that about. */
  async waitFor(stream: TestStream, stalled: () => boolean): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiters.set(stream, { stalled, reject });
        void stream.whenFinished().then(resolve);
        this.#checkWaiters();
      });
    } finally {
      this.#waiters.delete(stream);
    }
  }

  /** Later, because the test may be about to advance time or to take another step. */
  #checkWaiters(): void {
    setImmediate(() => {
      for (const [stream, waiter] of this.#waiters) {
        if (this.#underWay.size > 0 || this.#services.hasTasks || stream.finished || !waiter.stalled())
          continue;
        waiter.reject(
          new HostError(
            "stalled",
            "the stream is held by a filter and nothing is left that could resume it: no callout is open and no tick is due. " +
              "Envoy would hold it until its idle timeout. Resume it in the filter, or advance the time or take the stream step by step in the test",
          ),
        );
      }
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#waiters.values()) reject(error);
  }
}

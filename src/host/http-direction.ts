// One direction of an HTTP stream: headers, body and trailers on their way through the filters.
import { ByteBuffer } from "./byte-buffer.ts";
import { FilterDataStatus } from "./statuses.ts";
import type { HeaderMap } from "./header-map.ts";

/** What a filter has brought the direction to. */
export const Iteration = {
  /** Everything passes. */
  Run: 0,
  /** Nothing passes until the filter lets it, but it still gets the following parts. */
  StopSingle: 1,
  /** The filter gets nothing more until it resumes; the body is kept, up to the buffer limit. */
  StopAllBuffer: 2,
  /** As before, but the sender is slowed down instead of refused. */
  StopAllWatermark: 3,
} as const;
export type Iteration = (typeof Iteration)[keyof typeof Iteration];

/** What the direction does with a filter, and at its end. `F` is a filter. */
export interface DirectionHandler<F> {
  filterHeaders(filter: F, endStream: boolean): Iteration;
  /** Answers a body status, 0 to 3. */
  filterBody(filter: F, data: ByteBuffer, endStream: boolean): number;
  /** True to go on. */
  filterTrailers(filter: F): boolean;
  /** The part has passed all filters. */
  headersOut(endStream: boolean): void;
  bodyOut(data: Buffer, endStream: boolean): void;
  trailersOut(): void;
  /** A filter holds more than the limit. */
  overflow(): void;
  /** A filter resumed and also returned Continue from the same headers callback. */
  sentTwice(filter: F): void;
}

class FilterState {
  iteration: Iteration = Iteration.Run;
  headersSeen = false;
  headersPassed = false;
  trailersSeen = false;
  ended = false;
  /** The filter sees all that it holds, not only the new part. */
  accumulating = false;
  held: ByteBuffer | null = null;
}

/** Envoy's filter iteration for one direction; the filters are in the order in which it reaches them. */
export class HttpDirection<F> {
  headers: HeaderMap | null = null;
  trailers: HeaderMap | null = null;
  /** The sender has sent everything. */
  complete = false;
  /** Headers have passed all filters. */
  headersLeft = false;
  /** The last part has passed all filters. */
  ended = false;
  /** The direction is over: answered, reset or finished. */
  halted = false;
  readonly #filters: readonly F[];
  readonly #states: FilterState[];
  readonly #handler: DirectionHandler<F>;
  readonly #limit: number;

  constructor(filters: readonly F[], handler: DirectionHandler<F>, limit: number) {
    this.#filters = filters;
    this.#states = filters.map(() => new FilterState());
    this.#handler = handler;
    this.#limit = limit;
  }

  /** A filter holds something back. */
  get paused(): boolean {
    return !this.halted && this.#states.some((state) => state.iteration !== Iteration.Run);
  }

  /** This filter holds something back. */
  pausedBy(filter: F): boolean {
    const state = this.#states[this.#filters.indexOf(filter)];
    return state !== undefined && state.iteration !== Iteration.Run;
  }

  /** Bytes of the body that filters hold back. */
  get heldBytes(): number {
    let bytes = 0;
    for (const { held } of this.#states) if (held !== null) bytes += held.length;
    return bytes;
  }

  /** Headers arrive. */
  start(headers: HeaderMap, endStream: boolean): void {
    this.headers = headers;
    this.complete = endStream;
    this.#headersFrom(0, endStream);
  }

  /** A part of the body arrives. */
  data(bytes: Buffer, endStream: boolean): void {
    this.complete ||= endStream;
    if (!this.halted) this.#bodyFrom(0, new ByteBuffer(bytes), endStream);
  }

  /** Trailers arrive. */
  end(trailers: HeaderMap): void {
    this.trailers = trailers;
    this.complete = true;
    if (!this.halted) this.#trailersFrom(0);
  }

  /** A filter lets go of what it holds. Harmless if it holds nothing. */
  resume(filter: F): void {
    const index = this.#filters.indexOf(filter);
    const state = this.#states[index];
    if (this.halted || state === undefined || !state.headersSeen) return;
    if (state.iteration === Iteration.Run && state.headersPassed) return;
    this.#release(index, state.iteration >= Iteration.StopAllBuffer);
  }

  #headersFrom(from: number, endStream: boolean): void {
    for (let index = from; index < this.#filters.length; index++) {
      const state = this.#states[index]!;
      state.headersSeen = true;
      state.ended = endStream;
      const iteration = this.#handler.filterHeaders(this.#filters[index]!, endStream);
      // Resumed from within the callback, which may even have ended the stream.
      if (state.headersPassed && iteration === Iteration.Run) this.#handler.sentTwice(this.#filters[index]!);
      if (this.halted) return;
      if (iteration !== Iteration.Run) {
        state.iteration = iteration;
        return;
      }
      if (state.headersPassed) return;
      state.headersPassed = true;
    }
    this.headersLeft = true;
    this.ended = endStream;
    this.#handler.headersOut(endStream);
  }

  #bodyFrom(from: number, part: ByteBuffer, endStream: boolean): void {
    let data = part;
    let trailersAddedBy = -1;
    for (let index = from; index < this.#filters.length; index++) {
      const state = this.#states[index]!;
      if (state.iteration >= Iteration.StopAllBuffer) {
        this.#hold(state, data, state.iteration === Iteration.StopAllBuffer);
        return;
      }
      if (state.ended) return;
      const hadTrailers = this.trailers !== null;
      state.ended = endStream && !hadTrailers;
      if (state.accumulating && state.held !== null && state.held !== data) {
        state.held.take(data);
        data = state.held;
      }
      const status = this.#handler.filterBody(this.#filters[index]!, data, state.ended);
      if (this.halted) return;
      if (!hadTrailers && this.trailers !== null) trailersAddedBy = index;
      if (status !== FilterDataStatus.Continue) {
        this.#stopBody(state, data, status);
        return;
      }
      if (state.iteration === Iteration.StopSingle) {
        data = this.#takeHeld(state, data);
        if (!this.#passHeaders(index, state, false)) return;
      }
    }
    this.#emit(data, endStream && this.trailers === null);
    if (trailersAddedBy >= 0 && !this.halted) this.#trailersFrom(trailersAddedBy + 1);
  }

  #trailersFrom(from: number): void {
    for (let index = from; index < this.#filters.length; index++) {
      const state = this.#states[index]!;
      if (state.iteration >= Iteration.StopAllBuffer) return;
      state.trailersSeen = true;
      const go = this.#handler.filterTrailers(this.#filters[index]!);
      if (this.halted) return;
      if (!go) {
        state.iteration = Iteration.StopSingle;
        return;
      }
      if (state.iteration === Iteration.StopSingle) {
        this.#release(index, false);
        return;
      }
    }
    if (this.ended) return;
    this.ended = true;
    this.#handler.trailersOut();
  }

  /** Passes on what filter `index` holds; after a stop of everything the filter itself sees it first. */
  #release(index: number, throughFilter: boolean): void {
    const state = this.#states[index]!;
    state.iteration = Iteration.Run;
    const headersOnly = this.complete && state.held === null && this.trailers === null;
    if (!this.#passHeaders(index, state, headersOnly)) return;
    const { held } = state;
    if (held !== null) {
      state.held = null;
      state.accumulating = false;
      this.#bodyFrom(throughFilter ? index : index + 1, held, this.complete);
      if (this.halted) return;
    }
    if (this.trailers !== null && this.complete) this.#trailersFrom(state.trailersSeen ? index + 1 : index);
  }

  /** Passes the headers on if the filter has held them until now. False if that ended the direction. */
  #passHeaders(index: number, state: FilterState, endStream: boolean): boolean {
    if (state.headersPassed) return true;
    state.headersPassed = true;
    this.#headersFrom(index + 1, endStream);
    return !this.halted;
  }

  #stopBody(state: FilterState, data: ByteBuffer, status: number): void {
    state.iteration = Iteration.StopSingle;
    state.accumulating = status === FilterDataStatus.StopIterationAndBuffer;
    if (status !== FilterDataStatus.StopIterationNoBuffer) this.#hold(state, data, state.accumulating);
    else if (state.held === null) {
      data.clear();
      // The end of the stream still has to reach the others.
      if (state.ended) state.held = new ByteBuffer();
    }
  }

  #hold(state: FilterState, data: ByteBuffer, limited: boolean): void {
    // The guest keeps pointing at the buffer it was shown, so that one becomes the held one when everything is in it.
    if (state.held === null && limited) state.held = data;
    else if (state.held !== data) (state.held ??= new ByteBuffer()).take(data);
    if (limited && state.held.length > this.#limit) this.#handler.overflow();
  }

  #takeHeld(state: FilterState, data: ByteBuffer): ByteBuffer {
    const held = state.held ?? data;
    if (held !== data) held.take(data);
    state.held = null;
    state.accumulating = false;
    state.iteration = Iteration.Run;
    return held;
  }

  #emit(data: ByteBuffer, endStream: boolean): void {
    if (this.ended) return;
    this.ended = endStream;
    const { bytes } = data;
    data.clear();
    this.#handler.bodyOut(bytes, endStream);
  }
}

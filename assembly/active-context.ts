// Which context the host is calling, in which callback, and which context its functions act on.

/** The callback that is running; a stream must not be answered from `Log` on. */
export enum Phase {
  None = 0,
  RequestHeaders = 1,
  RequestBody = 2,
  RequestTrailers = 3,
  ResponseHeaders = 4,
  ResponseBody = 5,
  ResponseTrailers = 6,
  NewConnection = 7,
  DownstreamData = 8,
  UpstreamData = 9,
  /** Any other callback: of the root, of the end of a TCP connection. */
  Other = 10,
  StatsUpdate = 11,
  Log = 12,
  Done = 13,
  Delete = 14,
}

/** The id that a context under construction gets, or 0. */
export let creatingId: u32 = 0;

export function setCreatingId(id: u32): void {
  creatingId = id;
}

/** Whether this module ever asks which callback is running. If not, the optimizer drops the bookkeeping. */
export let activeUsed: bool = false;

export function useActive(): bool {
  activeUsed = true;
  return true;
}

/** To be mentioned where {@link activeId}, {@link effectiveId}, {@link phase} or {@link callbackNumber} is read. */
// @ts-ignore: decorator
@lazy
export const trackActive: bool = useActive();

/** The context whose callback is running, or 0. */
export let activeId: u32 = 0;

/** The callback that is running. */
export let phase: Phase = 0;

/** Whether the headers callback that is running was told that no body follows. */
export let headersEndStream: bool = false;

export function setHeadersEndStream(endOfStream: bool): void {
  headersEndStream = endOfStream;
}

/** Whether a body that the trailers callback that is running follows was held in a way that loses it. */
export let heldBodyGone: bool = false;

export function setHeldBodyGone(gone: bool): void {
  heldBodyGone = gone;
}

/** The context that host functions act on: the active one, but while a stream's method makes them act on its own. */
export let effectiveId: u32 = 0;

/** Counts callbacks, so that a stream can tell whether something was done to it in the one that is running. */
export let callbackNumber: u32 = 0;

export function setActive(id: u32, callback: Phase): void {
  callbackNumber++;
  activeId = id;
  effectiveId = id;
  phase = callback;
}

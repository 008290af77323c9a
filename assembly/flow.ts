// What a stream has been told and may still be told: one word of bits per stream, kept only if a filter asks.
import { useActive } from "./active-context";

/** Bits of one direction; those of the response stand {@link RESPONSE} places higher. */
export enum Flow {
  None = 0,
  /** The last callback of this direction held it. */
  Paused = 1,
  /** Resumed from inside its own callback: that callback then answers Continue. */
  ResumeAsked = 4,
  /** The whole body is being collected. */
  Collecting = 8,
  /** The headers are held until the body is complete. */
  HoldingHeaders = 16,
  /** The last part of the body was held, but not buffered by the host. */
  BodyGone = 32,

  /** A local response was sent. */
  Replied = 1 << 16,
  /** The callback of the stream that is running has replied or closed: it must not let anything go on. */
  StopNow = 1 << 17,
  /** The stream is over: it was closed, or log, done or delete has been called. */
  Ended = 1 << 18,
}

/** How far the bits of the response stand from those of the request. */
export const RESPONSE: u32 = 8;
export const REQUEST: u32 = 0;

/** Whether this module ever resumes, answers or collects. If not, the optimizer drops the bookkeeping. */
export let flowUsed: bool = false;

function use(): bool {
  flowUsed = true;
  return useActive();
}

/** Mentioning it is enough: it is compiled into the module, and runs at start, only where something mentions it. */
// @ts-ignore: decorator
@lazy
export const trackFlow: bool = use();

/** The bits of the stream whose call has ended, as they were when its outcome came; 0 for a root. */
export let calloutFlow: u32 = 0;

export function setCalloutFlow(flow: u32): void {
  calloutFlow = flow;
}

// What the numbers mean that a filter's callbacks return to Envoy.
import { FilterDataStatus, FilterHeadersStatus } from "./statuses.ts";
import { Iteration } from "./http-direction.ts";

/**
 * Of a headers callback. Envoy knows no ContinueAndEndStream; StopIteration stops everything unless the plugin allows
 * it to stop the headers alone; numbers that mean nothing stop everything.
 */
export function headersIteration(status: number, allowStopIteration: boolean): Iteration {
  switch (status) {
    case FilterHeadersStatus.Continue:
    case FilterHeadersStatus.ContinueAndEndStream:
      return Iteration.Run;
    case FilterHeadersStatus.StopIteration:
      return allowStopIteration ? Iteration.StopSingle : Iteration.StopAllWatermark;
    case FilterHeadersStatus.StopAllIterationAndBuffer:
      return Iteration.StopAllBuffer;
    default:
      return Iteration.StopAllWatermark;
  }
}

/** Of a body callback: numbers that mean nothing drop the part. */
export function dataStatus(status: number): number {
  return status < 0 || status > FilterDataStatus.StopIterationNoBuffer
    ? FilterDataStatus.StopIterationNoBuffer
    : status;
}

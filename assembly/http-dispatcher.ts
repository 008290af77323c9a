// Routes the callbacks of HTTP streams to their contexts, and keeps what they answer in line with what they did.
import { FilterDataStatus, FilterHeadersStatus, StreamType } from "./abi/types";
import { phase, Phase, setHeadersEndStream, setHeldBodyGone } from "./active-context";
import { StreamContext } from "./context";
import { begin, end, http, isMissing } from "./dispatcher";
import { Flow, flowUsed, REQUEST, RESPONSE } from "./flow";
import * as hostcalls from "./hostcalls";
import { collectBody, HELD_BODY, HttpContext } from "./http-context";

/** Notes what a stream's callback answered, and mends answers that the stream's own calls have overtaken. */
function settle(stream: StreamContext, status: i32, shift: u32): i32 {
  if (!flowUsed) return status;
  let flow = stream.__flow;
  if (flow & Flow.StopNow) {
    stream.__flow = flow & ~(Flow.StopNow | Flow.ResumeAsked | ((<u32>Flow.ResumeAsked) << RESPONSE));
    return 1; // StopIteration, in all three kinds of callback
  }
  if (flow & ((<u32>Flow.ResumeAsked) << shift)) status = 0;
  let noted = Flow.None;
  if (phase == Phase.RequestHeaders || phase == Phase.ResponseHeaders) {
    // Envoy takes ContinueAndEndStream of a headers callback as Continue.
    if (status != 0 && status != FilterHeadersStatus.ContinueAndEndStream) noted = Flow.Paused;
  } else if (status != 0) {
    noted = Flow.Paused;
    if (status != FilterDataStatus.StopIterationAndBuffer) noted |= Flow.BodyGone;
  }
  flow &= ~((<u32>(Flow.Paused | Flow.ResumeAsked | Flow.BodyGone)) << shift);
  stream.__flow = flow | ((<u32>noted) << shift);
  if (flow & ((<u32>Flow.ResumeAsked) << (RESPONSE - shift))) resumeOther(stream, RESPONSE - shift);
  return status;
}

/** Resumes the direction that is not the one being called, at the end of a callback that asked for it. */
function resumeOther(stream: StreamContext, shift: u32): void {
  stream.__flow &= ~((<u32>(Flow.Paused | Flow.ResumeAsked)) << shift);
  hostcalls.continueStream(shift == REQUEST ? StreamType.HttpRequest : StreamType.HttpResponse);
}

export function onRequestHeaders(contextId: u32, numHeaders: u32, endOfStream: bool): i32 {
  const stream = http(contextId);
  if (isMissing(stream)) return 0;
  const outer = begin(contextId, Phase.RequestHeaders);
  setHeadersEndStream(endOfStream);
  const status = settle(stream, stream.onRequestHeaders(numHeaders, endOfStream), REQUEST);
  end(outer);
  return status;
}

export function onRequestBody(contextId: u32, bodySize: u32, endOfStream: bool): i32 {
  const stream = http(contextId);
  if (isMissing(stream)) return 0;
  const outer = begin(contextId, Phase.RequestBody);
  const collect = collectBody;
  const status =
    collect != null && collects(stream, REQUEST)
      ? collect(stream, REQUEST, bodySize, endOfStream)
      : stream.onRequestBody(bodySize, endOfStream);
  const answer = settle(stream, status, REQUEST);
  end(outer);
  return answer;
}

export function onRequestTrailers(contextId: u32, numTrailers: u32): i32 {
  const stream = http(contextId);
  if (isMissing(stream)) return 0;
  const outer = begin(contextId, Phase.RequestTrailers);
  if (flowUsed) setHeldBodyGone((stream.__flow & ((<u32>Flow.BodyGone) << REQUEST)) != 0);
  const collect = collectBody;
  let held = 0;
  if (collect != null && collects(stream, REQUEST)) held = collect(stream, REQUEST, HELD_BODY, true);
  const status = settle(stream, stream.onRequestTrailers(numTrailers) | held, REQUEST);
  end(outer);
  return status;
}

export function onResponseHeaders(contextId: u32, numHeaders: u32, endOfStream: bool): i32 {
  const stream = http(contextId);
  if (isMissing(stream)) return 0;
  const outer = begin(contextId, Phase.ResponseHeaders);
  setHeadersEndStream(endOfStream);
  const status = settle(stream, stream.onResponseHeaders(numHeaders, endOfStream), RESPONSE);
  end(outer);
  return status;
}

export function onResponseBody(contextId: u32, bodySize: u32, endOfStream: bool): i32 {
  const stream = http(contextId);
  if (isMissing(stream)) return 0;
  const outer = begin(contextId, Phase.ResponseBody);
  const collect = collectBody;
  const status =
    collect != null && collects(stream, RESPONSE)
      ? collect(stream, RESPONSE, bodySize, endOfStream)
      : stream.onResponseBody(bodySize, endOfStream);
  const answer = settle(stream, status, RESPONSE);
  end(outer);
  return answer;
}

export function onResponseTrailers(contextId: u32, numTrailers: u32): i32 {
  const stream = http(contextId);
  if (isMissing(stream)) return 0;
  const outer = begin(contextId, Phase.ResponseTrailers);
  if (flowUsed) setHeldBodyGone((stream.__flow & ((<u32>Flow.BodyGone) << RESPONSE)) != 0);
  const collect = collectBody;
  let held = 0;
  if (collect != null && collects(stream, RESPONSE)) held = collect(stream, RESPONSE, HELD_BODY, true);
  const status = settle(stream, stream.onResponseTrailers(numTrailers) | held, RESPONSE);
  end(outer);
  return status;
}

function collects(stream: HttpContext, shift: u32): bool {
  return (stream.__flow & ((<u32>Flow.Collecting) << shift)) != 0;
}

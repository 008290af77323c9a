// The words for what a guest must not do with an HTTP stream, and what Envoy would do then.
import { HostError } from "./errors.ts";

/** `proxy_continue_stream(1)` before a response (C5). */
export function resumedWithoutResponse(id: number): HostError {
  return new HostError(
    "resume-response-not-paused",
    `proxy_continue_stream(1) was called on stream ${id}, whose response has not arrived (C5); Envoy crashes with SIGSEGV. ` +
      "Resume a response only after on_response_headers or on_response_body has stopped it",
  );
}

/** `proxy_close_stream` in on_log or on_done (C4). */
export function closedAfterEnd(id: number, phase: string, type: number): HostError {
  return new HostError(
    "close-stream-after-end",
    `proxy_close_stream(${type}) was called in on_${phase} of stream ${id} (C4); Envoy crashes with SIGSEGV. The stream is over: there is nothing to close`,
  );
}

/** `proxy_continue_stream(0)` after a reply of the proxy's own. */
export function resumedAfterAnswer(id: number, details: string): HostError {
  return new HostError(
    "resume-after-answer",
    `proxy_continue_stream(0) was called on stream ${id}, which the proxy has answered itself (${details}) while the request was held; ` +
      "Envoy crashes, now or some time later. Forget a held request as soon as its response callbacks run",
  );
}

/** Two ways to end a stream in one callback. */
export function endedTwice(id: number, first: string, second: string): HostError {
  return new HostError(
    "stream-ended-twice",
    `${second} was called on stream ${id} after ${first} in the same callback; Envoy crashes with SIGSEGV, because the first one has freed the stream. Do one of them`,
  );
}

/** `proxy_close_stream` after `proxy_continue_stream(1)` in one callback. */
export function closedAfterResume(id: number): HostError {
  return new HostError(
    "close-after-resume",
    `proxy_close_stream was called on stream ${id} after proxy_continue_stream(1) in the same callback; Envoy may have freed the stream by then, and crashes. Do one of them`,
  );
}

/** A body buffer that Envoy still points to after it is gone. */
export function bodyOutsideCallback(id: number, message: string): HostError {
  return new HostError(
    "body-outside-callback",
    `the ${message} body of stream ${id} was used outside of on_${message}_body, which had held it with StopIterationAndWatermark or StopIterationNoBuffer; ` +
      "Envoy uses memory that it has freed, and crashes sooner or later. Use it in its own callback, or hold it with StopIterationAndBuffer",
  );
}

/** Data of a TCP connection that Envoy still points to after it is gone. */
export function dataOutsideCallback(id: number): HostError {
  return new HostError(
    "body-outside-callback",
    `the upstream's data of TCP context ${id} was used outside of on_upstream_data, which had held it; ` +
      "Envoy uses memory that it frees with the upstream's connection, and crashes sooner or later. Use it in its own callback",
  );
}

/** Held headers written at the end of a stream. */
export function headersAfterEnd(id: number, phase: string, what: string): HostError {
  return new HostError(
    "header-write-after-end",
    `the ${what} of stream ${id} were changed in on_${phase}, and their callback had held the stream; Envoy uses memory that it may have freed, and crashes. Change them before the stream ends`,
  );
}

/** Request headers written in a callback of the response. */
export function requestHeaderInResponse(id: number, name: string): string {
  return (
    `stream ${id} changed its request headers (${name}) in a callback of the response; Envoy reports a bug of its own (the route can no longer be chosen) and the change is lost. ` +
    "Change them in on_request_headers"
  );
}

/** `proxy_send_local_response` in on_log, on_done or on_delete (C2, C3). */
export function answeredAfterEnd(id: number, phase: string): HostError {
  return new HostError(
    "local-response-after-end",
    `proxy_send_local_response was called in on_${phase} of stream ${id} (C2, C3); Envoy crashes with SIGSEGV. The stream is over: nothing can be sent any more`,
  );
}

/** `proxy_send_local_response` in on_context_create. */
export function answeredTooEarly(id: number): string {
  return (
    `proxy_send_local_response was called in on_context_create of stream ${id}; Envoy answers Ok, calls on_request_headers all the same and sends the response after that. ` +
    "Answer in on_request_headers"
  );
}

/** `proxy_continue_stream` and Continue from the same headers callback (C8, C9). */
export function sentTwice(id: number, message: "request" | "response"): string {
  const [type, crash, effect] =
    message === "request"
      ? [0, "C8", "sends the request twice to the upstream"]
      : [1, "C9", "sends the headers twice and the client sees a protocol error"];
  return `stream ${id} called proxy_continue_stream(${type}) and returned Continue from the same on_${message}_headers (${crash}); Envoy ${effect}. Do one or the other`;
}

/** A change of headers or trailers that have left. */
export function writtenLate(id: number, what: string, name: string, answer: string): string {
  return (
    `stream ${id} changed its ${what} (${name}) after they had left; Envoy answers ${answer} and the change is lost. ` +
    "Change them before their callback returns Continue"
  );
}

/** A list of headers that does not parse. */
export function unreadablePairs(what: string, effect: string): string {
  return `${what} do not parse, or are more than 1 MiB or 1024 pairs (C11); Envoy ${effect}`;
}

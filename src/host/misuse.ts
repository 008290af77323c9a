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
    `proxy_send_local_response was called in on_context_create of stream ${id}; Envoy answers Ok and sends nothing. ` +
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

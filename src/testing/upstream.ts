// The upstream of a test: what the filter's requests reach, and what it answers.
import { HostError } from "../host/errors.ts";
import { isWhole, Message, toChunks, toPairs } from "./messages.ts";
import type { BodyInput, HeadersInput, MessageRecord } from "./messages.ts";
import type { UpstreamFailure } from "../host/router.ts";
import type { Pair } from "../host/pairs.ts";

/** An answer, of an upstream or of a callout's cluster. */
export interface ResponseInput {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: HeadersInput;
  /** A body given whole gets a content-length unless the headers say otherwise; one in parts is streamed without. */
  readonly body?: BodyInput;
  readonly trailers?: HeadersInput;
}

/** What an upstream does with a request. */
export type UpstreamOutcome = ResponseInput | UpstreamFailure;

/** A canned answer or failure, or a function that decides by request. */
export type Upstream =
  UpstreamOutcome | ((request: ReceivedRequest) => UpstreamOutcome | Promise<UpstreamOutcome>);

/** A request as the upstream (or a callout's cluster) received it. */
export class ReceivedRequest extends Message {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  /** It was told that nobody waits for the answer any more. */
  readonly reset: boolean;

  /** @internal */
  constructor(record: MessageRecord, reset = false) {
    super(record);
    this.method = this.headers.get(":method") ?? "";
    this.path = this.headers.get(":path") ?? "";
    this.authority = this.headers.get(":authority") ?? "";
    this.reset = reset;
  }
}

/** An answer as the host takes it. */
export interface EncodedResponse {
  readonly headers: Pair[];
  readonly chunks: Buffer[];
  readonly trailers: Pair[];
}

/** Writes an answer out: status first, and the length of a body that is known. */
export function encodeResponse(response: ResponseInput, method = "GET"): EncodedResponse {
  const status = response.status ?? 200;
  const headers: Pair[] = [[":status", String(status)], ...toPairs(response.headers)];
  const chunks = toChunks(response.body);
  const bodiless = method === "HEAD" || status === 204 || status === 304;
  if (
    isWhole(response.body) &&
    status !== 204 &&
    !headers.some(([name]) => name.toLowerCase() === "content-length")
  ) {
    headers.push(["content-length", String(Buffer.byteLength(response.body))]);
  }
  return { headers, chunks: bodiless ? [] : chunks, trailers: toPairs(response.trailers) };
}

/** Asks the upstream. @throws HostError `handler-failed` if the test's function throws. */
export function ask(
  upstream: Upstream,
  request: ReceivedRequest,
): UpstreamOutcome | Promise<UpstreamOutcome> {
  if (typeof upstream !== "function") return upstream;
  try {
    const outcome = upstream(request);
    return outcome instanceof Promise
      ? outcome.catch((error: unknown) => Promise.reject(failed(error)))
      : outcome;
  } catch (error) {
    throw failed(error);
  }
}

function failed(error: unknown): HostError {
  return new HostError(
    "handler-failed",
    `the upstream function of the test threw: ${error instanceof Error ? error.message : String(error)}`,
    error,
  );
}

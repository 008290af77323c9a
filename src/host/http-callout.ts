// One HTTP callout: what the guest sent, and how it can end.
import { HeaderMap } from "./header-map.ts";
import type { ByteString } from "./byte-string.ts";
import type { Pair } from "./pairs.ts";
import type { RootContext } from "./root-context.ts";
import type { Timer } from "./clock.ts";

/**
 * How a callout fails: connection refused, reset by the other side before an answer, or within one (`cut-off`), timed out,
 * or an answer larger than 32 MiB.
 */
export type CalloutFailure = "refused" | "reset" | "cut-off" | "timeout" | "too-large";

/** The answer of a callout. */
export interface CalloutResponse {
  readonly headers: HeaderMap;
  readonly body: Buffer;
  readonly trailers: HeaderMap;
}

/** Envoy gives up on an answer with a larger body. */
export const MAX_CALLOUT_BODY_BYTES = 32 * 1024 * 1024;

// The texts that Envoy's router puts into its own answers.
const REFUSED =
  "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure";
const RESET =
  "upstream connect error or disconnect/reset before headers. reset reason: connection termination";
const TIMEOUT = "upstream request timeout";

/** What the guest sent. */
export interface CalloutRequest {
  readonly token: number;
  readonly cluster: ByteString;
  readonly headers: readonly Pair[];
  readonly body: Buffer;
  readonly trailers: readonly Pair[];
  /** Milliseconds; 0 is none. */
  readonly timeout: number;
}

/** A callout that has left and waits for its answer. */
export class HttpCallout {
  readonly root: RootContext;
  readonly request: CalloutRequest;
  /** The answer was delivered. */
  answered = false;
  readonly #sentAt: number;
  #timer: Timer | null = null;

  constructor(root: RootContext, request: CalloutRequest) {
    this.root = root;
    this.request = request;
    this.#sentAt = root.plugin.services.clock.now;
    const { timeout } = request;
    if (timeout > 0) this.#timer = root.plugin.services.clock.schedule(timeout, () => this.fail("timeout"));
  }

  /** Delivers an answer to the root context that made the call. False if it was answered before. */
  respond(headers: readonly Pair[], body: Buffer, trailers: readonly Pair[]): boolean {
    if (body.length > MAX_CALLOUT_BODY_BYTES) return this.fail("too-large");
    const map = new HeaderMap("response-headers", headers);
    const elapsed = this.root.plugin.services.clock.now - this.#sentAt;
    map.put("x-envoy-upstream-service-time", String(Math.round(elapsed)));
    return this.#deliver({
      headers: map,
      body,
      trailers: new HeaderMap("response-trailers", trailers),
    });
  }

  /** Ends the callout as Envoy does: a synthetic 503 or 504, or none at all for an answer that is cut off or too large. */
  fail(failure: CalloutFailure): boolean {
    if (failure === "too-large" || failure === "cut-off") return this.#deliver(null);
    const text = failure === "refused" ? REFUSED : failure === "reset" ? RESET : TIMEOUT;
    const headers: Pair[] = [
      [":status", failure === "timeout" ? "504" : "503"],
      ["content-length", String(text.length)],
      ["content-type", "text/plain"],
    ];
    return this.#deliver({
      headers: new HeaderMap("response-headers", headers),
      body: Buffer.from(text),
      trailers: new HeaderMap("response-trailers"),
    });
  }

  #deliver(response: CalloutResponse | null): boolean {
    if (this.answered) return false;
    this.answered = true;
    const { services } = this.root.plugin;
    services.clock.cancel(this.#timer);
    services.httpCallouts.delete(this);
    this.root.http.onResponse(this.request.token, response);
    return true;
  }
}

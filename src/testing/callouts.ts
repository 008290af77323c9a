// HTTP callouts as a test sees them: answered by cluster, or by hand.
import { ask, encodeResponse, ReceivedRequest } from "./upstream.ts";
import { toText } from "../host/byte-string.ts";
import type { Act } from "./tasks.ts";
import type { CalloutFailure, HttpCallout } from "../host/http-callout.ts";
import type { ResponseInput, Upstream } from "./upstream.ts";

/**
 * What a cluster does with callouts: an answer, a failure or a function as for an upstream; `open` to answer by hand; or
 * `no-hosts` for a cluster without endpoints, which the proxy refuses at once.
 */
export type CalloutBehaviour = Upstream | "open" | "no-hosts";

/** An HTTP callout that waits for its answer. */
export class PendingCallout {
  /** What the guest sent. */
  readonly request: ReceivedRequest;
  /** Cluster that it was sent to. */
  readonly cluster: string;
  /** The token that the guest knows. */
  readonly token: number;
  /** Milliseconds; 0 is none. */
  readonly timeout: number;
  readonly #callout: HttpCallout;
  readonly #act: Act;

  /** @internal */
  constructor(callout: HttpCallout, act: Act) {
    this.request = requestOf(callout);
    this.cluster = toText(callout.request.cluster);
    this.token = callout.request.token;
    this.timeout = callout.request.timeout;
    this.#callout = callout;
    this.#act = act;
  }

  /** Delivers an answer, and resolves when its consequences are over. Nothing happens if the callout has ended already. */
  respond(response: ResponseInput = {}): Promise<void> {
    return this.#act(() => answer(this.#callout, response));
  }

  /** Ends the callout without an answer; see {@link CalloutFailure}. */
  fail(failure: CalloutFailure = "reset"): Promise<void> {
    return this.#act(() => this.#callout.fail(failure));
  }
}

/** Answers a callout as its cluster does. Null if that leaves it open, else a promise if the answer takes time. */
export function answerCallout(callout: HttpCallout, behaviour: CalloutBehaviour): Promise<void> | null {
  if (behaviour === "open" || behaviour === "no-hosts") return null;
  const outcome = ask(behaviour, requestOf(callout));
  if (outcome instanceof Promise) return outcome.then((later) => settleCallout(callout, later));
  settleCallout(callout, outcome);
  return null;
}

function settleCallout(callout: HttpCallout, outcome: ResponseInput | CalloutFailure): void {
  if (typeof outcome === "string") callout.fail(outcome);
  else answer(callout, outcome);
}

function answer(callout: HttpCallout, response: ResponseInput): void {
  const { headers, chunks, trailers } = encodeResponse(response);
  callout.respond(headers, Buffer.concat(chunks), trailers);
}

function requestOf(callout: HttpCallout): ReceivedRequest {
  return new ReceivedRequest({
    headers: callout.request.headers,
    chunks: callout.request.body.length > 0 ? [callout.request.body] : [],
    trailers: callout.request.trailers.length > 0 ? callout.request.trailers : null,
    ended: true,
  });
}

// The end of the request's filters: checks what they made of the request, and sends it to the upstream.
import { checkRequestHeaders, declaredLength, PROTOCOL_ERROR } from "./message-checks.ts";
import { arriving } from "./peer.ts";
import { ResponseFlag } from "./stream-ends.ts";
import type { HttpStream } from "./http-stream.ts";

/** How an upstream fails: nobody listens, the connection breaks before an answer, or none comes in time. */
export type UpstreamFailure = "refused" | "reset" | "timeout";

const RESET_PREFIX = "upstream connect error or disconnect/reset before headers. reset reason: ";

/** Envoy's router for one stream. */
export class Router {
  readonly #stream: HttpStream;
  /** Body bytes that went to the upstream. */
  #bytes = 0;
  #declared: number | null = null;

  constructor(stream: HttpStream) {
    this.#stream = stream;
  }

  headers(endStream: boolean): void {
    const { request, options, ends } = this.#stream;
    const headers = request.headers!;
    const problem = checkRequestHeaders(headers, options.edgeHeaders);
    if (problem !== null) {
      request.headersLeft = false;
      this.#stream.sendRouterReply(problem.status, problem.text, problem.details);
      return;
    }
    if (options.edgeHeaders) headers.put("x-envoy-expected-rq-timeout-ms", "15000");
    this.#declared = declaredLength(headers);
    if (!endStream || this.#complete())
      ends.upstreamHeaders(arriving(headers, this.#stream.services), endStream);
  }

  data(data: Buffer, endStream: boolean): void {
    this.#bytes += data.length;
    if (!endStream || this.#complete()) this.#stream.ends.upstreamData(data, endStream);
  }

  trailers(): void {
    if (this.#complete()) this.#stream.ends.upstreamTrailers(this.#stream.request.trailers!.entries);
  }

  /** The upstream fails. Before an answer the client gets one of Envoy's; afterwards the stream can only be cut off. */
  upstreamFailed(failure: UpstreamFailure): void {
    const stream = this.#stream;
    if (stream.response.headers !== null) {
      stream.codeDetails = "upstream_reset_after_response_started{connection_termination}";
      stream.reset("upstream_reset_after_response_started");
    } else if (failure === "refused") {
      stream.sendRouterReply(
        503,
        `${RESET_PREFIX}remote connection failure`,
        "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}",
        ResponseFlag.UpstreamConnectionFailure,
      );
    } else if (failure === "reset") {
      stream.sendRouterReply(
        503,
        `${RESET_PREFIX}connection termination`,
        "upstream_reset_before_response_started{connection_termination}",
        ResponseFlag.UpstreamConnectionTermination,
      );
    } else stream.sendRouterReply(504, "upstream request timeout", "response_timeout");
  }

  /** A body that is not as long as it was declared breaks the connection to the upstream. */
  #complete(): boolean {
    const declared = this.#declared;
    if (declared === null || declared === this.#bytes) return true;
    this.#stream.services.warn(
      `the request declares content-length ${declared} but its body has ${this.#bytes} bytes: the upstream sees a protocol error and the client a 502. ` +
        "Remove or correct content-length in on_request_headers when the body changes",
    );
    this.#stream.sendRouterReply(502, PROTOCOL_ERROR.text, PROTOCOL_ERROR.details);
    return false;
  }
}

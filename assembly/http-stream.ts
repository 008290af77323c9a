// HttpStream: what a filter can do with an HTTP request and its response: headers, bodies, resume, answer.
import { BufferType, FilterHeadersStatus, GrpcStatus, MapType, Status, StreamType } from "./abi/types";
import { Phase } from "./active-context";
import { Buffer } from "./buffer";
import { StreamContext } from "./context";
import { Flow, REQUEST, RESPONSE, trackFlow } from "./flow";
import { HeaderList } from "./header-list";
import { HeaderMap } from "./header-map";
import { refuse } from "./line";
import { sendLocalResponse } from "./local-response";
import { encode, encodedLength, release } from "./memory";

/** The calls that {@link HttpContext} offers; the callbacks to override are there. */
export abstract class HttpStream extends StreamContext {
  /** The request's headers. See {@link HeaderMap} for when a map can be used. */
  get requestHeaders(): HeaderMap {
    return HeaderMap.of(MapType.HttpRequestHeaders);
  }

  /** The request's trailers. Writing them in the last `onRequestBody` (with `endOfStream`) creates some. */
  get requestTrailers(): HeaderMap {
    return HeaderMap.of(MapType.HttpRequestTrailers);
  }

  /** The response's headers. */
  get responseHeaders(): HeaderMap {
    return HeaderMap.of(MapType.HttpResponseHeaders);
  }

  /** The response's trailers. Writing them in the last `onResponseBody` (with `endOfStream`) creates some. */
  get responseTrailers(): HeaderMap {
    return HeaderMap.of(MapType.HttpResponseTrailers);
  }

  /** The request's body, in `onRequestBody` and `onRequestBodyComplete`. */
  get requestBody(): Buffer {
    return Buffer.of(BufferType.HttpRequestBody);
  }

  /** The response's body, in `onResponseBody` and `onResponseBodyComplete`. */
  get responseBody(): Buffer {
    return Buffer.of(BufferType.HttpResponseBody);
  }

  /**
   * Lets a held request go on, from any callback of this module. In a request callback of this stream that
   * callback's answer becomes Continue. Refused when nothing is held or a local response was sent.
   */
  resumeRequest(): Status {
    return this.resume(
      "resumeRequest",
      StreamType.HttpRequest,
      REQUEST,
      Phase.RequestHeaders,
      Phase.RequestTrailers,
    );
  }

  /** Lets a held response go on; as {@link resumeRequest}. */
  resumeResponse(): Status {
    return this.resume(
      "resumeResponse",
      StreamType.HttpResponse,
      RESPONSE,
      Phase.ResponseHeaders,
      Phase.ResponseTrailers,
    );
  }

  /** Cuts the stream off without a response. Refused from `onLog` on. Spec: `proxy_close_stream`. */
  closeRequest(): Status {
    return this.close("closeRequest", StreamType.HttpRequest);
  }

  /** Cuts the response off. Refused from `onLog` on. Spec: `proxy_close_stream`. */
  closeResponse(): Status {
    return this.close("closeResponse", StreamType.HttpResponse);
  }

  /** Whether this filter has answered with {@link sendLocalResponse}; `onResponseHeaders` then sees that answer. */
  get isLocalResponse(): bool {
    return trackFlow && (this.__flow & Flow.Replied) != 0;
  }

  /**
   * Answers the request in place of the upstream: `return this.sendLocalResponse(403, "no");` in a headers
   * callback; the returned status stops the request. Usable from any callback of this module, also for a stream
   * other than the one being called. The host sets `content-length`, and `content-type: text/plain` unless
   * `headers` has another. Once response headers have gone out, it cuts the stream off instead.
   *
   * A second answer, and one from `onLog` on, are refused and logged. A status outside 200 to 599 goes out as 500.
   * `details` shows in access logs as `%RESPONSE_CODE_DETAILS%`. gRPC requests get `grpcStatus`, by default
   * derived from the status. Spec: `proxy_send_local_response`.
   */
  sendLocalResponse(
    statusCode: u32,
    body: string = "",
    headers: HeaderList | null = null,
    details: string = "",
    grpcStatus: i32 = GrpcStatus.Unset,
  ): FilterHeadersStatus {
    const data = encode(body);
    this.answer(statusCode, data, encodedLength, headers, details, grpcStatus);
    release(data);
    return FilterHeadersStatus.StopIteration;
  }

  /** Like {@link sendLocalResponse}, with a body of bytes. */
  sendLocalResponseBytes(
    statusCode: u32,
    body: Uint8Array,
    headers: HeaderList | null = null,
    details: string = "",
    grpcStatus: i32 = GrpcStatus.Unset,
  ): FilterHeadersStatus {
    this.answer(statusCode, body.dataStart, body.byteLength, headers, details, grpcStatus);
    return FilterHeadersStatus.StopIteration;
  }

  private answer(
    statusCode: u32,
    body: usize,
    bodyLength: usize,
    headers: HeaderList | null,
    details: string,
    grpcStatus: i32,
  ): void {
    if (this.__flow & Flow.Replied) {
      refuse("sendLocalResponse", "this stream has been answered");
      return;
    }
    if (this.inside(Phase.None, Phase.None)) {
      refuse("sendLocalResponse", "the stream has not begun: answer in onRequestHeaders");
      return;
    }
    if (this.justResumed("sendLocalResponse") || !this.reach("sendLocalResponse")) return;
    const status = sendLocalResponse(statusCode, body, bodyLength, headers, details, grpcStatus);
    if (status == Status.Ok) {
      this.__flow |= Flow.Replied;
      if (this.inside(Phase.RequestHeaders, Phase.ResponseTrailers)) this.__flow |= Flow.StopNow;
    }
    this.restore();
  }
}

// HttpContext: the callbacks of one HTTP request and its response, and the collection of whole bodies.
// @ts-nocheck: callbacks to override have parameters that nothing here reads, which a strict project would be told.
import { FilterDataStatus, FilterHeadersStatus, FilterTrailersStatus } from "./abi/types";
import { headersEndStream, Phase } from "./active-context";
import { HOLDS } from "./features";
import { Flow, REQUEST, RESPONSE } from "./flow";
import { bodyCame, expectBody } from "./held-headers";
import { HeaderMap } from "./header-map";
import { HttpStream } from "./http-stream";
import { refuse } from "./line";

/**
 * Takes a part of a body that a stream collects, of the direction whose bits stand `shift` places up. Null in a
 * module that never collects, and the optimizer then drops all that stands behind it.
 */
export let collectBody:
  ((stream: HttpContext, shift: u32, bodySize: u32, ended: bool) => FilterDataStatus) | null = null;

/** Stands for the size of a body that trailers have ended: the host does not tell it with them. */
export const HELD_BODY: u32 = u32.MAX_VALUE;

/** The number a content-length states; 0 when it is absent or no number. */
function declaredLength(headers: HeaderMap): u64 {
  const text = headers.get("content-length");
  let length: u64 = 0;
  if (text != null) {
    for (let i = 0; i < text.length && i < 18; i++) {
      const digit = <u32>text.charCodeAt(i) - 48;
      if (digit > 9) return 0;
      length = length * 10 + digit;
    }
  }
  return length;
}

/**
 * One HTTP request and its response. Subclass it, override the callbacks you need, and register the class with
 * {@link registerHttpContext}; callbacks that are not overridden let everything pass. Overrides must repeat the
 * whole parameter list.
 *
 * Order: request headers, body (several times), trailers; response headers, body, trailers; `onLog`, `onDone`,
 * `onDelete`. Any of the first six may be missing: a request without a body has no body callback, and one that
 * the proxy refuses as malformed reaches only the last three.
 *
 * Spec: Proxy-Wasm v0.2.1, HTTP streams.
 */
export abstract class HttpContext extends HttpStream {
  /** @internal */
  __requestLimit: u32 = 0;
  /** @internal */
  __responseLimit: u32 = 0;

  /** The request's headers have come; with `endOfStream` nothing follows them. Spec: `proxy_on_request_headers`. */
  onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    return FilterHeadersStatus.Continue;
  }

  /**
   * A part of the request's body has come: `bodySize` bytes can be read, which is the whole body so far if the
   * last call answered {@link FilterDataStatus.StopIterationAndBuffer}. `endOfStream` stays false to the end when
   * trailers follow. The last call may have no bytes. Spec: `proxy_on_request_body`.
   */
  onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    return FilterDataStatus.Continue;
  }

  /** The request's trailers have come; only called where there are some. Spec: `proxy_on_request_trailers`. */
  onRequestTrailers(numTrailers: u32): FilterTrailersStatus {
    return FilterTrailersStatus.Continue;
  }

  /**
   * The response's headers have come, also those of a response the proxy or this filter made
   * ({@link isLocalResponse}). Request headers can no longer be read. Spec: `proxy_on_response_headers`.
   */
  onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    return FilterHeadersStatus.Continue;
  }

  /** A part of the response's body has come; as {@link onRequestBody}. Spec: `proxy_on_response_body`. */
  onResponseBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    return FilterDataStatus.Continue;
  }

  /** The response's trailers have come; only called where there are some. Spec: `proxy_on_response_trailers`. */
  onResponseTrailers(numTrailers: u32): FilterTrailersStatus {
    return FilterTrailersStatus.Continue;
  }

  /**
   * Asks for the whole request body: `return this.bufferRequestBody(64 * 1024);` in `onRequestHeaders`, and only
   * there. {@link onRequestBodyComplete} is then called once, whether the body ends by itself, by trailers, or
   * there is none; `onRequestBody` is not called. A body of more than `limit` bytes goes to
   * {@link onRequestBodyTooLarge}; so that it never gets there the proxy's own limit (1 MiB by default in
   * Envoy, which answers 413 itself) must be larger.
   *
   * The headers go on at once, without `content-length`, so that the body may change its length. With
   * `holdHeaders` they are held until the body is complete and can be changed there; this needs
   * `allow_on_headers_stop_iteration: true` in Envoy's plugin configuration. Without it Envoy holds the body, too: the
   * log says so, and the request is answered with 500 instead of hanging.
   */
  bufferRequestBody(limit: u32, holdHeaders: bool = false): FilterHeadersStatus {
    if (!this.inside(Phase.RequestHeaders, Phase.RequestHeaders)) {
      refuse("bufferRequestBody", "only onRequestHeaders can ask for the whole body");
      return FilterHeadersStatus.Continue;
    }
    this.__requestLimit = limit;
    if (headersEndStream) return headersStatus(this.onRequestBodyComplete(0));
    if (declaredLength(this.requestHeaders) > limit) {
      this.onRequestBodyTooLarge(0);
      return FilterHeadersStatus.Continue;
    }
    return this.collect(this.requestHeaders, REQUEST, holdHeaders);
  }

  /**
   * The whole request body asked for with {@link bufferRequestBody} is there: read or replace
   * `this.requestBody`. `bodySize` is 0 when there is none, and then none can be given.
   * {@link FilterDataStatus.StopIterationAndBuffer} holds it until {@link resumeRequest}.
   */
  onRequestBodyComplete(bodySize: u32): FilterDataStatus {
    return FilterDataStatus.Continue;
  }

  /**
   * The request body is larger than the limit: by `bodySize` bytes seen so far, or 0 when `content-length` said
   * so. Answers 413 unless overridden; an override that sends no response lets the body pass unread.
   */
  onRequestBodyTooLarge(bodySize: u32): void {
    this.sendLocalResponse(413, "Payload Too Large", null, "request_body_over_filter_limit");
  }

  /** Asks for the whole response body, in `onResponseHeaders` and only there; as {@link bufferRequestBody}. */
  bufferResponseBody(limit: u32, holdHeaders: bool = false): FilterHeadersStatus {
    if (!this.inside(Phase.ResponseHeaders, Phase.ResponseHeaders)) {
      refuse("bufferResponseBody", "only onResponseHeaders can ask for the whole body");
      return FilterHeadersStatus.Continue;
    }
    this.__responseLimit = limit;
    if (headersEndStream) return headersStatus(this.onResponseBodyComplete(0));
    if (declaredLength(this.responseHeaders) > limit) {
      this.onResponseBodyTooLarge(0);
      return FilterHeadersStatus.Continue;
    }
    return this.collect(this.responseHeaders, RESPONSE, holdHeaders);
  }

  /** The whole response body asked for with {@link bufferResponseBody} is there; as {@link onRequestBodyComplete}. */
  onResponseBodyComplete(bodySize: u32): FilterDataStatus {
    return FilterDataStatus.Continue;
  }

  /**
   * The response body is larger than the limit. Answers 500 unless overridden; where the headers have left, which
   * is so unless `content-length` told (`bodySize` is 0 then) or they are held, that cuts the response off.
   * An override that sends no response lets the body pass unread.
   */
  onResponseBodyTooLarge(bodySize: u32): void {
    this.sendLocalResponse(500, "Response Too Large", null, "response_body_over_filter_limit");
  }

  private collect(headers: HeaderMap, shift: u32, holdHeaders: bool): FilterHeadersStatus {
    collectBody = collectPart;
    this.__flow |= (<u32>(holdHeaders ? Flow.Collecting | Flow.HoldingHeaders : Flow.Collecting)) << shift;
    // Not one condition: asc would compile what it guards, and a class of it into every module.
    if (HOLDS) {
      if (holdHeaders) {
        if (shift == REQUEST) expectBody(this);
        return FilterHeadersStatus.StopIteration;
      }
    }
    headers.remove("content-length");
    return FilterHeadersStatus.Continue;
  }
}

function collectPart(stream: HttpContext, shift: u32, bodySize: u32, ended: bool): FilterDataStatus {
  const request = shift == REQUEST;
  if (HOLDS) {
    if (request) bodyCame();
  }
  const body = request ? stream.requestBody : stream.responseBody;
  if (bodySize == HELD_BODY) bodySize = body.length;
  let status = FilterDataStatus.Continue;
  if (bodySize > (request ? stream.__requestLimit : stream.__responseLimit)) {
    if (request) stream.onRequestBodyTooLarge(bodySize);
    else stream.onResponseBodyTooLarge(bodySize);
  } else if (!ended) {
    return FilterDataStatus.StopIterationAndBuffer;
  } else {
    status = request ? stream.onRequestBodyComplete(bodySize) : stream.onResponseBodyComplete(bodySize);
  }
  if (stream.__flow & ((<u32>Flow.HoldingHeaders) << shift)) {
    const headers = request ? stream.requestHeaders : stream.responseHeaders;
    if (headers.has("content-length")) headers.set("content-length", body.length.toString());
  }
  stream.__flow &= ~((<u32>(Flow.Collecting | Flow.HoldingHeaders)) << shift);
  return status;
}

/** What a headers callback answers for what a body hook asked. */
function headersStatus(status: FilterDataStatus): FilterHeadersStatus {
  return status == FilterDataStatus.Continue
    ? FilterHeadersStatus.Continue
    : FilterHeadersStatus.StopAllIterationAndWatermark;
}

// The parts of an HTTP message that a guest can reach: set by a callback, and gone once it lets the part pass.
import { BufferType, FilterDataStatus, MapType } from "./statuses.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { HeaderMap } from "./header-map.ts";

/** One message of a stream as its guest sees it at the moment. */
export class MessageParts {
  headers: HeaderMap | null = null;
  body: ByteBuffer | null = null;
  trailers: HeaderMap | null = null;
  /** Envoy points to a body that may be gone: it was held, but not kept for the filter. */
  bodyDangles = false;

  /** A part of the body is there to be read. */
  showBody(data: ByteBuffer): void {
    this.body = data;
    this.bodyDangles = false;
  }

  /** Its callback has answered with a body status. */
  leaveBody(status: number): void {
    if (status === FilterDataStatus.Continue) this.body = null;
    else this.bodyDangles = status !== FilterDataStatus.StopIterationAndBuffer;
  }
}

/** Request and response of one filter. */
export class HttpParts {
  readonly request = new MessageParts();
  readonly response = new MessageParts();

  /** The map 0 to 3, if it can be reached. */
  map(type: number): HeaderMap | null {
    switch (type) {
      case MapType.HttpRequestHeaders:
        return this.request.headers;
      case MapType.HttpRequestTrailers:
        return this.request.trailers;
      case MapType.HttpResponseHeaders:
        return this.response.headers;
      case MapType.HttpResponseTrailers:
        return this.response.trailers;
      default:
        return null;
    }
  }

  /** The body buffer 0 or 1, if it can be reached. */
  body(type: number): ByteBuffer | null {
    if (type === BufferType.HttpRequestBody) return this.request.body;
    return type === BufferType.HttpResponseBody ? this.response.body : null;
  }

  /** Takes all parts of the request away, as proxy_continue_stream does (for a response too). */
  dropRequest(): void {
    this.request.headers = null;
    this.request.body = null;
    this.request.bodyDangles = false;
    this.request.trailers = null;
  }
}

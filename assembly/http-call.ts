// HTTP callouts: the request, the response, and what waits for it.
import { BufferType, MapType, Status } from "./abi/types";
import { NO_BUFFER, NO_MAP } from "./availability";
import { Buffer } from "./buffer";
import { beginCall, endCall, isPlain, isSendable, isTimeout } from "./callout";
import { HeaderList } from "./header-list";
import { HeaderMap } from "./header-map";
import * as hostcalls from "./hostcalls";
import { refuse, refuseNamed } from "./line";
import { encode, encodedLength, out, release } from "./memory";
import { CallKind, CallTarget } from "./pending-calls";

/**
 * The request of an HTTP callout: `new HttpCallRequest("auth", "/check")` is a GET. Set what else it needs, and pass
 * it to {@link BaseContext.httpCall}. It can be sent several times.
 *
 * Spec: Proxy-Wasm v0.2.1, HTTP calls.
 */
export class HttpCallRequest {
  /** `:method`. When empty, that of {@link headers}, or else GET. */
  method: string = "";
  /**
   * `:authority`, the host name. When empty, `:authority` or `host` of {@link headers}, or else the cluster's name;
   * of a name of Istio (`outbound|80||auth.default.svc.cluster.local`) its last part.
   */
  authority: string = "";
  /** Further headers. `content-length` is the host's task, and left out. */
  headers: HeaderList = new HeaderList();
  /** The body as text; see {@link bodyBytes}. */
  body: string = "";
  /** The body, if not null, in place of {@link body}. */
  bodyBytes: Uint8Array | null = null;
  /** Trailers, sent behind the body. */
  trailers: HeaderList = new HeaderList();
  /**
   * How long the host waits for the whole answer. 0 is for ever, and the filter then waits for ever too.
   * In Envoy, an answer with status 504 stands for one that came too late.
   */
  timeoutMilliseconds: u32 = 5000;
  /** The host's number for the call that was last made with this request; 0 before, and after a failure. */
  callId: u32 = 0;

  constructor(
    /** The name of the cluster that takes the call. It must be one of the proxy's configuration: a URL is none. */
    public cluster: string,
    /** `:path`, with the query. When empty, that of {@link headers}. */
    public path: string = "",
  ) {}
}

/** The number of the call whose response is being handled. */
let current: u32 = 0;

/** Sets the number of the call whose response is being handled, and returns the one before. */
export function setCurrentHttpCall(callId: u32): u32 {
  const outer = current;
  current = callId;
  return outer;
}

/** The response of an HTTP callout. Headers, body and trailers can be read while its handler runs, not later. */
@final
export class HttpCallResponse {
  /**
   * The status, for example 200; 0 when the call was reset without an answer. Envoy answers in the upstream's place
   * with 503 when no connection can be made or the upstream resets it, and with 504 when time is up.
   */
  readonly status: u32;

  /** @internal */
  constructor(
    /** The host's number for the call: {@link HttpCallRequest.callId}. */
    readonly callId: u32,
    /** How many headers there are; 0 when the call was reset. */
    readonly numHeaders: u32,
    /** How many bytes the body has. */
    readonly bodySize: u32,
    /** How many trailers there are. */
    readonly numTrailers: u32,
  ) {
    this.status = numHeaders ? statusOf(this.headers) : 0;
  }

  /** The headers, to read. */
  get headers(): HeaderMap {
    return HeaderMap.of(this.isCurrent ? MapType.HttpCallResponseHeaders : NO_MAP);
  }

  /** The body, to read. */
  get body(): Buffer {
    return Buffer.of(this.isCurrent ? BufferType.HttpCallResponseBody : NO_BUFFER);
  }

  /** A handler that keeps a response would read that of another call. */
  private get isCurrent(): bool {
    return this.callId == current;
  }

  /** The trailers, to read. */
  get trailers(): HeaderMap {
    return HeaderMap.of(this.isCurrent ? MapType.HttpCallResponseTrailers : NO_MAP);
  }
}

/** The number that `:status` states; 0 when it is absent or none. */
function statusOf(headers: HeaderMap): u32 {
  const text = headers.get(":status");
  if (text == null || text.length != 3) return 0;
  let status: u32 = 0;
  for (let i = 0; i < 3; i++) {
    const digit = <u32>text.charCodeAt(i) - 48;
    if (digit > 9) return 0;
    status = status * 10 + digit;
  }
  return status;
}

/** Waits for the response of an HTTP callout. What it needs later are its fields; see {@link BaseContext.httpCallWith}. */
export abstract class HttpCallHandler extends CallTarget {
  /** The one outcome of the call: its response, or {@link HttpCallResponse.status} 0. */
  abstract onResponse(response: HttpCallResponse): void;
}

/** @internal A handler that is a function. */
@final
export class HttpCallFunction extends HttpCallHandler {
  constructor(private callback: (response: HttpCallResponse) => void) {
    super();
  }

  onResponse(response: HttpCallResponse): void {
    this.callback(response);
  }
}

/** @internal A handler that is a function with what it works on. */
@final
export class HttpCallFunctionFor<T> extends HttpCallHandler {
  constructor(
    private self: T,
    private callback: (self: T, response: HttpCallResponse) => void,
  ) {
    super();
  }

  onResponse(response: HttpCallResponse): void {
    this.callback(this.self, response);
  }
}

/** The last part of a cluster's name that Istio has made; other names as they are. */
function hostOf(cluster: string): string {
  return cluster.substring(cluster.lastIndexOf("|") + 1);
}

/** The headers as they go out, pseudo-headers first; null, and a line in the log, where the host would refuse them. */
function headersOf(request: HttpCallRequest): HeaderList | null {
  const given = request.headers;
  const whole = new HeaderList();
  if (request.method.length && whole.add(":method", request.method) != Status.Ok) return null;
  if (request.path.length && whole.add(":path", request.path) != Status.Ok) return null;
  if (request.authority.length && whole.add(":authority", request.authority) != Status.Ok) return null;
  for (let i = 0; i < given.length; i++) {
    // Of two values Envoy would make one, with a comma.
    if (given.isPseudo(i) && given.valueLength(i) && !whole.hasNameOf(given, i)) whole.copyFrom(given, i);
  }
  if (!whole.has(":path")) {
    refuse("httpCall", ":path is missing");
    return null;
  }
  if (!whole.has(":method")) whole.add(":method", "GET");
  if (!whole.has(":authority")) {
    const host = given.get("host");
    const authority = host != null && host.length ? host : hostOf(request.cluster);
    if (!authority.length) {
      refuse("httpCall", ":authority is missing");
      return null;
    }
    if (whole.add(":authority", authority) != Status.Ok) return null;
  }
  // Envoy takes `host` for another :authority, and waits for the body that a content-length promises.
  const hosts = new HeaderList();
  hosts.add("host", "");
  hosts.add("content-length", "");
  for (let i = 0; i < given.length; i++) {
    if (!given.isPseudo(i) && !hosts.hasNameOf(given, i)) whole.copyFrom(given, i);
  }
  return whole;
}

/** @internal Makes a call for a context. */
export function sendHttpCall(
  contextId: u32,
  request: HttpCallRequest,
  handler: HttpCallHandler | null,
): Status {
  request.callId = 0;
  if (!isTimeout("httpCall", request.timeoutMilliseconds)) return Status.BadArgument;
  const headers = headersOf(request);
  if (headers == null || !isSendable("httpCall", headers) || !isPlain("httpCall", request.trailers))
    return Status.BadArgument;
  const pairs = headers.serialize();
  const trailers = request.trailers.length ? request.trailers.serialize() : null;
  const cluster = encode(request.cluster);
  const clusterLength = encodedLength;
  const bytes = request.bodyBytes;
  const body = bytes == null ? encode(request.body) : bytes.dataStart;
  const bodyLength = bytes == null ? encodedLength : <usize>bytes.byteLength;
  let status: Status = Status.BadArgument;
  if (!cluster || !body) {
    refuse("httpCall", "the text is larger than the memory of a module");
  } else if (beginCall("httpCall", contextId)) {
    status = hostcalls.httpCall(
      cluster,
      clusterLength,
      changetype<usize>(pairs),
      <usize>pairs.byteLength,
      body,
      bodyLength,
      changetype<usize>(trailers),
      trailers == null ? 0 : <usize>trailers.byteLength,
      request.timeoutMilliseconds,
    );
    const id = load<u32>(out);
    if (status == Status.BadArgument) {
      refuseNamed("httpCall to", cluster, clusterLength, "the host knows no such cluster");
    }
    status = endCall("httpCall", contextId, status, id, CallKind.Http, handler);
    if (status == Status.Ok) request.callId = id;
  }
  if (bytes == null) release(body);
  release(cluster);
  return status;
}

// A filter that does anything the API offers, at random but repeatably: the request's x-seed decides.
import {
  FilterDataStatus,
  FilterHeadersStatus,
  FilterTrailersStatus,
  getPropertyBytes,
  HeaderList,
  HeaderMap,
  HttpContext,
  logInfo,
  registerRootContext,
  RootContext,
  setPropertyBytes,
} from "proxy-wasm-as";

class Root extends RootContext {
  known: Chaos[] = [];

  override onConfigure(pluginConfigurationSize: u32): bool {
    this.setTickPeriodMilliseconds(5);
    return true;
  }

  // Streams stay known after they are gone: acting on them must be harmless too.
  override onTick(): void {
    const known = this.known;
    for (let i = 0; i < known.length; i++) known[i].act(2);
    if (known.length > 40) this.known = known.slice(20);
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Chaos(this);
  }
}

class Chaos extends HttpContext {
  state: u32 = 0;
  traced: bool = false;

  constructor(private root: Root) {
    super();
    this.state = this.contextId;
    this.act(1);
    this.state = 0;
  }

  next(below: u32): u32 {
    let x = this.state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    this.state = x;
    return x % below;
  }

  map(): HeaderMap {
    switch (this.next(4)) {
      case 0:
        return this.requestHeaders;
      case 1:
        return this.requestTrailers;
      case 2:
        return this.responseHeaders;
      default:
        return this.responseTrailers;
    }
  }

  headers(): HeaderList {
    const list = new HeaderList();
    for (let n = this.next(4); n > 0; n--)
      list.add(n == 2 ? ":status" : "x-chaos", n == 1 ? "a\r\nb" : "value");
    return list;
  }

  act(most: u32, where: string = "tick"): void {
    if (this.state == 0) return;
    if (this.traced) logInfo(this.contextId.toString() + " in " + where);
    for (let n = this.next(most + 1); n > 0; n--) this.actOnce();
  }

  actOnce(): void {
    const body = this.next(2) ? this.requestBody : this.responseBody;
    const action = this.next(24);
    if (this.traced) logInfo(this.contextId.toString() + " does " + action.toString());
    switch (action) {
      case 0:
        this.resumeRequest();
        break;
      case 1:
        this.resumeResponse();
        break;
      case 2:
        this.sendLocalResponse(
          this.next(700),
          this.next(2) ? "chaos" : "",
          this.headers(),
          "chaos",
          this.next(20) - 1,
        );
        break;
      case 3:
        this.closeRequest();
        break;
      case 4:
        this.closeResponse();
        break;
      case 5:
        this.map().add("x-chaos", this.next(5).toString());
        break;
      case 6:
        this.map().set("x-chaos", "set");
        break;
      case 7:
        this.map().remove("x-chaos");
        break;
      case 8:
        this.map().setAll(this.headers());
        break;
      case 9:
        this.map().entries();
        break;
      case 10:
        this.map().get("x-seed");
        break;
      case 11:
        body.replace("chaos ".repeat(this.next(100)));
        break;
      case 12:
        body.append("tail");
        break;
      case 13:
        body.prepend("head");
        break;
      case 14:
        body.text();
        break;
      case 15:
        body.bytes(this.next(10), this.next(20));
        break;
      case 16:
        this.bufferRequestBody(this.next(50), this.next(4) == 0);
        break;
      case 17:
        this.bufferResponseBody(this.next(50), this.next(4) == 0);
        break;
      case 18:
        setPropertyBytes("chaos", new Uint8Array(this.next(20)));
        break;
      case 19:
        getPropertyBytes(["request", "headers"]);
        break;
      case 20:
        if (this.map().byteSize) break;
        break;
      case 21:
        this.map().set("content-length", this.next(30).toString());
        break;
      case 22:
        getPropertyBytes(["response"]);
        break;
      default:
        this.map().getAll("x-chaos");
    }
  }

  /** Mostly what a filter would answer, now and then anything. */
  status(): i32 {
    const status = this.next(3) ? 0 : this.next(8) ? this.next(5) : <i32>this.next(200) - 100;
    if (this.traced) logInfo(this.contextId.toString() + " returns " + status.toString());
    return status;
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const seed = this.requestHeaders.get("x-seed");
    if (seed != null) {
      this.state = U32.parseInt(seed);
      this.traced = this.requestHeaders.has("x-trace");
      this.root.known.push(this);
      if (!this.next(4)) return this.bufferRequestBody(this.next(50));
    }
    this.act(3, "onRequestHeaders");
    return this.state ? this.status() : FilterHeadersStatus.Continue;
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    this.act(3, "onRequestBody");
    return this.state ? this.status() : FilterDataStatus.Continue;
  }

  override onRequestTrailers(numTrailers: u32): FilterTrailersStatus {
    this.act(3, "onRequestTrailers");
    return this.state ? this.status() : FilterTrailersStatus.Continue;
  }

  override onRequestBodyComplete(bodySize: u32): FilterDataStatus {
    this.act(3, "onRequestBodyComplete");
    return this.status();
  }

  override onRequestBodyTooLarge(bodySize: u32): void {
    this.act(1, "onRequestBodyTooLarge");
    if (this.next(2)) super.onRequestBodyTooLarge(bodySize);
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    if (this.state && !this.next(4)) return this.bufferResponseBody(this.next(50));
    this.act(3, "onResponseHeaders");
    return this.state ? this.status() : FilterHeadersStatus.Continue;
  }

  override onResponseBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    this.act(3, "onResponseBody");
    return this.state ? this.status() : FilterDataStatus.Continue;
  }

  override onResponseTrailers(numTrailers: u32): FilterTrailersStatus {
    this.act(3, "onResponseTrailers");
    return this.state ? this.status() : FilterTrailersStatus.Continue;
  }

  override onResponseBodyComplete(bodySize: u32): FilterDataStatus {
    this.act(3, "onResponseBodyComplete");
    return this.status();
  }

  override onResponseBodyTooLarge(bodySize: u32): void {
    this.act(1, "onResponseBodyTooLarge");
    if (this.next(2)) super.onResponseBodyTooLarge(bodySize);
  }

  override onLog(): void {
    this.act(3, "onLog");
  }

  override onDone(): bool {
    this.act(3, "onDone");
    return true;
  }

  override onDelete(): void {
    this.act(3, "onDelete");
  }
}

registerRootContext<Root>();

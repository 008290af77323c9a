// A filter that does anything the API offers, at random but repeatably: the request's x-seed decides.
import {
  BaseContext,
  Buffer,
  FilterDataStatus,
  FilterHeadersStatus,
  FilterTrailersStatus,
  getPropertyBytes,
  GrpcCallHandler,
  GrpcCallRequest,
  GrpcCallResponse,
  GrpcRequest,
  GrpcStatus,
  GrpcStream,
  GrpcStreamHandler,
  HeaderList,
  HeaderMap,
  HttpCallHandler,
  HttpCallRequest,
  HttpCallResponse,
  HttpContext,
  logInfo,
  registerRootContext,
  RootContext,
  setPropertyBytes,
} from "proxy-wasm-as";

/** What runs when a call is answered acts on the stream that made it, or on which the root made it. */
class Answered extends HttpCallHandler {
  constructor(private stream: Chaos) {
    super();
  }

  onResponse(response: HttpCallResponse): void {
    if (this.stream.next(2)) response.headers.entries();
    if (this.stream.next(2)) response.body.text();
    if (this.stream.next(4) == 0) this.stream.kept = response;
    const kept = this.stream.kept;
    if (kept != null) kept.headers.get("x");
    this.stream.act(3, "onResponse");
  }
}

class GrpcAnswered extends GrpcCallHandler {
  constructor(private stream: Chaos) {
    super();
  }

  onResponse(response: GrpcCallResponse): void {
    if (this.stream.next(2)) response.message.bytes();
    this.stream.act(3, "grpc onResponse");
  }
}

class Chat extends GrpcStreamHandler {
  constructor(private stream: Chaos) {
    super();
  }

  override onInitialMetadata(stream: GrpcStream, metadata: HeaderMap): void {
    metadata.entries();
    this.stream.act(2, "onInitialMetadata");
  }

  override onMessage(stream: GrpcStream, message: Buffer): void {
    message.text();
    this.stream.act(3, "onMessage");
  }

  override onTrailingMetadata(stream: GrpcStream, metadata: HeaderMap): void {
    metadata.get("x-end");
    this.stream.act(2, "onTrailingMetadata");
  }

  override onClose(stream: GrpcStream, status: GrpcStatus, message: string): void {
    this.stream.act(3, "onClose");
  }
}

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
  kept: HttpCallResponse | null = null;
  chats: GrpcStream[] = [];

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
    const action = this.next(30);
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
      case 23:
      case 24:
        this.call();
        break;
      case 25:
        this.callGrpc();
        break;
      case 26:
        if (this.chats.length < 4) this.chats.push(this.caller().grpcStream(this.target(), new Chat(this)));
        break;
      case 27:
      case 28:
        if (this.chats.length) this.useChat(this.chats[this.next(this.chats.length)]);
        break;
      default:
        this.map().getAll("x-chaos");
    }
  }

  /** Mostly the stream itself. */
  caller(): BaseContext {
    return this.next(5) ? this : this.root;
  }

  cluster(): string {
    const names = ["other", "other", "other", "grpc", "grpc", "empty", "refused", "unknown", ""];
    return names[this.next(names.length)];
  }

  call(): void {
    const request = new HttpCallRequest(this.cluster(), this.next(8) ? "/" + this.next(6).toString() : "");
    request.timeoutMilliseconds = 1 + this.next(60);
    if (!this.next(4)) request.body = "x".repeat(this.next(100));
    if (!this.next(4)) request.headers = this.next(2) ? this.headers() : this.map().entries();
    if (!this.next(4)) request.trailers.add("x-end", "1");
    this.caller().httpCallWith(request, new Answered(this));
  }

  target(): GrpcRequest {
    return new GrpcRequest(this.cluster(), "test.Echo", this.next(8) ? "Chat" : "None");
  }

  callGrpc(): void {
    const method = this.next(3);
    const request = new GrpcCallRequest(
      this.cluster(),
      "test.Echo",
      method == 0 ? "Say" : method == 1 ? "Fail" : "Never",
    );
    request.timeoutMilliseconds = this.next(60);
    request.message = Uint8Array.wrap(String.UTF8.encode(this.next(20).toString() + " chaos"));
    this.caller().grpcCallWith(request, new GrpcAnswered(this));
  }

  useChat(chat: GrpcStream): void {
    switch (this.next(6)) {
      case 0:
        chat.close();
        break;
      case 1:
        chat.cancel();
        break;
      case 2:
        chat.send(Uint8Array.wrap(String.UTF8.encode("end")));
        break;
      case 3:
        chat.send(Uint8Array.wrap(String.UTF8.encode("fail chaos")), this.next(2) == 0);
        break;
      default:
        if (chat.isOpen) chat.send(Uint8Array.wrap(String.UTF8.encode("chaos")), this.next(6) == 0);
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

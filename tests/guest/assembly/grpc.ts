// A filter that makes the gRPC calls and opens the streams that x-do asks for, and tells what became of them.
import {
  Buffer,
  FilterHeadersStatus,
  GrpcCallHandler,
  GrpcCallRequest,
  GrpcCallResponse,
  GrpcRequest,
  GrpcStatus,
  GrpcStream,
  GrpcStreamHandler,
  HeaderMap,
  HttpContext,
  logInfo,
  registerRootContext,
  RootContext,
  Status,
} from "proxy-wasm-as";

/** Messages here are text, where a filter would have protobuf. */
function bytes(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

function call(method: string, message: string, cluster: string = "grpc"): GrpcCallRequest {
  const request = new GrpcCallRequest(cluster, "test.Echo", method);
  request.message = bytes(message);
  return request;
}

class Root extends RootContext {
  ticked: bool = false;
  stream: GrpcStream | null = null;

  override onConfigure(pluginConfigurationSize: u32): bool {
    this.setTickPeriodMilliseconds(20);
    return true;
  }

  override onTick(): void {
    if (this.ticked) return;
    this.ticked = true;
    this.grpcCall(call("Say", "tick"), (response) => {
      logInfo("tick: " + response.status.toString() + " " + response.message.text());
    });
    const stream = this.grpcStream(new GrpcRequest("grpc", "test.Echo", "Chat"));
    this.stream = stream;
    stream.send(bytes("of the root"));
    stream.close();
  }

  override onGrpcReceiveInitialMetadata(callId: u32, numElements: u32): void {
    logInfo("root initial: " + (this.grpcInitialMetadata.get("x-out") != null).toString());
  }

  override onGrpcReceive(callId: u32, messageSize: u32): void {
    logInfo("root message: " + this.grpcMessage.text() + " " + messageSize.toString());
  }

  override onGrpcReceiveTrailingMetadata(callId: u32, numElements: u32): void {
    const end = this.grpcTrailingMetadata.get("x-end");
    logInfo("root trailing: " + (end == null ? "null" : end));
  }

  override onGrpcClose(callId: u32, status: GrpcStatus): void {
    const stream = this.stream;
    const same = stream != null && stream.streamId == callId && !stream.isOpen;
    logInfo("root close: " + same.toString() + " " + status.toString() + " " + this.grpcStatusMessage);
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Calls();
  }
}

class Decide extends GrpcCallHandler {
  constructor(private stream: Calls) {
    super();
  }

  onResponse(response: GrpcCallResponse): void {
    this.stream.decide(response);
  }
}

/** Writes what comes on a stream, and lets the request go on at its end. */
class Chat extends GrpcStreamHandler {
  constructor(private stream: Calls) {
    super();
  }

  override onInitialMetadata(stream: GrpcStream, metadata: HeaderMap): void {
    const out = metadata.get("x-out");
    logInfo("initial: " + (out == null ? "null" : out));
  }

  override onMessage(stream: GrpcStream, message: Buffer): void {
    const text = message.text();
    logInfo("message: " + text);
    if (text == "one") stream.send(bytes("two"));
    else if (text == "two") stream.send(bytes(this.stream.last), this.stream.last == "last");
    else if (text == "cancel me") {
      logInfo("cancel: " + stream.cancel().toString());
      logInfo("again: " + stream.cancel().toString() + " " + stream.isOpen.toString());
      logInfo("send: " + stream.send(bytes("too late")).toString());
      this.stream.resumeRequest();
    }
  }

  override onTrailingMetadata(stream: GrpcStream, metadata: HeaderMap): void {
    const end = metadata.get("x-end");
    logInfo("trailing: " + (end == null ? "null" : end));
  }

  override onClose(stream: GrpcStream, status: GrpcStatus, message: string): void {
    logInfo("close: " + status.toString() + " " + message + " " + stream.isOpen.toString());
    logInfo("send: " + stream.send(bytes("too late")).toString());
    this.stream.requestHeaders.add("x-closed", status.toString());
    this.stream.resumeRequest();
  }
}

class Calls extends HttpContext {
  last: string = "last";
  task: string = "";

  decide(response: GrpcCallResponse): void {
    logInfo(
      "outcome: " + response.status.toString() + " " + response.message.text() + " " + response.statusMessage,
    );
    this.requestHeaders.add("x-status", response.status.toString());
    if (response.status == GrpcStatus.Ok) this.resumeRequest();
    else this.sendLocalResponse(403, response.statusMessage);
  }

  sent(status: Status): FilterHeadersStatus {
    if (status == Status.Ok) return FilterHeadersStatus.StopAllIterationAndWatermark;
    return this.sendLocalResponse(500, "not sent: " + status.toString());
  }

  open(cluster: string, first: string): FilterHeadersStatus {
    const request = new GrpcRequest(cluster, "test.Echo", "Chat");
    request.metadata.add("x-in", "ping");
    const stream = this.grpcStream(request, new Chat(this));
    if (stream.status == Status.Ok) logInfo("first: " + stream.send(bytes(first)).toString());
    else logInfo("first: " + stream.send(bytes(first)).toString() + " " + stream.streamId.toString());
    return this.sent(stream.status);
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const task = this.requestHeaders.get("x-do");
    if (task == null) return FilterHeadersStatus.Continue;
    this.task = task;
    const given = this.requestHeaders.get("x-cluster");
    const cluster = given == null ? "grpc" : given;
    if (task == "say") {
      const request = call("Say", "hello", cluster);
      request.metadata.add("x-in", "ping");
      request.authority = "echo.example";
      return this.sent(this.grpcCallWith(request, new Decide(this)));
    }
    if (task == "self") {
      return this.sent(
        this.grpcCallFor(call("Say", "hello"), this, (self, response) => self.decide(response)),
      );
    }
    if (task == "override") return this.sent(this.grpcCall(call("Say", "to the override")));
    if (task == "override fail") return this.sent(this.grpcCall(call("Fail", "7 not yours")));
    if (task.startsWith("fail ")) {
      return this.sent(this.grpcCallWith(call("Fail", task.substring(5)), new Decide(this)));
    }
    if (task == "deadline" || task == "gone") {
      const request = call("Never", "x");
      request.timeoutMilliseconds = task == "gone" ? 0 : 60;
      return this.sent(this.grpcCallWith(request, new Decide(this)));
    }
    if (task.startsWith("chat")) {
      if (task == "chat end") this.last = "end";
      if (task == "chat fail") this.last = "fail no more";
      if (task == "chat cancel") this.last = "cancel me";
      return this.open(cluster, task == "chat gone" ? "none" : "one");
    }
    if (task == "streams") {
      // Envoy would hang at the second.
      for (let i = 0; i < 3; i++) {
        const stream = this.grpcStream(new GrpcRequest(cluster, "test.Echo", "Chat"), new Chat(this));
        logInfo("opened: " + stream.status.toString());
      }
      return this.sendLocalResponse(503, "none");
    }
    if (task == "stream last") {
      this.sendLocalResponse(503, "first");
      const stream = this.grpcStream(new GrpcRequest(cluster, "test.Echo", "Chat"), new Chat(this));
      logInfo("opened: " + stream.status.toString());
      return FilterHeadersStatus.StopIteration;
    }
    if (task == "refused") {
      logInfo("empty: " + this.grpcCallWith(call("Say", "x", ""), new Decide(this)).toString());
      logInfo("method: " + this.grpcCallWith(call("", "x"), new Decide(this)).toString());
      logInfo("break: " + this.grpcCallWith(call("a\r\nb", "x"), new Decide(this)).toString());
      const request = call("Say", "x");
      request.metadata.add(":path", "/other");
      logInfo("pseudo: " + this.grpcCallWith(request, new Decide(this)).toString());
      const long = call("Say", "x");
      long.timeoutMilliseconds = 0x80000000;
      logInfo("timeout: " + this.grpcCallWith(long, new Decide(this)).toString());
    }
    return FilterHeadersStatus.Continue;
  }

  override onGrpcReceive(callId: u32, messageSize: u32): void {
    this.requestHeaders.add("x-message", this.grpcMessage.text());
    this.resumeRequest();
  }

  override onGrpcClose(callId: u32, status: GrpcStatus): void {
    this.sendLocalResponse(403, status.toString() + " " + this.grpcStatusMessage);
  }

  override onDelete(): void {
    if (this.task != "") logInfo("deleted");
  }
}

registerRootContext<Root>();

// A filter that makes the HTTP calls that x-do asks for, and tells what became of them.
import {
  BaseContext,
  FilterDataStatus,
  FilterHeadersStatus,
  HeaderList,
  HttpCallHandler,
  HttpCallRequest,
  HttpCallResponse,
  HttpContext,
  logInfo,
  registerRootContext,
  RootContext,
  Status,
} from "proxy-wasm-as";

/** A call that only writes what came of it. */
class Note extends HttpCallHandler {
  constructor(private name: string) {
    super();
  }

  onResponse(response: HttpCallResponse): void {
    logInfo(this.name + ": " + response.status.toString());
  }
}

function note(context: BaseContext, name: string, cluster: string = "auth"): void {
  const request = new HttpCallRequest(cluster, "/note?" + name);
  logInfo(name + " sent: " + context.httpCallWith(request, new Note(name)).toString());
}

class Root extends RootContext {
  ticks: u32 = 0;
  waiting: Calls[] = [];

  override onVmStart(vmConfigurationSize: u32): bool {
    note(this, "vmStart");
    return true;
  }

  override onConfigure(pluginConfigurationSize: u32): bool {
    note(this, "configure");
    this.setTickPeriodMilliseconds(20);
    return true;
  }

  override onTick(): void {
    if (this.ticks++ == 0) {
      this.httpCall(new HttpCallRequest("auth", "/tick"), (response) => {
        logInfo("tick: " + response.status.toString() + " " + response.body.text());
      });
    }
    const waiting = this.waiting;
    this.waiting = [];
    for (let i = 0; i < waiting.length; i++) waiting[i].later();
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Calls(this);
  }

  override onHttpCallResponse(callId: u32, numHeaders: u32, bodySize: u32, numTrailers: u32): void {
    logInfo("root override: " + this.httpCallResponseBody.text());
  }
}

/** A handler object that knows its stream. */
class Decide extends HttpCallHandler {
  constructor(private stream: Calls) {
    super();
  }

  onResponse(response: HttpCallResponse): void {
    this.stream.decide(response);
  }
}

/** The second of two calls, which sends on what the first said. */
class Second extends HttpCallHandler {
  constructor(
    private stream: Calls,
    private first: HttpCallResponse,
    private token: string,
  ) {
    super();
  }

  onResponse(response: HttpCallResponse): void {
    // What is kept of another response does not show this one's.
    const stale = this.first.headers.get("x-echo");
    this.stream.requestHeaders.add(
      "x-stale",
      stale == null && !this.first.body.length ? "nothing" : "mixed up",
    );
    this.stream.requestHeaders.add("x-token", this.token);
    this.stream.requestHeaders.add("x-user", response.body.text());
    this.stream.resumeRequest();
  }
}

class First extends HttpCallHandler {
  constructor(private stream: Calls) {
    super();
  }

  onResponse(response: HttpCallResponse): void {
    const token = response.body.text();
    const request = new HttpCallRequest("auth", "/user");
    request.headers.add("authorization", "Bearer " + token);
    const status = this.stream.httpCallWith(request, new Second(this.stream, response, token));
    if (status != Status.Ok) this.stream.sendLocalResponse(503, "no second call");
  }
}

/** Lets the stream go on when all of several calls are answered. */
class Counted extends HttpCallHandler {
  constructor(
    private stream: Calls,
    private name: string,
  ) {
    super();
  }

  onResponse(response: HttpCallResponse): void {
    this.stream.requestHeaders.add("x-answers", this.name + "=" + response.body.text());
    if (--this.stream.waitingFor == 0) this.stream.resumeRequest();
  }
}

class Calls extends HttpContext {
  task: string = "";
  name: string = "";
  waitingFor: i32 = 0;

  constructor(private root: Root) {
    super();
  }

  /** What most tasks do with the answer. */
  decide(response: HttpCallResponse): void {
    const path = this.requestHeaders.get(":path");
    logInfo(
      "outcome of " +
        (path == null ? "?" : path) +
        ": " +
        [response.status, response.numHeaders, response.bodySize, response.numTrailers].join(" "),
    );
    if (response.status == 200) {
      const user = response.headers.get("x-user");
      if (user != null) this.requestHeaders.set("x-user", user);
      const trailer = response.trailers.get("x-sum");
      this.requestHeaders.set("x-trailer", trailer == null ? "null" : trailer);
      this.requestHeaders.set("x-body", response.bodySize < 100 ? response.body.text() : "large");
      this.resumeRequest();
    } else {
      this.sendLocalResponse(response.status == 0 ? 599 : response.status, "refused by the other side");
    }
  }

  /** A request as the header fields of the client's request ask for it. */
  request(): HttpCallRequest {
    const given = this.requestHeaders;
    const cluster = given.get("x-cluster");
    const path = given.get("x-path");
    const request = new HttpCallRequest(cluster == null ? "auth" : cluster, path == null ? "/check" : path);
    const timeout = given.get("x-timeout");
    if (timeout != null) request.timeoutMilliseconds = U32.parseInt(timeout);
    const method = given.get("x-method");
    if (method != null) request.method = method;
    const body = given.get("x-send");
    if (body != null) request.body = body;
    return request;
  }

  sent(status: Status): FilterHeadersStatus {
    if (status == Status.Ok) return FilterHeadersStatus.StopAllIterationAndWatermark;
    return this.sendLocalResponse(500, "not sent: " + status.toString());
  }

  later(): void {
    note(this, "late " + this.name);
    logInfo("late done");
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const task = this.requestHeaders.get("x-do");
    if (task != null) this.task = task;
    const path = this.requestHeaders.get(":path");
    if (path != null) this.name = path;
    if (this.task == "object") return this.sent(this.httpCallWith(this.request(), new Decide(this)));
    if (this.task == "self") {
      return this.sent(this.httpCallFor(this.request(), this, (self, response) => self.decide(response)));
    }
    if (this.task == "override") {
      const request = this.request();
      const status = this.httpCall(request);
      this.waitingFor = request.callId;
      return this.sent(status);
    }
    if (this.task == "whole") {
      const request = new HttpCallRequest("auth", "/whole?x=1");
      request.method = "POST";
      request.authority = "auth.example";
      request.headers = HeaderList.from([
        ["x-a", "1"],
        ["x-a", "2"],
        ["content-length", "1000"],
        ["host", "elsewhere"],
      ]);
      const bytes = new Uint8Array(300);
      for (let i = 0; i < bytes.length; i++) bytes[i] = <u8>i;
      request.bodyBytes = bytes;
      request.trailers.add("x-after", "body");
      return this.sent(this.httpCallWith(request, new Decide(this)));
    }
    if (this.task == "forward") {
      const request = new HttpCallRequest("auth");
      request.headers = this.requestHeaders.entries();
      return this.sent(this.httpCallWith(request, new Decide(this)));
    }
    if (this.task == "several") {
      this.waitingFor = 3;
      for (let i = 0; i < 3; i++) {
        const request = new HttpCallRequest("auth", "/several/" + i.toString());
        this.httpCallWith(request, new Counted(this, i.toString()));
      }
      return FilterHeadersStatus.StopAllIterationAndWatermark;
    }
    if (this.task == "nested") {
      return this.sent(this.httpCallWith(new HttpCallRequest("auth", "/token"), new First(this)));
    }
    if (this.task == "root") {
      this.root.httpCall(new HttpCallRequest("auth", "/from-root"));
      return FilterHeadersStatus.Continue;
    }
    if (this.task == "body") this.requestHeaders.remove("content-length");
    if (this.task == "late") this.root.waiting.push(this);
    if (this.task == "refused") {
      const headerless = new HttpCallRequest("auth");
      logInfo("no path: " + this.httpCallWith(headerless, new Note("never")).toString());
      const split = new HttpCallRequest("auth", "/a\r\nx: y");
      logInfo("line break: " + this.httpCallWith(split, new Note("never")).toString());
      const nameless = new HttpCallRequest("", "/");
      logInfo("no authority: " + this.httpCallWith(nameless, new Note("never")).toString());
      const long = new HttpCallRequest("auth", "/");
      long.timeoutMilliseconds = 0x80000000;
      logInfo("timeout: " + this.httpCallWith(long, new Note("never")).toString());
      const many = new HttpCallRequest("auth", "/");
      for (let i = 0; i < 1022; i++) many.headers.add("x-many", "1");
      logInfo("many: " + this.httpCallWith(many, new Note("never")).toString());
      const trailing = new HttpCallRequest("auth", "/");
      trailing.trailers.add(":path", "/");
      logInfo("trailer: " + this.httpCallWith(trailing, new Note("never")).toString());
      logInfo("call id: " + (many.callId + long.callId).toString());
    }
    return FilterHeadersStatus.Continue;
  }

  override onHttpCallResponse(callId: u32, numHeaders: u32, bodySize: u32, numTrailers: u32): void {
    this.requestHeaders.add("x-same-id", (<i32>callId == this.waitingFor).toString());
    this.requestHeaders.add("x-body", this.httpCallResponseBody.text());
    const status = this.httpCallResponseHeaders.get(":status");
    this.requestHeaders.add("x-status", status == null ? "null" : status);
    this.requestHeaders.add("x-trailer", (this.httpCallResponseTrailers.get("x-sum") == null).toString());
    this.resumeRequest();
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    if (this.task != "body") return FilterDataStatus.Continue;
    if (!endOfStream) return FilterDataStatus.StopIterationAndBuffer;
    this.httpCallFor(new HttpCallRequest("auth", "/body"), this, (self, response) => {
      const before = self.requestBody.text();
      logInfo("replaced: " + self.requestBody.replace(before + "+" + response.body.text()).toString());
      self.resumeRequest();
    });
    return FilterDataStatus.StopIterationAndBuffer;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    if (this.task != "response") return FilterHeadersStatus.Continue;
    this.httpCallFor(new HttpCallRequest("auth", "/response"), this, (self, response) => {
      const request = self.requestHeaders.get("x-do");
      const status = self.responseHeaders.get(":status");
      self.responseHeaders.add("x-request", request == null ? "null" : request);
      self.responseHeaders.add("x-call", response.body.text() + (status == null ? "" : status));
      self.resumeResponse();
    });
    return FilterHeadersStatus.StopAllIterationAndWatermark;
  }

  override onLog(): void {
    if (this.task == "ends") note(this, "log");
  }

  override onDone(): bool {
    if (this.task == "ends") note(this, "done");
    return true;
  }

  override onDelete(): void {
    if (this.task == "ends") note(this, "delete");
    if (this.task != "") logInfo("deleted " + this.name);
  }
}

registerRootContext<Root>();

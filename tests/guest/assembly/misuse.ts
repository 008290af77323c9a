// A filter that does what would crash or confuse Envoy, as x-do asks: the library must refuse it.
import {
  FilterDataStatus,
  FilterHeadersStatus,
  HttpContext,
  logInfo,
  registerRootContext,
  RootContext,
  Status,
} from "proxy-wasm-as";

class Root extends RootContext {
  waiting: Misuse[] = [];

  override onConfigure(pluginConfigurationSize: u32): bool {
    this.setTickPeriodMilliseconds(20);
    return true;
  }

  override onTick(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (let i = 0; i < waiting.length; i++) waiting[i].later();
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Misuse(this);
  }
}

class Misuse extends HttpContext {
  task: string = "";

  constructor(private root: Root) {
    super();
    if (this.contextId == 0) logInfo("no id");
    this.closeRequest();
    this.sendLocalResponse(403, "too early");
  }

  wait(): FilterHeadersStatus {
    this.root.waiting.push(this);
    return FilterHeadersStatus.StopAllIterationAndWatermark;
  }

  note(call: string, status: Status): void {
    logInfo(this.task + ": " + call + " " + status.toString());
  }

  later(): void {
    if (this.task == "tick resume") {
      this.note("resumeRequest", this.resumeRequest());
      this.note("again", this.resumeRequest());
    } else if (this.task == "tick reply") {
      this.sendLocalResponse(403, "denied from a tick");
      this.note("resumeRequest", this.resumeRequest());
      this.sendLocalResponse(404, "second");
    } else if (this.task == "C5 tick") {
      this.note("resumeResponse", this.resumeResponse());
      this.note("resumeRequest", this.resumeRequest());
    } else if (this.task == "tick response") {
      this.note("resumeResponse", this.resumeResponse());
      this.note("again", this.resumeResponse());
    } else if (this.task == "resume close") {
      this.note("resumeResponse", this.resumeResponse());
      this.note("closeResponse", this.closeResponse());
    } else if (this.task == "gone") {
      this.note("resumeRequest", this.resumeRequest());
      this.note("resumeResponse", this.resumeResponse());
      this.note("closeRequest", this.closeRequest());
      this.sendLocalResponse(403, "to nobody");
      logInfo("gone: done");
    } else if (this.task == "close") {
      this.note("closeRequest", this.closeRequest());
    }
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const task = this.requestHeaders.get("x-do");
    if (task != null) this.task = task;
    if (this.task == "C5") this.note("resumeResponse", this.resumeResponse());
    if (this.task == "C8") this.note("resumeRequest", this.resumeRequest());
    if (this.task == "C8 stop") {
      this.note("resumeRequest", this.resumeRequest());
      return FilterHeadersStatus.StopIteration;
    }
    if (this.task.startsWith("tick re") && this.task != "tick response") return this.wait();
    if (this.task == "C5 tick" || this.task == "close" || this.task == "hang") return this.wait();
    if (this.task == "gone") this.root.waiting.push(this);
    if (this.task == "twice") {
      this.sendLocalResponse(401, "first");
      this.sendLocalResponse(402, "second");
      return FilterHeadersStatus.Continue;
    }
    if (this.task == "reply close") {
      this.sendLocalResponse(403, "closed");
      this.note("closeResponse", this.closeResponse());
    }
    if (this.task == "answered" || this.task == "log write")
      return FilterHeadersStatus.StopAllIterationAndWatermark;
    if (this.task == "status 99") return this.sendLocalResponse(99, "bad status");
    if (this.task == "status 204") return this.sendLocalResponse(204, "a body");
    if (this.task == "grpc") return this.sendLocalResponse(401, "who");
    if (this.task == "grpc 8") return this.sendLocalResponse(401, "who", null, "", 8);
    if (this.task == "body outside") this.note("replace", this.requestBody.replace("x"));
    return FilterHeadersStatus.Continue;
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    if (this.task == "C8 body") {
      this.note("resumeRequest", this.resumeRequest());
      return FilterDataStatus.StopIterationAndBuffer;
    }
    if (this.task == "held body") return FilterDataStatus.StopIterationNoBuffer;
    return FilterDataStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.add("x-seen", this.isLocalResponse ? "local" : "upstream");
    if (this.task == "C9") this.note("resumeResponse", this.resumeResponse());
    if (this.task == "twice later") {
      this.sendLocalResponse(401, "first");
      this.sendLocalResponse(402, "second");
    }
    if (this.task == "tick response" || this.task == "resume close") return this.wait();
    if (this.task == "answered") this.note("resumeRequest", this.resumeRequest());
    if (this.task == "held body") {
      this.note("replace", this.requestBody.replace("x"));
      this.note("length", this.requestBody.text().length);
    }
    return FilterHeadersStatus.Continue;
  }

  override onLog(): void {
    if (this.task == "log write") this.note("add", this.requestHeaders.add("x-late", "1"));
    if (this.task == "C2") {
      this.sendLocalResponse(403, "in log");
      this.note("closeRequest", this.closeRequest());
      this.note("closeResponse", this.closeResponse());
      this.note("resumeRequest", this.resumeRequest());
      this.note("resumeResponse", this.resumeResponse());
    }
  }

  override onDone(): bool {
    if (this.task == "C3") {
      this.sendLocalResponse(403, "in done");
      this.note("closeRequest", this.closeRequest());
    }
    return true;
  }

  override onDelete(): void {
    if (this.task == "C3") {
      this.sendLocalResponse(403, "in delete");
      this.note("closeRequest", this.closeRequest());
    }
  }
}

registerRootContext<Root>();

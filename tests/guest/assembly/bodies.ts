// A filter that edits bodies as x-do asks, in both directions, by hand and through the whole-body helper.
import {
  FilterDataStatus,
  FilterHeadersStatus,
  HttpContext,
  logInfo,
  registerRootContext,
  RootContext,
} from "proxy-wasm-as";

class Root extends RootContext {
  waiting: Bodies[] = [];

  override onConfigure(pluginConfigurationSize: u32): bool {
    this.setTickPeriodMilliseconds(10);
    return true;
  }

  override onTick(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (let i = 0; i < waiting.length; i++) waiting[i].resumeRequest();
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Bodies(this);
  }
}

class Bodies extends HttpContext {
  task: string = "";

  constructor(private root: Root) {
    super();
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const task = this.requestHeaders.get("x-do");
    if (task != null) this.task = task;
    if (this.task == "parts" || this.task == "ends") this.requestHeaders.remove("content-length");
    if (this.task.startsWith("whole")) return this.bufferRequestBody(1000);
    if (this.task.startsWith("held")) return this.bufferRequestBody(1000, true);
    return FilterHeadersStatus.Continue;
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    const body = this.requestBody;
    if (this.task == "parts") body.replace("<" + body.text() + ">");
    if (this.task == "ends" && bodySize > 0) {
      body.prepend("first ");
      body.append(" last");
    }
    if (this.task == "read") {
      logInfo("length " + body.length.toString() + " of " + bodySize.toString());
      const middle = body.bytes(1, 3);
      logInfo("middle " + String.UTF8.decode(middle.buffer));
      logInfo("beyond " + body.bytes(1000).length.toString() + body.bytes(3, 1).length.toString());
    }
    if (this.task == "wrong ask") this.bufferRequestBody(1);
    return FilterDataStatus.Continue;
  }

  override onRequestBodyComplete(bodySize: u32): FilterDataStatus {
    logInfo("complete " + bodySize.toString());
    const body = this.requestBody;
    if (this.task == "whole longer") body.replace(body.text() + " and much more than there was");
    if (this.task == "whole shorter") body.replaceBytes(body.bytes(0, 1));
    if (this.task == "whole empty") body.replace("");
    if (this.task == "held longer") {
      body.replace(body.text() + " and more");
      this.requestHeaders.set("x-length", body.length.toString());
    }
    if (this.task == "whole wait") {
      this.root.waiting.push(this);
      return FilterDataStatus.StopIterationAndBuffer;
    }
    return FilterDataStatus.Continue;
  }

  override onRequestBodyTooLarge(bodySize: u32): void {
    logInfo("too large " + (bodySize > 1000).toString());
    if (this.task != "whole pass") this.sendLocalResponse(413, "too large for me");
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    if (this.task.startsWith("answer")) return this.bufferResponseBody(1000, this.task == "answer held");
    return FilterHeadersStatus.Continue;
  }

  override onResponseBodyComplete(bodySize: u32): FilterDataStatus {
    logInfo("answer complete " + bodySize.toString());
    const body = this.responseBody;
    if (this.task == "answer shorter") body.replaceBytes(body.bytes(0, 3));
    else if (bodySize > 0) body.replace(body.text() + "!");
    if (this.task == "answer held") this.responseHeaders.set("x-size", body.length.toString());
    return FilterDataStatus.Continue;
  }

  override onResponseBodyTooLarge(bodySize: u32): void {
    logInfo("answer too large");
    if (this.task != "answer pass") super.onResponseBodyTooLarge(bodySize);
  }
}

registerRootContext<Root>();

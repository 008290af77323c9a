// A filter that writes down every callback it gets, and what its root finds in the configuration.
import {
  FilterDataStatus,
  FilterHeadersStatus,
  FilterTrailersStatus,
  getCurrentTimeNanoseconds,
  getPropertyBytes,
  HttpContext,
  logInfo,
  registerRootContext,
  RootContext,
  setPropertyBytes,
} from "proxy-wasm-as";

class Root extends RootContext {
  override onVmStart(vmConfigurationSize: u32): bool {
    logInfo("vmStart " + vmConfigurationSize.toString() + " " + this.vmConfiguration.text());
    return true;
  }

  override onConfigure(pluginConfigurationSize: u32): bool {
    const text = this.configuration.text();
    logInfo("configure " + pluginConfigurationSize.toString() + " " + text);
    if (text == "ticks") this.setTickPeriodMilliseconds(10);
    return !text.startsWith("{bad");
  }

  override onTick(): void {
    logInfo(
      "tick " + this.configuration.text() + (getCurrentTimeNanoseconds() > 1600000000000000000).toString(),
    );
    this.setTickPeriodMilliseconds(0);
  }

  override onLog(): void {
    logInfo("root log");
  }

  override onDone(): bool {
    logInfo("root done");
    return true;
  }

  override onDelete(): void {
    logInfo("root delete");
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Stream();
  }
}

class Stream extends HttpContext {
  calls: string[] = [];

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const path = getPropertyBytes(["request", "path"]);
    this.calls.push("requestHeaders" + (endOfStream ? "!" : ""));
    if (path != null) setPropertyBytes("seen.path", path);
    return FilterHeadersStatus.Continue;
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    this.calls.push("requestBody" + (endOfStream ? "!" : ""));
    return FilterDataStatus.Continue;
  }

  override onRequestTrailers(numTrailers: u32): FilterTrailersStatus {
    const sum = this.requestTrailers.get("x-sum");
    this.calls.push("requestTrailers " + (sum == null ? "null" : sum));
    return FilterTrailersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.calls.push("responseHeaders" + (endOfStream ? "!" : ""));
    return FilterHeadersStatus.Continue;
  }

  override onResponseBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    if (endOfStream) this.responseTrailers.add("x-made", "here");
    return FilterDataStatus.Continue;
  }

  override onLog(): void {
    const path = getPropertyBytes(["seen.path"]);
    const status = this.responseHeaders.get(":status");
    logInfo(
      "log " +
        this.calls.join(",") +
        " " +
        (path == null ? "null" : String.UTF8.decode(path.buffer)) +
        " " +
        (status == null ? "null" : status),
    );
  }

  override onDone(): bool {
    logInfo("done");
    return false;
  }

  override onDelete(): void {
    logInfo("delete");
  }
}

registerRootContext<Root>();

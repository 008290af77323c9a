// Logs every callback of the life of a plugin and of its streams.
import {
  FilterHeadersStatus,
  HttpContext,
  logInfo,
  registerHttpContext,
  registerRootContext,
  RootContext,
} from "proxy-wasm-as";

class LogCallsRoot extends RootContext {
  constructor() {
    super();
    logInfo("root onCreate called");
  }

  override onVmStart(vmConfigurationSize: u32): bool {
    logInfo("root onStart called");
    return true;
  }

  override onConfigure(pluginConfigurationSize: u32): bool {
    logInfo("root onConfigure called");
    return true;
  }

  override onDone(): bool {
    logInfo("root onDone called");
    return true;
  }

  override onDelete(): void {
    logInfo("root onDelete called");
  }
}

class LogCalls extends HttpContext {
  constructor() {
    super();
    logInfo("http onCreate called");
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    logInfo("http onRequestHeaders called");
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    logInfo("http onResponseHeaders called");
    return FilterHeadersStatus.Continue;
  }

  override onDone(): bool {
    logInfo("http onDone called");
    return true;
  }

  override onDelete(): void {
    logInfo("http onDelete called");
  }
}

registerRootContext<LogCallsRoot>();
registerHttpContext<LogCalls>();

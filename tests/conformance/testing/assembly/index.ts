// Logs the context and the clock, and answers with an error where the response asks for it.
import {
  FilterHeadersStatus,
  getCurrentTimeNanoseconds,
  HeaderList,
  HttpContext,
  logDebug,
  logInfo,
  registerHttpContext,
} from "proxy-wasm-as";

class Testing extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    logDebug("request headers " + this.contextId.toString());
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    logDebug("response headers " + this.contextId.toString());
    for (let i = 1; i <= 3; i++) logInfo(`time ${i}: ${getCurrentTimeNanoseconds()}`);
    if (!this.responseHeaders.has("reply-with-error")) return FilterHeadersStatus.Continue;
    return this.sendLocalResponse(500, "fake error", HeaderList.from([["error", "goaway"]]));
  }
}
registerHttpContext<Testing>();

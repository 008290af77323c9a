// Says hello in the log, sends requests to another authority and path, and adds a response header.
import { FilterHeadersStatus, HttpContext, logInfo, registerHttpContext } from "proxy-wasm-as";

class FirstPlugin extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    logInfo("onRequestHeaders: hello from wasm");
    this.requestHeaders.set(":authority", "service-extensions.com");
    this.requestHeaders.set(":path", "/");
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    logInfo("onResponseHeaders: hello from wasm");
    this.responseHeaders.add("hello", "service-extensions");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<FirstPlugin>();

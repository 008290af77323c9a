import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

// One object for each request and its response.
class AddHeader extends HttpContext {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.add("hello", "world");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<AddHeader>();

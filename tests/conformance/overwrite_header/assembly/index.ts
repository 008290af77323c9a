// Overwrites `RequestHeader` of requests that have one, and sets `ResponseHeader` of every response.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class OverwriteHeader extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const value = this.requestHeaders.get("RequestHeader");
    if (value != null && value.length > 0) this.requestHeaders.set("RequestHeader", "changed");
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.set("ResponseHeader", "changed");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<OverwriteHeader>();

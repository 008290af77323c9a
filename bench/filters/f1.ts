// F1, add-header: one header for every response.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class AddHeader extends HttpContext {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.add("hello", "world");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<AddHeader>();

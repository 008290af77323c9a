// Adds the response header `Message: bar` beside `foo`, where it has that value, and removes `Welcome`.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class AddResponseHeader extends HttpContext {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    if (this.responseHeaders.get("Message") == "foo") this.responseHeaders.add("Message", "bar");
    this.responseHeaders.remove("Welcome");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<AddResponseHeader>();

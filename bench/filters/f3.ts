// F3, headers-heavy: counts all request headers and their bytes, removes one, replaces one.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class Summary extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const headers = this.requestHeaders.entries();
    let bytes = 0;
    for (let i = 0; i < headers.length; i++) bytes += headers.nameLength(i) + headers.valueLength(i);
    this.requestHeaders.add("x-summary", headers.length.toString() + "/" + bytes.toString());
    this.requestHeaders.remove("x-remove-me");
    this.requestHeaders.set("user-agent", "peer-filter/1.0");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<Summary>();

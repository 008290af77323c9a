// F3 with every name and value read as a string, as other SDKs do it: reported beside F3.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class Summary extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const headers = this.requestHeaders.entries();
    let bytes = 0;
    for (let i = 0; i < headers.length; i++) bytes += headers.name(i).length + headers.value(i).length;
    this.requestHeaders.add("x-summary", headers.length.toString() + "/" + bytes.toString());
    this.requestHeaders.remove("x-remove-me");
    this.requestHeaders.set("user-agent", "peer-filter/1.0");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<Summary>();

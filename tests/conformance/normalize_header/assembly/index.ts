// Adds the request header `client-device-type`: `mobile` if the client hint or the user agent says so, else `unknown`.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class NormalizeHeader extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.requestHeaders.add("client-device-type", this.isMobile() ? "mobile" : "unknown");
    return FilterHeadersStatus.Continue;
  }

  private isMobile(): bool {
    if (this.requestHeaders.get("Sec-CH-UA-Mobile") == "?1") return true;
    const userAgent = this.requestHeaders.get("User-Agent");
    return userAgent != null && userAgent.toLowerCase().includes("mobile");
  }
}
registerHttpContext<NormalizeHeader>();

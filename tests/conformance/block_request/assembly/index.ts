// Lets requests pass whose referer is the safe site, marked; answers all others with 403 and an id to find them by.
import { FilterHeadersStatus, HttpContext, logInfo, registerHttpContext } from "proxy-wasm-as";

class BlockRequest extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const referer = this.requestHeaders.get("Referer");
    if (referer != null && referer.includes("safe-site.com")) {
      this.requestHeaders.add("my-plugin-allowed", "true");
      return FilterHeadersStatus.Continue;
    }
    const message = "Forbidden - Request ID: " + randomId();
    logInfo(message);
    return this.sendLocalResponse(403, message);
  }
}
registerHttpContext<BlockRequest>();

/** 32 random hexadecimal digits. */
function randomId(): string {
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes);
  let id = "";
  for (let i = 0; i < bytes.length; i++) id += bytes[i].toString(16).padStart(2, "0");
  return id;
}

// F2, auth: answers 401 without `authorization`; else copies its value to the response.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class Auth extends HttpContext {
  authorization: string | null = null;

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.authorization = this.requestHeaders.get("authorization");
    if (this.authorization == null) return this.sendLocalResponse(401, "Access forbidden.\n");
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const value = this.authorization;
    if (value != null) this.responseHeaders.add("x-test", value);
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<Auth>();

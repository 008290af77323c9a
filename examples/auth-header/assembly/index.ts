// Lets only requests with an `authorization` header pass, and shows its value in the response.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class AuthHeader extends HttpContext {
  authorization: string = "";

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    // `== null` and not `!value`: an empty header is there.
    const value = this.requestHeaders.get("authorization");
    if (value == null) return this.sendLocalResponse(401, "authorization header required\n");
    this.authorization = value;
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    if (!this.isLocalResponse) this.responseHeaders.set("x-test", this.authorization);
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<AuthHeader>();

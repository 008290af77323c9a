// Replaces a word in the bodies of text responses; responses without a body stay as they are.
import { FilterDataStatus, FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class ResponseRewrite extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    // A compressed body could not be read.
    this.requestHeaders.remove("accept-encoding");
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const type = this.responseHeaders.get("content-type");
    if (type == null || !type.startsWith("text/")) return FilterHeadersStatus.Continue;
    return this.bufferResponseBody(1024 * 1024);
  }

  override onResponseBodyComplete(bodySize: u32): FilterDataStatus {
    if (bodySize > 0) this.responseBody.replace(this.responseBody.text().replaceAll("teh", "the"));
    return FilterDataStatus.Continue;
  }
}
registerHttpContext<ResponseRewrite>();

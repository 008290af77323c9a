// F4, body: buffers the request body, changes it to upper case, forwards it.
import { FilterDataStatus, FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class UpperCase extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.requestHeaders.remove("content-length");
    return FilterHeadersStatus.Continue;
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    if (!endOfStream) return FilterDataStatus.StopIterationAndBuffer;
    const body = this.requestBody.bytes();
    for (let i = 0; i < body.length; i++) {
      const c = body[i];
      if (c >= 0x61 && c <= 0x7a) body[i] = c - 0x20;
    }
    this.requestBody.replaceBytes(body);
    return FilterDataStatus.Continue;
  }
}
registerHttpContext<UpperCase>();

// Turns the request body to upper case, whatever its length and however it arrives.
import { FilterDataStatus, FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

/** The largest body that is taken, in bytes; a larger one is answered with 413. */
const LIMIT: u32 = 512 * 1024;

class UppercaseBody extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    return this.bufferRequestBody(LIMIT);
  }

  override onRequestBodyComplete(bodySize: u32): FilterDataStatus {
    if (bodySize > 0) this.requestBody.replace(this.requestBody.text().toUpperCase());
    return FilterDataStatus.Continue;
  }
}
registerHttpContext<UppercaseBody>();

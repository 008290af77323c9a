// Adds the request header `Message: hello`, beside a value that is there, and sets `Welcome: warm`.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class AddRequestHeader extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.requestHeaders.add("Message", "hello");
    this.requestHeaders.set("Welcome", "warm");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<AddRequestHeader>();

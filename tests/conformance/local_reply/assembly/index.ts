// Answers every request with `Hello World`.
import { FilterHeadersStatus, HeaderList, HttpContext, registerHttpContext } from "proxy-wasm-as";

class LocalReply extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    return this.sendLocalResponse(200, "Hello World", HeaderList.from([["Content-Type", "text/plain"]]));
  }
}
registerHttpContext<LocalReply>();

// Redirects the client to a static page when the upstream answers with a status of the 500s.
import { FilterHeadersStatus, HeaderList, HttpContext, registerHttpContext } from "proxy-wasm-as";

const ERROR_PAGE = "https://storage.googleapis.com/www.example.com/server-error.html";

class AddCustomResponse extends HttpContext {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const status = this.responseHeaders.get(":status");
    if (status == null || I32.parseInt(status) / 100 != 5) return FilterHeadersStatus.Continue;
    const headers = HeaderList.from([
      ["Origin-Status", status],
      ["Location", ERROR_PAGE],
    ]);
    return this.sendLocalResponse(302, "", headers);
  }
}
registerHttpContext<AddCustomResponse>();

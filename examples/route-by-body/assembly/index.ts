// Chooses the route of a request by a field of the form in its body.
import { FilterDataStatus, FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

/** The value of a field of a form such as `item=1&region=eu`; null if it is absent. */
function field(form: string, name: string): string | null {
  const fields = form.trim().split("&");
  for (let i = 0; i < fields.length; i++) {
    if (fields[i].startsWith(name + "=")) return fields[i].substring(name.length + 1);
  }
  return null;
}

class RouteByBody extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    // The filter decides alone: what a client puts there does not count.
    this.requestHeaders.remove("x-region");
    const type = this.requestHeaders.get("content-type");
    if (type == null || !type.startsWith("application/x-www-form-urlencoded")) {
      return FilterHeadersStatus.Continue;
    }
    return this.bufferRequestBody(64 * 1024, true); // true: the headers wait for the body
  }

  override onRequestBodyComplete(bodySize: u32): FilterDataStatus {
    const region = field(this.requestBody.text(), "region");
    if (region == null || !region.length) {
      this.sendLocalResponse(400, "the form has no region\n");
      return FilterDataStatus.StopIterationAndBuffer;
    }
    // Envoy chooses the route again when a header is changed.
    this.requestHeaders.set("x-region", region);
    return FilterDataStatus.Continue;
  }
}
registerHttpContext<RouteByBody>();

// Chooses the route of a request: by a header of its own, or by filter state, after which the route is chosen anew.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";
import { clearRouteCache, setEnvoyFilterState } from "proxy-wasm-as/envoy";

class Route extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const user = this.requestHeaders.get("x-user");
    if (user != null && user.startsWith("beta-")) {
      // Routes look at this header. Changing request headers has Envoy choose the route anew by itself.
      this.requestHeaders.set("x-version", "beta");
    } else {
      // What a client sends must not choose.
      this.requestHeaders.remove("x-version");
    }
    const tenant = this.requestHeaders.get("x-tenant");
    if (tenant != null) {
      // Routes look at this filter state, which neither client nor upstream see.
      setEnvoyFilterState("envoy.string", tenant);
      clearRouteCache();
    }
    return FilterHeadersStatus.Continue;
  }
}

registerHttpContext<Route>();

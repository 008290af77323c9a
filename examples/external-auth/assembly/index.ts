// Asks a service about every request, and lets only those pass that it knows. Without an answer, nobody passes.
import {
  FilterHeadersStatus,
  HttpCallRequest,
  HttpCallResponse,
  HttpContext,
  registerHttpContext,
  Status,
} from "proxy-wasm-as";

class ExternalAuth extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    // What the client says about itself must not pass for the service's word.
    this.requestHeaders.remove("x-user");
    const authorization = this.requestHeaders.get("authorization");
    if (authorization == null) return this.sendLocalResponse(401, "who are you?\n");

    const request = new HttpCallRequest("auth", "/check");
    request.headers.add("authorization", authorization);
    request.timeoutMilliseconds = 500;
    const status = this.httpCall(request, (response) => this.decide(response));
    // Not made: the callback will not run, and a request that is held would hang.
    if (status != Status.Ok) return this.sendLocalResponse(503, "try again later\n");
    return FilterHeadersStatus.StopAllIterationAndWatermark;
  }

  decide(response: HttpCallResponse): void {
    const user = response.headers.get("x-user");
    if (response.status == 200 && user != null) {
      this.requestHeaders.set("x-user", user);
      this.resumeRequest();
    } else if (response.status == 403) {
      this.sendLocalResponse(403, "not you\n");
    } else {
      // 503 and 504 of the proxy itself, 0 for an answer that was cut off, or whatever the service says.
      this.sendLocalResponse(503, "try again later\n");
    }
  }
}
registerHttpContext<ExternalAuth>();

// Exchanges the client's key for a token, asks with it who the client is, and tells the upstream both.
import {
  FilterHeadersStatus,
  HttpCallRequest,
  HttpContext,
  registerHttpContext,
  Status,
} from "proxy-wasm-as";

class TokenExchange extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const key = this.requestHeaders.get("x-api-key");
    if (key == null) return this.sendLocalResponse(401, "x-api-key required\n");
    this.requestHeaders.remove("x-api-key");
    this.requestHeaders.remove("x-user");

    const exchange = new HttpCallRequest("identity", "/token");
    exchange.method = "POST";
    exchange.body = key;
    const status = this.httpCall(exchange, (response) => {
      if (response.status != 200) return this.refuse(response.status);
      // Text, which is a copy; the body itself is gone when this callback ends.
      const token = response.body.text();

      const whoami = new HttpCallRequest("identity", "/me");
      whoami.headers.add("authorization", "Bearer " + token);
      const status = this.httpCall(whoami, (response) => {
        if (response.status != 200) return this.refuse(response.status);
        this.requestHeaders.set("authorization", "Bearer " + token);
        // Refused if it were no value for a header; then nobody passes, either.
        if (this.requestHeaders.set("x-user", response.body.text()) == Status.Ok) this.resumeRequest();
        else this.refuse(0);
      });
      if (status != Status.Ok) this.refuse(0);
    });
    if (status != Status.Ok) {
      this.refuse(0);
      return FilterHeadersStatus.StopIteration;
    }
    return FilterHeadersStatus.StopAllIterationAndWatermark;
  }

  refuse(status: u32): void {
    if (status == 401) this.sendLocalResponse(401, "this key is not known\n");
    else this.sendLocalResponse(503, "try again later\n");
  }
}
registerHttpContext<TokenExchange>();

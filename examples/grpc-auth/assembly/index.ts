// Asks a gRPC service about every request, and lets only those pass that it knows. Without an answer, nobody passes.
import {
  FilterHeadersStatus,
  GrpcCallRequest,
  GrpcStatus,
  HttpContext,
  registerHttpContext,
  Status,
} from "proxy-wasm-as";
import { readText, writeText } from "./protobuf";

class GrpcAuth extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.requestHeaders.remove("x-user");
    const token = this.requestHeaders.get("authorization");
    if (token == null) return this.sendLocalResponse(401, "who are you?\n");

    // message CheckRequest { string token = 1; }    message CheckResponse { string user = 1; }
    const request = new GrpcCallRequest("auth", "example.Auth", "Check");
    request.message = writeText(1, token);
    request.timeoutMilliseconds = 500;
    const status = this.grpcCall(request, (response) => {
      const user = response.status == GrpcStatus.Ok ? readText(1, response.message.bytes()) : "";
      if (user.length && this.requestHeaders.set("x-user", user) == Status.Ok) {
        this.resumeRequest();
      } else if (response.status == GrpcStatus.PermissionDenied) {
        this.sendLocalResponse(403, "not you\n");
      } else {
        // Mostly Unavailable: there was no answer in time.
        this.sendLocalResponse(503, "try again later\n");
      }
    });
    if (status != Status.Ok) return this.sendLocalResponse(503, "try again later\n");
    return FilterHeadersStatus.StopAllIterationAndWatermark;
  }
}
registerHttpContext<GrpcAuth>();

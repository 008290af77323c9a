// F2, auth: answers 401 without `authorization`; else copies its value to the response. An absent header is "" here.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";
import {
  Context,
  FilterHeadersStatusValues,
  registerRootContext,
  RootContext,
  send_http_response,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

class AuthRoot extends RootContext {
  createContext(context_id: u32): Context {
    return new Auth(context_id, this);
  }
}

class Auth extends Context {
  authorization: string = "";

  onRequestHeaders(a: u32, end_of_stream: bool): FilterHeadersStatusValues {
    this.authorization = stream_context.headers.request.get("authorization");
    if (this.authorization == "") {
      send_http_response(401, "", String.UTF8.encode("Access forbidden.\n"), []);
      return FilterHeadersStatusValues.StopIteration;
    }
    return FilterHeadersStatusValues.Continue;
  }

  onResponseHeaders(a: u32, end_of_stream: bool): FilterHeadersStatusValues {
    if (this.authorization != "") stream_context.headers.response.add("x-test", this.authorization);
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => new AuthRoot(context_id), "");

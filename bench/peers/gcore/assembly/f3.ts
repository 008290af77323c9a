// F3, headers-heavy: counts all request headers and their bytes, removes one, replaces one.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";
import {
  Context,
  FilterHeadersStatusValues,
  registerRootContext,
  RootContext,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

class SummaryRoot extends RootContext {
  createContext(context_id: u32): Context {
    return new Summary(context_id, this);
  }
}

class Summary extends Context {
  onRequestHeaders(a: u32, end_of_stream: bool): FilterHeadersStatusValues {
    const request = stream_context.headers.request;
    const headers = request.get_headers();
    let bytes = 0;
    for (let i = 0; i < headers.length; i++) {
      bytes += headers[i].key.byteLength + headers[i].value.byteLength;
    }
    request.add("x-summary", headers.length.toString() + "/" + bytes.toString());
    request.remove("x-remove-me");
    request.replace("user-agent", "peer-filter/1.0");
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => new SummaryRoot(context_id), "");

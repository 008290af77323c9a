// F4, body: buffers the request body, changes it to upper case, forwards it.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";
import {
  BufferTypeValues,
  Context,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  get_buffer_bytes,
  registerRootContext,
  RootContext,
  set_buffer_bytes,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

class UpperCaseRoot extends RootContext {
  createContext(context_id: u32): Context {
    return new UpperCase(context_id, this);
  }
}

class UpperCase extends Context {
  onRequestHeaders(a: u32, end_of_stream: bool): FilterHeadersStatusValues {
    stream_context.headers.request.remove("content-length");
    return FilterHeadersStatusValues.Continue;
  }

  onRequestBody(body_buffer_length: usize, end_of_stream: bool): FilterDataStatusValues {
    if (!end_of_stream) return FilterDataStatusValues.StopIterationAndBuffer;
    const size = <u32>body_buffer_length;
    const body = get_buffer_bytes(BufferTypeValues.HttpRequestBody, 0, size);
    const bytes = Uint8Array.wrap(body);
    for (let i = 0; i < bytes.length; i++) {
      const c = bytes[i];
      if (c >= 0x61 && c <= 0x7a) bytes[i] = c - 0x20;
    }
    set_buffer_bytes(BufferTypeValues.HttpRequestBody, 0, size, body);
    return FilterDataStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => new UpperCaseRoot(context_id), "");

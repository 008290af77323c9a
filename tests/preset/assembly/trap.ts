// A filter that fails in the way that x-fail asks for, and marks what it lets pass.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class Trap extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const how = this.requestHeaders.get("x-fail");
    if (how == "index") this.readBeyond([1, 2, 3], numHeaders + 100);
    if (how == "throw") throw new Error("this filter gave up");
    if (how == "null") this.responseHeaders.add("x-null", this.requestHeaders.get("x-absent")!);
    if (how == "assert") assert(numHeaders == 0, "no headers expected");
    if (how == "get") console.log(new Map<string, string>().get("missing"));
    if (how == "unreachable") unreachable();
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.add("x-filtered", "yes");
    return FilterHeadersStatus.Continue;
  }

  private readBeyond(numbers: i32[], index: i32): i32 {
    return numbers[index];
  }
}
registerHttpContext<Trap>();

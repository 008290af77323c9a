// A filter that answers with what it sees of the system: clocks, randomness, environment.
import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

console.log("loaded at " + Date.now().toString());
const mode = process.env.has("MODE") ? process.env.get("MODE") : "no MODE";

class System extends HttpContext {
  private before: f64 = 0;
  private hrtimeBefore: u64 = 0;

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.before = performance.now();
    this.hrtimeBefore = process.hrtime();
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const headers = this.responseHeaders;
    const bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    const now = Date.now();
    headers.set("x-now", now.toString());
    headers.set("x-iso", new Date(now).toISOString());
    headers.set("x-process-time", process.time().toString());
    headers.set("x-parsed", Date.parse("2001-02-03T04:05:06.007Z").getTime().toString());
    headers.set("x-elapsed", (performance.now() - this.before).toString());
    headers.set("x-hrtime", (process.hrtime() - this.hrtimeBefore).toString());
    headers.set("x-mode", mode);
    headers.set("x-environment", process.env.keys().sort().join());
    headers.set("x-bytes", bytes.toString());
    headers.set("x-random", Math.random().toString());
    console.time("work");
    console.timeEnd("work");
    trace("traced", 2, 1.5, -2);
    assert(numHeaders > 0, "there are headers");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<System>();

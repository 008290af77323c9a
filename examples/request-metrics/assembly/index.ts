// Counts requests by method and status, those on their way, and how long they take.
import {
  Counter,
  FilterHeadersStatus,
  Gauge,
  getCurrentTimeNanoseconds,
  Histogram,
  HttpContext,
  MetricTags,
  properties,
  registerHttpContext,
} from "proxy-wasm-as";

const requests = new Counter("requests");
const inFlight = new Gauge("requests_in_flight");
const milliseconds = new Histogram("request_milliseconds");
const tags = new MetricTags();

/** The method, if it is one of a few: a client must not be able to make metrics. */
function known(method: string | null): string {
  if (method == "GET" || method == "HEAD" || method == "POST" || method == "PUT" || method == "DELETE")
    return method!;
  return "other";
}

class Measure extends HttpContext {
  private start: u64 = 0;

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.start = getCurrentTimeNanoseconds();
    inFlight.add(1);
    return FilterHeadersStatus.Continue;
  }

  override onLog(): void {
    const code = properties.response.code();
    tags
      .clear()
      .add("method", known(this.requestHeaders.get(":method")))
      .add("code", code.toString());
    requests.tagged(tags).increment();
    // A request that the proxy refused as malformed never got to the filter.
    if (this.start == 0) return;
    inFlight.add(-1);
    milliseconds.record((getCurrentTimeNanoseconds() - this.start) / 1_000_000);
  }
}

registerHttpContext<Measure>();

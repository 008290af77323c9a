// Lets a number of requests a second pass, over all threads of the proxy, and answers 429 to those above it.
import {
  FilterHeadersStatus,
  getCurrentTimeNanoseconds,
  HeaderList,
  HttpContext,
  registerRootContext,
  RootContext,
  SharedData,
  SharedDataBytesUpdater,
  Status,
} from "proxy-wasm-as";

/** A bucket that fills again with time, and from which each request takes a token: 8 bytes of tokens, 8 of time. */
class TokenBucket extends SharedDataBytesUpdater {
  /** Whether there was a token to take. */
  taken: bool = false;

  constructor(
    private rate: f64,
    private burst: f64,
  ) {
    super();
  }

  override update(old: Uint8Array | null): Uint8Array | null {
    const now = getCurrentTimeNanoseconds();
    let tokens = this.burst;
    if (old != null && old.length == 16) {
      const filled = load<u64>(old.dataStart, 8);
      // Another thread may have read its clock later, and been here first.
      const passed = now > filled ? <f64>(now - filled) / 1e9 : 0;
      tokens = min(this.burst, load<f64>(old.dataStart) + passed * this.rate);
    }
    this.taken = tokens >= 1;
    // Nothing to write: the tokens that have come meanwhile are counted from the same time on.
    if (!this.taken) return null;
    const bucket = new Uint8Array(16);
    store<f64>(bucket.dataStart, tokens - 1);
    store<u64>(bucket.dataStart, now, 8);
    return bucket;
  }
}

class Limiter extends RootContext {
  rate: f64 = 10;
  burst: f64 = 10;

  /** The configuration is requests a second, and how many may come at once: `10 20`. */
  override onConfigure(pluginConfigurationSize: u32): bool {
    const text = this.configuration.text().trim();
    if (text.length == 0) return true;
    const numbers = text.split(" ");
    this.rate = F64.parseFloat(numbers[0]);
    this.burst = numbers.length > 1 ? F64.parseFloat(numbers[1]) : this.rate;
    const good = this.rate > 0 && this.burst >= 1;
    if (!good) console.error("not requests a second and a burst: " + text);
    return good;
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Limit(this);
  }
}

class Limit extends HttpContext {
  constructor(private limiter: Limiter) {
    super();
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const bucket = new TokenBucket(this.limiter.rate, this.limiter.burst);
    const status = SharedData.updateBytesWith("rate-limit", bucket);
    if (status == Status.Ok && bucket.taken) return FilterHeadersStatus.Continue;
    const seconds = Math.ceil(1 / this.limiter.rate);
    const headers = HeaderList.from([["retry-after", (<i32>seconds).toString()]]);
    return this.sendLocalResponse(429, "too many requests\n", headers, "rate_limited");
  }
}

registerRootContext<Limiter>();

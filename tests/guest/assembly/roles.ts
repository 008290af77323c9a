// One module for every place that Envoy has for a plugin; the root id says which it is.
import {
  FilterDataStatus,
  FilterHeadersStatus,
  FilterStatus,
  getPropertyBytes,
  HeaderMap,
  HttpContext,
  logInfo,
  LogLevel,
  log,
  MetricType,
  registerHttpContext,
  registerRootContext,
  registerTcpContext,
  RootContext,
  Status,
  TcpContext,
} from "proxy-wasm-as";
import { StatsUpdate } from "proxy-wasm-as/envoy";

function shown(text: string | null): string {
  return text == null ? "null" : text;
}

function property(path: string[]): string {
  const bytes = getPropertyBytes(path);
  return bytes == null ? "null" : String.UTF8.decode(bytes.buffer);
}

/** A service: counts ticks, up to three. */
class Service extends RootContext {
  ticks: u32 = 0;

  override onConfigure(pluginConfigurationSize: u32): bool {
    logInfo("service " + this.configuration.text());
    return this.setTickPeriodMilliseconds(10) == Status.Ok;
  }

  override onTick(): void {
    if (++this.ticks == 3) this.setTickPeriodMilliseconds(0);
    logInfo("service tick " + this.ticks.toString());
    this.requestHeaders.get("x-out-of-place");
  }
}

/** An access logger. */
class Logger extends RootContext {
  lines: u32 = 0;

  private first(map: HeaderMap): string {
    const entries = map.entries();
    return entries.length ? entries.name(0) : "none";
  }

  override onLog(): void {
    const late = this.responseHeaders.set("x-late", "1");
    logInfo(
      [
        this.configuration.text(),
        (++this.lines).toString(),
        shown(this.requestHeaders.get(":method")),
        shown(this.requestHeaders.get(":path")),
        shown(this.responseHeaders.get(":status")),
        shown(this.responseTrailers.get("x-sum")),
        this.first(this.requestHeaders),
        property(["response", "code_details"]),
        property(["source", "address"]).split(":")[0],
        "write " + late.toString(),
      ].join(" "),
    );
  }
}

/** A stats sink. */
class Sink extends RootContext {
  flushes: u32 = 0;

  override onStatsUpdate(): void {
    const stats = new StatsUpdate();
    const wanted = this.configuration.text();
    let counters: u32 = 0;
    let gauges: u32 = 0;
    while (stats.next()) {
      if (stats.type == MetricType.Counter) counters++;
      else gauges++;
      if (stats.name != wanted && stats.name != "server.live") continue;
      logInfo(
        stats.name +
          (stats.type == MetricType.Counter ? " counter " : " gauge ") +
          stats.value.toString() +
          " +" +
          stats.delta.toString(),
      );
    }
    if (stats.name.length || stats.value || stats.delta || stats.next()) logInfo("goes on after its end");
    if (++this.flushes == 1) logInfo("some " + (counters > 0).toString() + (gauges > 0).toString());
  }

  override onTick(): void {
    if (new StatsUpdate().next()) logInfo("stats outside");
    this.setTickPeriodMilliseconds(0);
  }

  override onConfigure(pluginConfigurationSize: u32): bool {
    if (this.configuration.text() == "outside") this.setTickPeriodMilliseconds(10);
    return true;
  }
}

/** A root that is not done when it is asked. */
class Slow extends RootContext {
  asked: bool = false;

  override onConfigure(pluginConfigurationSize: u32): bool {
    logInfo("done too early " + this.done().toString());
    return true;
  }

  override onDone(): bool {
    logInfo("not yet: done in onDone " + this.done().toString());
    this.asked = true;
    this.setTickPeriodMilliseconds(20);
    return false;
  }

  override onTick(): void {
    if (!this.asked) return;
    logInfo("done " + this.done().toString());
    logInfo("and after it");
    this.setTickPeriodMilliseconds(0);
    logInfo("again " + this.done().toString());
  }

  override onDelete(): void {
    logInfo("slow is deleted");
  }
}

/** Another root of the same module: acts on the first of its kind, in whose callback it is not. */
class Meddler extends RootContext {
  static first: Meddler | null = null;
  ticks: u32 = 0;

  override onConfigure(pluginConfigurationSize: u32): bool {
    const first = Meddler.first;
    if (first == null) Meddler.first = this;
    else {
      // This is the second's callback: the first gets the tick.
      first.setTickPeriodMilliseconds(10);
      logInfo("done of another " + first.done().toString());
    }
    return true;
  }

  override onTick(): void {
    logInfo("tick of " + this.configuration.text());
    this.setTickPeriodMilliseconds(0);
  }
}

/** A plugin with its configuration in a header of the response. */
class Named extends RootContext {
  override createHttpContext(contextId: u32): HttpContext {
    return new NamedStream(this.configuration.text());
  }

  override createTcpContext(contextId: u32): TcpContext {
    return new NamedConnection(this.configuration.text());
  }
}

class NamedStream extends HttpContext {
  constructor(private name: string) {
    super();
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.add("x-name", this.name);
    return FilterHeadersStatus.Continue;
  }
}

class NamedConnection extends TcpContext {
  constructor(private name: string) {
    super();
  }

  override onDownstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    if (dataSize > 0) this.downstreamData.prepend(this.name + ":");
    return FilterStatus.Continue;
  }
}

/** A filter of a cluster: writes down what it is called for. */
class Upstream extends HttpContext {
  calls: string[] = [];

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.calls.push("requestHeaders " + property(["upstream", "address"]).split(":")[0]);
    this.requestHeaders.set("x-upstream-filter", "1");
    if (this.requestHeaders.has("x-deny")) return this.sendLocalResponse(403, "denied by the cluster");
    return FilterHeadersStatus.Continue;
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    if (endOfStream) this.calls.push("requestBody");
    return FilterDataStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.calls.push("responseHeaders");
    this.responseHeaders.set("x-upstream-filter", "1");
    return FilterHeadersStatus.Continue;
  }

  override onResponseBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    if (endOfStream) this.calls.push("responseBody");
    return FilterDataStatus.Continue;
  }

  override onLog(): void {
    this.calls.push("log");
  }

  override onDone(): bool {
    this.calls.push("done");
    return true;
  }

  override onDelete(): void {
    log(LogLevel.Info, this.calls.join(", "));
  }
}

class Plain extends TcpContext {}

registerRootContext<Named>("named");
registerRootContext<Service>("service");
registerRootContext<Logger>("logger");
registerRootContext<Sink>("sink");
registerRootContext<Slow>("slow");
registerRootContext<Meddler>("meddler");
registerHttpContext<Upstream>("upstream");
registerTcpContext<Plain>("plain");

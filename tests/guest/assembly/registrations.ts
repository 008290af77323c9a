// Registrations of every form in one module: under root ids, with and without a root of their own, TCP and HTTP.
import {
  FilterHeadersStatus,
  FilterStatus,
  HttpContext,
  logInfo,
  PeerType,
  registerHttpContext,
  registerRootContext,
  registerTcpContext,
  RootContext,
  TcpContext,
} from "proxy-wasm-as";

class Plain extends HttpContext {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.add("x-filter", "plain");
    return FilterHeadersStatus.Continue;
  }
}

class Rooted extends HttpContext {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.add("x-filter", "rooted");
    return FilterHeadersStatus.Continue;
  }
}

class Root extends RootContext {
  override onConfigure(pluginConfigurationSize: u32): bool {
    logInfo("rooted: " + this.configuration.text());
    return true;
  }
}

class Connection extends TcpContext {
  received: u32 = 0;

  override onNewConnection(): FilterStatus {
    logInfo("connection " + (this.contextId > 1).toString());
    return FilterStatus.Continue;
  }

  override onDownstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    const text = this.downstreamData.text();
    if (text.includes("bad")) {
      this.closeDownstream();
      return FilterStatus.StopIteration;
    }
    this.received += dataSize;
    if (text.length) this.downstreamData.replace(text.toUpperCase());
    return FilterStatus.Continue;
  }

  override onDownstreamConnectionClose(peer: PeerType): void {
    logInfo("closed after " + this.received.toString() + " bytes");
  }
}

registerHttpContext<Plain>("plain");
registerTcpContext<Connection>("plain");
registerRootContext<Root>("rooted");
registerHttpContext<Rooted>("rooted");

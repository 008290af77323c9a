// A filter for tests of properties: logs every attribute of Envoy in the phases that the configuration names.
import {
  FilterHeadersStatus,
  getProperty,
  getPropertyBool,
  getPropertyBytes,
  getPropertyDuration,
  getPropertyF64,
  getPropertyI64,
  getPropertyList,
  getPropertyMap,
  getPropertyTime,
  getPropertyU64,
  hasProperty,
  HeaderList,
  HttpContext,
  logInfo,
  properties,
  registerRootContext,
  RootContext,
  setProperty,
  setPropertyBytes,
} from "proxy-wasm-as";

let phase = "";

function say(name: string, value: string): void {
  logInfo(phase + " " + name + " = " + value);
}

function text(name: string, value: string | null): void {
  say(name, value == null ? "null" : '"' + value + '"');
}

function number(name: string, value: i64): void {
  say(name, value == -7 ? "absent" : value.toString());
}

function bytes(name: string, value: Uint8Array | null): void {
  say(name, value == null ? "null" : value.length.toString() + " bytes");
}

function map(name: string, value: HeaderList | null): void {
  if (value == null) return say(name, "null");
  const pairs: string[] = [];
  for (let i = 0; i < value.length; i++) pairs.push(value.name(i) + ":" + value.value(i));
  say(name, "{" + pairs.join() + "}");
}

function list(name: string, value: string[] | null): void {
  say(name, value == null ? "null" : "[" + value.join() + "]");
}

function request(): void {
  text("request.path", properties.request.path());
  text("request.urlPath", properties.request.urlPath());
  text("request.query", properties.request.query());
  text("request.host", properties.request.host());
  text("request.scheme", properties.request.scheme());
  text("request.method", properties.request.method());
  text("request.referer", properties.request.referer());
  text("request.userAgent", properties.request.userAgent());
  text("request.id", properties.request.id());
  text("request.protocol", properties.request.protocol());
  text("request.header", properties.request.header("X-A"));
  map("request.headers", properties.request.headers());
  number("request.time", <i64>properties.request.time(<u64>-7));
  number("request.duration", properties.request.duration(-7));
  number("request.size", properties.request.size(-7));
  number("request.totalSize", properties.request.totalSize(-7));
  number("request.headersBytes", properties.request.headersBytes(-7));
}

function response(): void {
  number("response.code", properties.response.code(-7));
  text("response.codeDetails", properties.response.codeDetails());
  number("response.flags", properties.response.flags(-7));
  number("response.grpcStatus", properties.response.grpcStatus(-7));
  text("response.header", properties.response.header("X-A"));
  map("response.headers", properties.response.headers());
  text("response.trailer", properties.response.trailer("x-trailer"));
  map("response.trailers", properties.response.trailers());
  number("response.size", properties.response.size(-7));
  number("response.totalSize", properties.response.totalSize(-7));
  number("response.headersBytes", properties.response.headersBytes(-7));
  number("response.backendLatency", properties.response.backendLatency(-7));
}

function connection(): void {
  number("connection.id", <i64>properties.connection.id(<u64>-7));
  say(
    "connection.mtls",
    properties.connection.mtls(true).toString() + properties.connection.mtls().toString(),
  );
  text("connection.requestedServerName", properties.connection.requestedServerName());
  text("connection.tlsVersion", properties.connection.tlsVersion());
  text("connection.subjectLocalCertificate", properties.connection.subjectLocalCertificate());
  text("connection.subjectPeerCertificate", properties.connection.subjectPeerCertificate());
  text("connection.dnsSanLocalCertificate", properties.connection.dnsSanLocalCertificate());
  text("connection.dnsSanPeerCertificate", properties.connection.dnsSanPeerCertificate());
  text("connection.uriSanLocalCertificate", properties.connection.uriSanLocalCertificate());
  text("connection.uriSanPeerCertificate", properties.connection.uriSanPeerCertificate());
  text("connection.sha256PeerCertificateDigest", properties.connection.sha256PeerCertificateDigest());
  text("connection.peerCertificate", properties.connection.peerCertificate());
  text("connection.transportFailureReason", properties.connection.transportFailureReason());
  text("connection.terminationDetails", properties.connection.terminationDetails());
}

function source(): void {
  text("source.address", properties.source.address());
  number("source.port", properties.source.port(-7));
}

function destination(): void {
  text("destination.address", properties.destination.address());
  number("destination.port", properties.destination.port(-7));
}

function upstream(): void {
  text("upstream.address", properties.upstream.address());
  number("upstream.port", properties.upstream.port(-7));
  text("upstream.localAddress", properties.upstream.localAddress());
  text("upstream.transportFailureReason", properties.upstream.transportFailureReason());
  number("upstream.requestAttemptCount", <i64>properties.upstream.requestAttemptCount(<u64>-7));
  number("upstream.numEndpoints", <i64>properties.upstream.numEndpoints(<u64>-7));
  number("upstream.cxPoolReadyDuration", properties.upstream.cxPoolReadyDuration(-7));
  bytes("upstream.localityBytes", properties.upstream.localityBytes());
  text("upstream.tlsVersion", properties.upstream.tlsVersion());
  text("upstream.subjectLocalCertificate", properties.upstream.subjectLocalCertificate());
  text("upstream.subjectPeerCertificate", properties.upstream.subjectPeerCertificate());
  text("upstream.dnsSanLocalCertificate", properties.upstream.dnsSanLocalCertificate());
  text("upstream.dnsSanPeerCertificate", properties.upstream.dnsSanPeerCertificate());
  text("upstream.uriSanLocalCertificate", properties.upstream.uriSanLocalCertificate());
  text("upstream.uriSanPeerCertificate", properties.upstream.uriSanPeerCertificate());
  text("upstream.sha256PeerCertificateDigest", properties.upstream.sha256PeerCertificateDigest());
}

function xds(): void {
  text("xds.clusterName", properties.xds.clusterName());
  text("xds.routeName", properties.xds.routeName());
  text("xds.virtualHostName", properties.xds.virtualHostName());
  text("xds.filterChainName", properties.xds.filterChainName());
  number("xds.listenerDirection", properties.xds.listenerDirection(-7));
  text("xds.nodeId", properties.xds.nodeId());
  text("xds.nodeCluster", properties.xds.nodeCluster());
  text("xds.nodeRegion", properties.xds.nodeRegion());
  text("xds.nodeZone", properties.xds.nodeZone());
  text("xds.nodeMetadata", properties.xds.nodeMetadata("SOME"));
}

function plugin(): void {
  text("plugin.name", properties.plugin.name());
  text("plugin.rootId", properties.plugin.rootId());
  text("plugin.vmId", properties.plugin.vmId());
}

/** The metadata that the configuration of the test has: one value of each type at the route, one text elsewhere. */
function metadata(): void {
  text("route text", getProperty(properties.metadata.route("test.types", "a.text")));
  say("route number", getPropertyF64(properties.metadata.route("test.types", "number"), -7).toString());
  text("route fraction", getProperty(properties.metadata.route("test.types", "fraction")));
  say("route flag", getPropertyBool(properties.metadata.route("test.types", "flag")).toString());
  list("route list", getPropertyList(properties.metadata.route("test.types", "list")));
  text("route item", getProperty(properties.metadata.route("test.types", "list") + "\x001"));
  map("route struct", getPropertyMap(properties.metadata.route("test.types", "struct")));
  text("route member", getProperty(properties.metadata.route("test.types", "struct") + "\0Name"));
  text("route null", getProperty(properties.metadata.route("test.types", "nothing")));
  text("route absent", getProperty(properties.metadata.route("test.types", "absent")));
  say(
    "route has",
    hasProperty(properties.metadata.route("test.types", "flag")).toString() +
      hasProperty(properties.metadata.route("x", "y")).toString(),
  );
  bytes("route whole", getPropertyBytes(["xds", "route_metadata"]));
  text("virtual host", getProperty(properties.metadata.virtualHost("test", "where")));
  text("cluster", getProperty(properties.metadata.cluster("test", "where")));
  text("listener", getProperty(properties.metadata.listener("test", "where")));
  text("upstream host", getProperty(properties.metadata.upstreamHost("test", "where")));
  text("dynamic", getProperty(properties.metadata.dynamic("test", "where")));
}

function readers(): void {
  text("segments", getProperty(["request", "protocol"]));
  text("joined", getProperty("request\0protocol"));
  text("same", getProperty<string>("request\0" + "protocol"));
  bytes("bytes", getPropertyBytes(["request", "protocol"]));
  say("has", hasProperty(["request", "protocol"]).toString() + hasProperty("request.protocol").toString());
  number("i64", getPropertyI64("source\0port", -7));
  say("u64", getPropertyU64(["connection", "id"], u64.MAX_VALUE) < u64.MAX_VALUE ? "there" : "absent");
  say("time", getPropertyTime("request\0time") > 1_500_000_000_000_000_000 ? "there" : "absent");
  say("duration", getPropertyDuration("request\0duration", -7) == -7 ? "absent" : "there");
  say(
    "misfit",
    getPropertyI64("request\0path", -7).toString() + getPropertyBool("source\0port", true).toString(),
  );
  text("group", getProperty("request"));
  text("empty path", getProperty(""));
  text("no segments", getProperty(new Array<string>(0)));
  text("empty segment", getProperty(["request", ""]));
}

function writing(): void {
  say("set", setProperty("own.key", "välue").toString());
  const raw = new Uint8Array(2);
  raw[0] = 255;
  say("set bytes", setPropertyBytes("own_raw", raw).toString());
  text("own", getProperty(["own.key"]));
  text("as filter state", properties.filterState.get("wasm.own.key"));
  bytes("raw", getPropertyBytes(properties.filterState.path("wasm.own_raw")));
  bytes("upstream state", getPropertyBytes(properties.filterState.upstreamPath("wasm.own_raw")));
}

function all(name: string): void {
  phase = name;
  request();
  response();
  connection();
  source();
  destination();
  upstream();
  xds();
  plugin();
  metadata();
}

class Root extends RootContext {
  override onConfigure(pluginConfigurationSize: u32): bool {
    all("root");
    say("set", setProperty("a", "b").toString());
    return true;
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Properties();
  }
}

class Properties extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    all("request");
    phase = "readers";
    readers();
    phase = "writing";
    writing();
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    all("response");
    return FilterHeadersStatus.Continue;
  }

  override onLog(): void {
    all("log");
    text("own", getProperty("own.key"));
  }
}

registerRootContext<Root>();

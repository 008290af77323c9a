// The standard metrics of Istio, from properties, when a request is over.
import {
  Counter,
  Histogram,
  HttpContext,
  MetricTags,
  properties,
  registerRootContext,
  RootContext,
} from "proxy-wasm-as";

const requests = new Counter("istio_requests_total");
const duration = new Histogram("istio_request_duration_milliseconds");
const requestBytes = new Histogram("istio_request_bytes");
const responseBytes = new Histogram("istio_response_bytes");
const tags = new MetricTags();

function or(value: string | null, absent: string): string {
  return value == null || value.length == 0 ? absent : value;
}

/** What the log shows by letters for the flags of a response: those that are frequent, else the number. */
function responseFlags(flags: i64): string {
  switch (<i32>flags) {
    case 0:
      return "-";
    case 0x2:
      return "UH";
    case 0x4:
      return "UT";
    case 0x20:
      return "UF";
    case 0x100:
      return "NR";
    case 0x4000:
      return "DC";
  }
  return flags.toString();
}

class Telemetry extends RootContext {
  /** What is the same for all requests. */
  workload: string = "unknown";
  namespace: string = "unknown";

  override onConfigure(pluginConfigurationSize: u32): bool {
    this.workload = or(properties.xds.nodeMetadata("WORKLOAD_NAME"), "unknown");
    this.namespace = or(properties.xds.nodeMetadata("NAMESPACE"), "unknown");
    return true;
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Report(this);
  }
}

class Report extends HttpContext {
  constructor(private telemetry: Telemetry) {
    super();
  }

  override onLog(): void {
    const inbound = properties.xds.listenerDirection() == 1;
    const workload = this.telemetry.workload;
    const namespace = this.telemetry.namespace;
    const mtls = properties.connection.mtls();
    const type = this.requestHeaders.get("content-type");
    const grpc = type != null && type.startsWith("application/grpc");
    const local = inbound
      ? properties.connection.uriSanLocalCertificate()
      : properties.upstream.uriSanLocalCertificate();
    const peer = inbound
      ? properties.connection.uriSanPeerCertificate()
      : properties.upstream.uriSanPeerCertificate();

    tags
      .clear()
      .add("reporter", inbound ? "destination" : "source")
      .add("source_workload", inbound ? "unknown" : workload)
      .add("source_workload_namespace", inbound ? "unknown" : namespace)
      .add("source_principal", or(inbound ? peer : local, "unknown"))
      .add("destination_workload", inbound ? workload : "unknown")
      .add("destination_workload_namespace", inbound ? namespace : "unknown")
      .add("destination_principal", or(inbound ? local : peer, "unknown"))
      .add("destination_service", or(properties.xds.clusterName(), "unknown"))
      .add("request_protocol", grpc ? "grpc" : "http")
      .add("response_code", properties.response.code().toString())
      .add("grpc_response_status", grpc ? properties.response.grpcStatus().toString() : "")
      .add("response_flags", responseFlags(properties.response.flags()))
      .add("connection_security_policy", inbound ? (mtls ? "mutual_tls" : "none") : "unknown");

    requests.tagged(tags).increment();
    duration.tagged(tags).record(properties.request.duration() / 1_000_000);
    requestBytes.tagged(tags).record(properties.request.totalSize());
    responseBytes.tagged(tags).record(properties.response.totalSize());
  }
}

registerRootContext<Telemetry>();

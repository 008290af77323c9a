// Cluster message: an upstream of one host or none.
import { isIP } from "node:net";

import type { ClusterOptions, ClusterTls, Message } from "./options.ts";
import { defined, duration, extension, httpFilter } from "./plugin-config.ts";

const PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** The Cluster message. A bare number is a port on 127.0.0.1. */
export function cluster(name: string, given: number | ClusterOptions, envoyVersion?: string): Message {
  const options = typeof given === "number" ? { port: given } : given;
  const address = options.address ?? "127.0.0.1";
  const endpoint = { address: { socket_address: { address, port_value: options.port } } };
  const common = defined({
    max_headers_count: options.maxHeadersCount,
    max_response_headers_kb: options.maxResponseHeadersKb,
  });
  return defined({
    name,
    type: isIP(address) ? "STATIC" : "STRICT_DNS",
    // A name such as localhost has an address of either kind, and servers often listen on this one alone.
    dns_lookup_family: isIP(address) ? undefined : "V4_PREFERRED",
    connect_timeout: options.connectTimeoutMs === undefined ? undefined : duration(options.connectTimeoutMs),
    per_connection_buffer_limit_bytes: options.perConnectionBufferLimitBytes,
    typed_extension_protocol_options: {
      [PROTOCOL_OPTIONS]: defined({
        "@type": `type.googleapis.com/${PROTOCOL_OPTIONS}`,
        common_http_protocol_options: Object.keys(common).length > 0 ? common : undefined,
        explicit_http_config: options.http2
          ? { http2_protocol_options: {} }
          : { http_protocol_options: { enable_trailers: true } },
        http_filters: options.filters && [
          ...options.filters.map((filter) => httpFilter(filter, envoyVersion)),
          extension(
            "envoy.filters.http.upstream_codec",
            "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec",
          ),
        ],
      }),
    },
    transport_socket: options.tls && tls(options.tls),
    load_assignment: {
      cluster_name: name,
      endpoints: options.port === undefined ? [] : [{ lb_endpoints: [{ endpoint }] }],
    },
    ...options.fields,
  });
}

function tls({ serverName, trustedCa }: ClusterTls): Message {
  return extension(
    "envoy.transport_sockets.tls",
    "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    defined({
      // An address is no name to ask for, but the certificate may have it.
      sni: isIP(serverName) ? undefined : serverName,
      common_tls_context: {
        validation_context: {
          trusted_ca: trustedCa,
          match_typed_subject_alt_names: [
            { san_type: isIP(serverName) ? "IP_ADDRESS" : "DNS", matcher: { exact: serverName } },
          ],
        },
      },
    }),
  );
}

// Attributes of the connection with the upstream.

/**
 * The connection with the upstream, mostly from `onResponseHeaders` on. What is about TLS is absent without it.
 * @module
 */
import {
  getProperty,
  getPropertyBytes,
  getPropertyDuration,
  getPropertyI64,
  getPropertyU64,
} from "../property";

/** Address and port of the upstream. */
export function address(): string | null {
  return getProperty("upstream\0address");
}

/** The port of the upstream. */
export function port(absent: i64 = 0): i64 {
  return getPropertyI64("upstream\0port", absent);
}

/** Address and port of the proxy's end. */
export function localAddress(): string | null {
  return getProperty("upstream\0local_address");
}

/** Why the connection failed; `""` when it did not. */
export function transportFailureReason(): string | null {
  return getProperty("upstream\0transport_failure_reason");
}

/** How many times the request was sent, from onRequestHeaders on. */
export function requestAttemptCount(absent: u64 = 0): u64 {
  return getPropertyU64("upstream\0request_attempt_count", absent);
}

/** How many endpoints the cluster has, from onRequestHeaders on. */
export function numEndpoints(absent: u64 = 0): u64 {
  return getPropertyU64("upstream\0num_endpoints", absent);
}

/** How long it took until there was a connection, in nanoseconds. */
export function cxPoolReadyDuration(absent: i64 = 0): i64 {
  return getPropertyDuration("upstream\0cx_pool_ready_duration", absent);
}

/** Where the upstream is: a message `envoy.config.core.v3.Locality`. */
export function localityBytes(): Uint8Array | null {
  return getPropertyBytes("upstream\0locality");
}

/** The version of TLS, such as `TLSv1.3`. */
export function tlsVersion(): string | null {
  return getProperty("upstream\0tls_version");
}

/** The subject of the proxy's certificate. */
export function subjectLocalCertificate(): string | null {
  return getProperty("upstream\0subject_local_certificate");
}

/** The subject of the upstream's certificate. */
export function subjectPeerCertificate(): string | null {
  return getProperty("upstream\0subject_peer_certificate");
}

/** The first DNS name in the proxy's certificate. */
export function dnsSanLocalCertificate(): string | null {
  return getProperty("upstream\0dns_san_local_certificate");
}

/** The first DNS name in the upstream's certificate. */
export function dnsSanPeerCertificate(): string | null {
  return getProperty("upstream\0dns_san_peer_certificate");
}

/** The first URI in the proxy's certificate. */
export function uriSanLocalCertificate(): string | null {
  return getProperty("upstream\0uri_san_local_certificate");
}

/** The first URI in the upstream's certificate, such as its SPIFFE id. */
export function uriSanPeerCertificate(): string | null {
  return getProperty("upstream\0uri_san_peer_certificate");
}

/** The SHA-256 of the upstream's certificate, in hex. */
export function sha256PeerCertificateDigest(): string | null {
  return getProperty("upstream\0sha256_peer_certificate_digest");
}

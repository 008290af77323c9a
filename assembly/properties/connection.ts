// Attributes of the connection with the client.

/**
 * The connection with the client. What is about TLS is absent without it.
 * @module
 */
import { getProperty, getPropertyBool, getPropertyU64 } from "../property";

/** A number that no other connection of this proxy has. */
export function id(absent: u64 = 0): u64 {
  return getPropertyU64("connection\0id", absent);
}

/** Whether the client has shown a certificate. */
export function mtls(absent: bool = false): bool {
  return getPropertyBool("connection\0mtls", absent);
}

/** The server name that the client asked for in TLS; `""` when it named none, or no `tls_inspector` looked. */
export function requestedServerName(): string | null {
  return getProperty("connection\0requested_server_name");
}

/** The version of TLS, such as `TLSv1.3`. */
export function tlsVersion(): string | null {
  return getProperty("connection\0tls_version");
}

/** The subject of the proxy's certificate. */
export function subjectLocalCertificate(): string | null {
  return getProperty("connection\0subject_local_certificate");
}

/** The subject of the client's certificate. */
export function subjectPeerCertificate(): string | null {
  return getProperty("connection\0subject_peer_certificate");
}

/** The first DNS name in the proxy's certificate. */
export function dnsSanLocalCertificate(): string | null {
  return getProperty("connection\0dns_san_local_certificate");
}

/** The first DNS name in the client's certificate. */
export function dnsSanPeerCertificate(): string | null {
  return getProperty("connection\0dns_san_peer_certificate");
}

/** The first URI in the proxy's certificate. */
export function uriSanLocalCertificate(): string | null {
  return getProperty("connection\0uri_san_local_certificate");
}

/** The first URI in the client's certificate, such as its SPIFFE id. */
export function uriSanPeerCertificate(): string | null {
  return getProperty("connection\0uri_san_peer_certificate");
}

/** The SHA-256 of the client's certificate, in hex. */
export function sha256PeerCertificateDigest(): string | null {
  return getProperty("connection\0sha256_peer_certificate_digest");
}

/** The client's certificate, as PEM. */
export function peerCertificate(): string | null {
  return getProperty("connection\0peer_certificate");
}

/** Why the handshake failed. */
export function transportFailureReason(): string | null {
  return getProperty("connection\0transport_failure_reason");
}

/** Why the proxy ended the connection. */
export function terminationDetails(): string | null {
  return getProperty("connection\0termination_details");
}

// Attributes of the proxy's end.

/**
 * The proxy's end of the connection with the client.
 * @module
 */
import { getProperty, getPropertyI64 } from "../property";

/** Address and port, such as `127.0.0.1:10000`. */
export function address(): string | null {
  return getProperty("destination\0address");
}

/** The port. */
export function port(absent: i64 = 0): i64 {
  return getPropertyI64("destination\0port", absent);
}

// Attributes of the client's end.

/**
 * The client's end of the connection with the proxy.
 * @module
 */
import { getProperty, getPropertyI64 } from "../property";

/** Address and port, such as `127.0.0.1:43230`. */
export function address(): string | null {
  return getProperty("source\0address");
}

/** The port. */
export function port(absent: i64 = 0): i64 {
  return getPropertyI64("source\0port", absent);
}

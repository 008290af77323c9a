// Envoy's foreign functions compress and uncompress.
import { callForeignFunction } from "../foreign-function";

/** The bytes as a zlib stream, or `null` when the proxy cannot. */
export function compress(bytes: Uint8Array): Uint8Array | null {
  return callForeignFunction("compress", bytes);
}

/**
 * What a zlib stream stands for, or `null` when it is none (`getForeignFunctionStatus()` is then `SerializationFailure`).
 * A small stream can stand for very much: do not give it what a client sent without a limit of your own.
 */
export function uncompress(bytes: Uint8Array): Uint8Array | null {
  return callForeignFunction("uncompress", bytes);
}

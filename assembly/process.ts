// What makes sense of `process` in a proxy: environment variables and clocks.
import * as wasi from "./wasi-hostcalls";
import { out } from "./memory";
import { decode } from "./utf8";

function cLength(text: usize, end: usize): usize {
  let at = text;
  while (at < end && load<u8>(at)) at++;
  return at - text;
}

/** The environment variables configured for the VM. */
function environment(): Map<string, string> {
  const variables = new Map<string, string>();
  if (!wasi.environSizesGet()) return variables;
  const count = load<u32>(out);
  const size = load<u32>(out, 4);
  if (!count || size > 1 << 20 || count > size) return variables;
  const pointers = new StaticArray<u32>(count);
  const text = new StaticArray<u8>(size);
  if (!wasi.environGet(changetype<usize>(pointers), changetype<usize>(text))) return variables;
  const start = changetype<usize>(text);
  const end = start + size;
  // Pointers to the same bytes must not make more of them than there are.
  let left: usize = size;
  for (let i: u32 = 0; i < count; i++) {
    const at = <usize>unchecked(pointers[i]);
    if (at < start || at >= end) continue;
    const length = cLength(at, end);
    if (length > left) break;
    left -= length;
    const pair = decode(at, length);
    const equals = pair.indexOf("=");
    if (equals >= 0) variables.set(pair.substring(0, equals), pair.substring(equals + 1));
  }
  return variables;
}

export namespace sdk_process {
  // @ts-ignore: decorator
  @lazy
  export const arch: string = "wasm32";

  // @ts-ignore: decorator
  @lazy
  export const platform: string = "wasm";

  /** A proxy passes no arguments. */
  // @ts-ignore: decorator
  @lazy
  export const argv: string[] = [];

  /** The environment variables that the proxy's configuration gives the VM (Envoy: `environment_variables`). */
  // @ts-ignore: decorator
  @lazy
  export const env: Map<string, string> = environment();

  /** Milliseconds since 1970. */
  export function time(): i64 {
    return <i64>(wasi.clockTimeGet(0) / 1000000);
  }

  /** Nanoseconds since an unspecified start. */
  export function hrtime(): u64 {
    return wasi.clockTimeGet(1);
  }
}

// The foreign functions of Envoy that make sense without one.
import { deflateSync, unzipSync } from "node:zlib";
import { Status } from "./statuses.ts";
import { bytesField, parseProto } from "./protobuf.ts";
import { sign, verifySignature } from "./signatures.ts";
import { toByteString, toText } from "./byte-string.ts";
import { unsupported } from "./not-emulated.ts";
import type { Answer } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";
import type { StreamInfo } from "./stream-info.ts";

type ForeignFunction = (argument: Buffer, stream: StreamInfo | null) => Answer<Uint8Array>;

const EMPTY = Buffer.alloc(0);

const FUNCTIONS: Readonly<Record<string, ForeignFunction>> = {
  compress: (argument) => deflateSync(argument),
  uncompress(argument) {
    try {
      return unzipSync(argument);
    } catch {
      return Status.SerializationFailure;
    }
  },
  // Routes are decided by the test's upstream, so there is no cache to clear.
  clear_route_cache: () => EMPTY,
  declare_property(argument, stream) {
    const fields = parseProto(argument);
    if (fields === null) return Status.BadArgument;
    const name = toByteString(bytesField(fields, 1) ?? EMPTY);
    if (stream === null || stream.declared.has(name)) return Status.BadArgument;
    stream.declared.add(name);
    return EMPTY;
  },
  set_envoy_filter_state(argument, stream) {
    const fields = parseProto(argument);
    if (fields === null || stream === null) return Status.BadArgument;
    const key = toByteString(bytesField(fields, 1) ?? EMPTY);
    stream.filterState.set(key, Buffer.from(bytesField(fields, 2) ?? EMPTY));
    return EMPTY;
  },
  sign: (argument) => sign(argument),
  verify_signature: (argument) => verifySignature(argument),
  expr_create: cel("expr_create"),
  expr_evaluate: cel("expr_evaluate"),
  expr_delete: cel("expr_delete"),
};

/** `proxy_call_foreign_function`: NotFound for a name that Envoy does not know either. */
export function callForeignFunction(
  stream: StreamInfo | null,
  name: ByteString,
  argument: Buffer,
): Answer<Uint8Array> {
  const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  return call === undefined ? Status.NotFound : call(argument, stream);
}

function cel(name: string): ForeignFunction {
  return (argument) => {
    const text = toText(toByteString(argument)).slice(0, 60);
    throw unsupported("cel", `the guest called the foreign function ${name} (${text})`);
  };
}

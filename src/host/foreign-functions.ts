// The foreign functions of Envoy that make sense without one.
import { deflateSync, unzipSync } from "node:zlib";
import { HostError } from "./errors.ts";
import { Status } from "./statuses.ts";
import { bytesField, numberField, parseProto } from "./protobuf.ts";
import { sign, verifySignature } from "./signatures.ts";
import { toByteString, toText } from "./byte-string.ts";
import type { Answer } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";
import type { Context } from "./context.ts";

type ForeignFunction = (context: Context, argument: Buffer) => Answer<Uint8Array>;

const EMPTY = Buffer.alloc(0);

const FUNCTIONS: Readonly<Record<string, ForeignFunction>> = {
  compress: (_context, argument) => deflateSync(argument),
  uncompress(_context, argument) {
    try {
      return unzipSync(argument);
    } catch {
      return Status.SerializationFailure;
    }
  },
  // Routes are decided by the test's upstream, so there is no cache to clear.
  clear_route_cache: () => EMPTY,
  declare_property(context, argument) {
    const fields = parseProto(argument);
    const stream = context.streamInfo;
    if (fields === null) return Status.BadArgument;
    const name = toByteString(bytesField(fields, 1) ?? EMPTY);
    if (stream === null || stream.declared.has(name)) return Status.BadArgument;
    stream.declared.set(name, { readOnly: numberField(fields, 2) !== 0 });
    return EMPTY;
  },
  set_envoy_filter_state(context, argument) {
    const fields = parseProto(argument);
    if (fields === null || context.streamInfo === null) return Status.BadArgument;
    const key = toByteString(bytesField(fields, 1) ?? EMPTY);
    context.streamInfo.filterState.set(key, {
      value: Buffer.from(bytesField(fields, 2) ?? EMPTY),
      readOnly: false,
    });
    return EMPTY;
  },
  sign: (_context, argument) => sign(argument),
  verify_signature: (_context, argument) => verifySignature(argument),
  expr_create: unsupported("expr_create"),
  expr_evaluate: unsupported("expr_evaluate"),
  expr_delete: unsupported("expr_delete"),
};

/** `proxy_call_foreign_function`: NotFound for a name that Envoy does not know either. */
export function callForeignFunction(
  context: Context,
  name: ByteString,
  argument: Buffer,
): Answer<Uint8Array> {
  const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  return call === undefined ? Status.NotFound : call(context, argument);
}

function unsupported(name: string): ForeignFunction {
  return (_context, argument) => {
    throw new HostError(
      "unsupported",
      `the guest called the foreign function ${name} (${toText(toByteString(argument)).slice(0, 60)}); this host has no CEL evaluator. Test it on a real Envoy`,
    );
  };
}

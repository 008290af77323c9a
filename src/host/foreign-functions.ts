// The foreign functions of Envoy that make sense without one.
import { deflateSync, unzipSync } from "node:zlib";
import { Status } from "./statuses.ts";
import { bytesField, numberField, parseProto } from "./protobuf.ts";
import { checkFilterState } from "./filter-state-keys.ts";
import { sign, verifySignature } from "./signatures.ts";
import { toByteString, toText } from "./byte-string.ts";
import { unsupported } from "./not-emulated.ts";
import type { Answer } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";
import type { PluginContext } from "./plugin-context.ts";

type ForeignFunction = (argument: Buffer, caller: PluginContext) => Answer<Uint8Array>;

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
  // Only what a root declares has an effect.
  declare_property(argument, { declared }) {
    const fields = parseProto(argument);
    if (fields === null) return Status.BadArgument;
    const name = toByteString(bytesField(fields, 1) ?? EMPTY);
    if (declared.has(name)) return Status.BadArgument;
    declared.set(name, { readOnly: numberField(fields, 2) !== 0 });
    return EMPTY;
  },
  set_envoy_filter_state(argument, { streamInfo }) {
    const fields = parseProto(argument);
    if (fields === null) return Status.BadArgument;
    const key = toByteString(bytesField(fields, 1) ?? EMPTY);
    const value = Buffer.from(bytesField(fields, 2) ?? EMPTY);
    const status = checkFilterState(key, value);
    if (status !== Status.Ok) return status;
    if (streamInfo === null) return Status.NotFound;
    streamInfo.filterState.set(key, value);
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
  caller: PluginContext,
  name: ByteString,
  argument: Buffer,
): Answer<Uint8Array> {
  const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  return call === undefined ? Status.NotFound : call(argument, caller);
}

function cel(name: string): ForeignFunction {
  return (argument) => {
    const text = toText(toByteString(argument)).slice(0, 60);
    throw unsupported("cel", `the guest called the foreign function ${name} (${text})`);
  };
}

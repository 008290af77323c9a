// Envoy's filter state beyond set_property: keys that Envoy itself reads, and how long and as what a value is kept.
import { Status } from "../abi/types";
import { phase, Phase, trackActive } from "../active-context";
import { callForeign, getForeignFunctionStatus } from "../foreign-function";
import { refuse } from "../line";
import { MessageWriter } from "./message";

/** How long a value of the filter state is kept. */
export enum LifeSpan {
  /** For this stream. */
  FilterChain = 0,
  /** For this request, also where it is routed anew. */
  Request = 1,
  /** For all requests of the connection. */
  Connection = 2,
}

/** As what a declared property is kept. */
export enum PropertyType {
  /** Bytes. */
  Bytes = 0,
  /** Text, which CEL expressions see as such. */
  String = 1,
  /** A FlatBuffer. */
  FlatBuffers = 2,
  /** A protobuf message. */
  Protobuf = 3,
}

function callWith(name: string, argument: MessageWriter): Status {
  callForeign(name, argument.start, argument.length);
  return getForeignFunctionStatus();
}

/**
 * Sets filter state under a key that Envoy knows, such as `envoy.string` or `envoy.tcp_proxy.cluster`, on the stream that
 * is being called. Later filters, routes and access logs read it; this filter by `properties.filterState.get(key)`.
 * {@link Status.NotFound} where Envoy has no such key, {@link Status.BadArgument} where the value is none for it.
 */
export function setEnvoyFilterState(
  key: string,
  value: string,
  span: LifeSpan = LifeSpan.FilterChain,
): Status {
  const argument = new MessageWriter();
  argument.text(1, key);
  argument.text(2, value);
  argument.number(3, span);
  return callWith("set_envoy_filter_state", argument);
}

/** Like {@link setEnvoyFilterState}, with bytes. */
export function setEnvoyFilterStateBytes(
  key: string,
  value: Uint8Array,
  span: LifeSpan = LifeSpan.FilterChain,
): Status {
  const argument = new MessageWriter();
  argument.text(1, key);
  argument.bytes(2, value);
  argument.number(3, span);
  return callWith("set_envoy_filter_state", argument);
}

/**
 * Says how a property that `setProperty` will set on streams is kept: for how long, as what, and whether it can be set
 * once only. In `onConfigure` of the root, once a name: a second time is {@link Status.BadArgument}, and elsewhere it is
 * refused, since Envoy would not heed it. `schema` is the type's name for protobuf, and the schema for FlatBuffers.
 */
export function declareProperty(
  name: string,
  type: PropertyType = PropertyType.Bytes,
  span: LifeSpan = LifeSpan.FilterChain,
  readOnly: bool = false,
  schema: Uint8Array | null = null,
): Status {
  if (trackActive && phase != Phase.Other)
    return refuse("declareProperty", "only a root can declare, in onConfigure");
  const argument = new MessageWriter();
  argument.text(1, name);
  argument.number(2, <u32>readOnly);
  argument.number(3, type);
  if (schema != null) argument.bytes(4, schema);
  argument.number(5, span);
  return callWith("declare_property", argument);
}

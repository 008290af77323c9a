// What is known about a stream or connection whatever its protocol: properties and filter state.
import { PropertyTree } from "./property-tree.ts";
import type { ByteString } from "./byte-string.ts";
import type { HeaderMap } from "./header-map.ts";
import type { HttpStream } from "./http-stream.ts";
import type { PropertyValue } from "./property-values.ts";
import type { Services } from "./services.ts";

/** The base of HTTP streams and TCP connections. */
export abstract class StreamInfo {
  readonly services: Services;
  /** Properties of this stream, over those of the host. */
  readonly properties: PropertyTree;
  /** Filter state written by set_property and foreign functions, by full key. */
  readonly filterState = new Map<ByteString, PropertyValue>();
  /** Keys of it that can be set only once. */
  readonly readOnly = new Set<ByteString>();

  constructor(services: Services, properties: Readonly<Record<string, PropertyValue>>) {
    this.services = services;
    this.properties = new PropertyTree(services.properties, properties);
  }

  /** The stream itself if it is HTTP. */
  get httpStream(): HttpStream | null {
    return null;
  }

  /** Maps as on_log sees them. */
  abstract loggedMap(type: number): HeaderMap | null;
}

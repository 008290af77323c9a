// What every Envoy context offers its guest of messages: buffers, header maps and properties.
import { BufferType, Status } from "./statuses.ts";
import { PluginContext } from "./plugin-context.ts";
import { unreadablePairs } from "./misuse.ts";
import { getProperty, setProperty } from "./properties.ts";
import type { Answer, GuestPairs } from "./hostcalls.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { ByteString } from "./byte-string.ts";
import type { HttpStream } from "./http-stream.ts";
import type { HeaderMap } from "./header-map.ts";
import type { Pair } from "./pairs.ts";

const EMPTY = Buffer.alloc(0);

/** A root or stream context of one plugin. */
export abstract class Context extends PluginContext {
  /** Tells the guest that the context exists. */
  abstract create(): void;

  /** The same if it is an HTTP stream. */
  get httpStream(): HttpStream | null {
    return null;
  }

  /** The buffer of that type, or null while there is none. */
  protected abstract buffer(type: number): ByteBuffer | null;

  /** Which of the maps 0 to 3 the guest can read now. */
  protected abstract readableMap(type: number): HeaderMap | null;

  /** The map if the guest may change it now; `name` is the header it is about to change. */
  protected abstract writableMap(type: number, name: ByteString): HeaderMap | null;

  /** The answer for a value of a map that is not there. */
  protected abstract missingMap(type: number): number;

  /** A map 0 to 3 as properties read it. */
  visibleMap(type: number): HeaderMap | null {
    return this.readableMap(type);
  }

  override getBufferBytes(type: number, start: number, length: number): Answer<Uint8Array> {
    const fixed = this.#fixedBuffer(type);
    if (typeof fixed === "number") return fixed;
    if (fixed !== null)
      return fixed.subarray(Math.min(start, fixed.length), Math.min(start + length, fixed.length));
    return this.buffer(type)?.slice(start, length) ?? EMPTY;
  }

  override getBufferStatus(type: number): Answer<{ length: number; flags: number }> {
    const fixed = this.#fixedBuffer(type);
    if (typeof fixed === "number") return fixed;
    return { length: fixed?.length ?? this.buffer(type)?.length ?? 0, flags: 0 };
  }

  override setBufferBytes(type: number, start: number, length: number, value: Uint8Array): number {
    if (type === BufferType.PluginConfiguration) return Status.NotFound;
    if (type === BufferType.HttpCallResponseBody && this.plugin.root.http.response === null)
      return Status.NotFound;
    if (type < BufferType.HttpRequestBody || type > BufferType.UpstreamData) return Status.BadArgument;
    return this.buffer(type)?.write(start, length, value) ?? Status.BadArgument;
  }

  /** Read-only buffers: bytes, a status, or null for the editable ones. */
  #fixedBuffer(type: number): Buffer | number | null {
    const { root, config } = this.plugin;
    switch (type) {
      case BufferType.HttpRequestBody:
      case BufferType.HttpResponseBody:
      case BufferType.DownstreamData:
      case BufferType.UpstreamData:
        return null;
      case BufferType.HttpCallResponseBody:
        return root.http.response?.body ?? Status.NotFound;
      case BufferType.GrpcReceiveBuffer:
        return root.grpcMessage ?? EMPTY;
      case BufferType.VmConfiguration:
        return config.vmConfiguration;
      case BufferType.PluginConfiguration:
        return root.configuring ? config.configuration : Status.NotFound;
      case BufferType.CallData:
        return root.callData ?? EMPTY;
      default:
        return Status.BadArgument;
    }
  }

  override getHeaderMapValue(type: number, name: ByteString): Answer<ByteString> {
    const map = this.#map(type);
    return map === null ? this.missingMap(type) : (map.get(name) ?? Status.NotFound);
  }

  override getHeaderMapPairs(type: number): Answer<readonly Pair[]> {
    if (type < 0 || type > 7) return Status.BadArgument;
    return this.#map(type)?.entries ?? [];
  }

  override getHeaderMapSize(type: number): Answer<{ bytes: number }> {
    const map = type > 3 ? null : this.#map(type);
    return map === null ? Status.BadArgument : { bytes: map.bytes };
  }

  override addHeaderMapValue(type: number, name: ByteString, value: ByteString): number {
    const map = this.writableMap(type, name);
    map?.add(name, value);
    return map === null ? Status.BadArgument : Status.Ok;
  }

  override replaceHeaderMapValue(type: number, name: ByteString, value: ByteString): number {
    const map = this.writableMap(type, name);
    map?.set(name, value);
    return map === null ? Status.BadArgument : Status.Ok;
  }

  override removeHeaderMapValue(type: number, name: ByteString): number {
    const map = this.writableMap(type, name);
    map?.remove(name);
    return map === null ? Status.BadArgument : Status.Ok;
  }

  override setHeaderMapPairs(type: number, pairs: GuestPairs): number {
    const map = this.writableMap(type, "all of them");
    if (map === null) return Status.BadArgument;
    if (pairs === null) {
      const text = unreadablePairs(
        "the pairs given to proxy_set_header_map_pairs",
        "answers Ok and clears the whole map",
      );
      this.plugin.services.misuse("header-pairs", text);
    }
    map.setAll(pairs ?? []);
    return Status.Ok;
  }

  #map(type: number): HeaderMap | null {
    if (type >= 0 && type <= 3) return this.readableMap(type);
    return this.plugin.root.calloutMap(type);
  }

  override getProperty(path: ByteString): Answer<ByteString | Uint8Array> {
    return getProperty(this, path);
  }

  override setProperty(path: ByteString, value: Uint8Array): number {
    return this.streamInfo === null ? Status.NotFound : setProperty(this, this.streamInfo, path, value);
  }
}

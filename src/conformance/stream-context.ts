// The stream context of the reference host: one map or one chunk of a body at a time.
import { BufferType, MapType, Status } from "../host/statuses.ts";
import { ReferenceContext } from "./reference-context.ts";
import { ReferenceHeaderMap } from "./header-map.ts";
import { toByteString } from "../host/byte-string.ts";
import type { Answer, GuestPairs, LocalResponseArguments } from "../host/hostcalls.ts";
import type { ByteString } from "../host/byte-string.ts";
import type { Pair } from "../host/pairs.ts";
import type { Property } from "./suite.ts";
import type { ReferenceHost } from "./reference-host.ts";

/** Phases that carry something of the stream. */
export type StreamPhase = "request_headers" | "request_body" | "response_headers" | "response_body";

/** What a guest answered in place of the upstream. */
export interface LocalResponse {
  readonly statusCode: number;
  readonly body: ByteString;
  readonly grpcStatus: number;
  readonly details: ByteString;
}

const MAPS: Readonly<Partial<Record<StreamPhase, number>>> = {
  request_headers: MapType.HttpRequestHeaders,
  response_headers: MapType.HttpResponseHeaders,
};
const BODIES: Readonly<Partial<Record<StreamPhase, number>>> = {
  request_body: BufferType.HttpRequestBody,
  response_body: BufferType.HttpResponseBody,
};

/** One stream. Between callbacks it has neither headers nor a body. */
export class ReferenceStreamContext extends ReferenceContext {
  /** The map of the phase; a local response puts its own in its place. */
  headers = new ReferenceHeaderMap();
  /** What the chunk has become. */
  chunk: Buffer = Buffer.alloc(0);
  /** The last local response, or null. */
  localResponse: LocalResponse | null = null;
  readonly #properties: readonly Property[];
  #entered: StreamPhase | null = null;
  #running = false;

  constructor(id: number, host: ReferenceHost, properties: readonly Property[]) {
    super(id, host);
    this.#properties = properties;
  }

  /** A local response was sent: nothing of the stream reaches the module any more. */
  get answered(): boolean {
    return this.localResponse !== null;
  }

  /** Runs a callback of the phase. */
  during<T>(phase: StreamPhase, callback: () => T): T {
    this.#entered = phase;
    this.#running = true;
    this.lines = [];
    try {
      return callback();
    } finally {
      this.#running = false;
    }
  }

  override getProperty(path: ByteString): Answer<ByteString> {
    const name = path
      .split("\0")
      .filter((segment) => segment !== "")
      .join(".");
    const property = this.#properties.find((each) => toByteString(each.path) === name);
    return property === undefined ? Status.NotFound : property.value;
  }

  protected override body(type: number): Buffer | null {
    return this.#running && this.#entered !== null && BODIES[this.#entered] === type ? this.chunk : null;
  }

  override setBufferBytes(type: number, start: number, length: number, value: Uint8Array): number {
    const body = this.body(type);
    if (body === null) return super.setBufferBytes(type, start, length, value);
    const from = Math.min(start, body.length);
    const to = from + Math.min(length, body.length - from);
    this.chunk = Buffer.concat([body.subarray(0, from), value, body.subarray(to)]);
    return Status.Ok;
  }

  #map(type: number): ReferenceHeaderMap | null {
    return this.#running && this.#entered !== null && MAPS[this.#entered] === type ? this.headers : null;
  }

  override getHeaderMapValue(type: number, name: ByteString): Answer<ByteString> {
    const map = this.#map(type);
    return map === null ? Status.BadArgument : (map.get(name) ?? Status.NotFound);
  }

  override addHeaderMapValue(type: number, name: ByteString, value: ByteString): number {
    return this.#change(type, (map) => map.add(name, value));
  }

  override replaceHeaderMapValue(type: number, name: ByteString, value: ByteString): number {
    return this.#change(type, (map) => map.set(name, value));
  }

  override removeHeaderMapValue(type: number, name: ByteString): number {
    return this.#change(type, (map) => map.remove(name));
  }

  override getHeaderMapPairs(type: number): Answer<readonly Pair[]> {
    return this.#map(type)?.pairs ?? Status.BadArgument;
  }

  override setHeaderMapPairs(type: number, pairs: GuestPairs): number {
    return this.#change(type, (map) => {
      map.clear();
      for (const [name, value] of pairs ?? []) map.add(name, value);
    });
  }

  override getHeaderMapSize(type: number): Answer<{ bytes: number }> {
    return this.#map(type) ?? Status.BadArgument;
  }

  #change(type: number, change: (map: ReferenceHeaderMap) => void): number {
    const map = this.#map(type);
    if (map === null) return Status.BadArgument;
    change(map);
    return Status.Ok;
  }

  /** Counts where the last phase entered is one that can be answered; elsewhere it does nothing, and says Ok. */
  override sendLocalResponse(response: LocalResponseArguments): number {
    if (this.#entered === null || this.#entered === "response_body") return Status.Ok;
    this.localResponse = {
      statusCode: response.statusCode,
      body: toByteString(response.body),
      grpcStatus: response.grpcStatus,
      details: response.details,
    };
    this.headers = new ReferenceHeaderMap();
    for (const [name, value] of response.headers ?? []) this.headers.set(name, value);
    return Status.Ok;
  }
}

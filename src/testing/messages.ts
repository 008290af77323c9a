// Messages as tests write them and read them: headers, bodies, trailers.
import { asBuffer, toByteString, toBytes, toLowerCase, toText } from "../host/byte-string.ts";
import type { Pair } from "../host/pairs.ts";

/** A header value: text is sent as UTF-8, bytes as they are. */
export type HeaderValue = string | Uint8Array;

/** Headers by name, or as a list in which names may repeat. */
export type HeadersInput =
  | Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>
  | readonly (readonly [string, HeaderValue])[];

/** A body: in one part, or in parts with boundaries of your choice. */
export type BodyInput = string | Uint8Array | readonly (string | Uint8Array)[];

/** Headers or trailers as somebody received them. Names are looked up in any case. */
export class HeaderList {
  /** @internal The entries as bytes: one character, one byte. */
  readonly pairs: readonly Pair[];

  /** @internal */
  constructor(pairs: readonly Pair[]) {
    this.pairs = pairs;
  }

  /** The first value as text, or null if the header is absent. Bytes that are not UTF-8 become U+FFFD. */
  get(name: string): string | null {
    const value = this.#first(name);
    return value === null ? null : toText(value);
  }

  /** The first value as bytes, or null if the header is absent. */
  getBytes(name: string): Buffer | null {
    const value = this.#first(name);
    return value === null ? null : toBytes(value);
  }

  /** All values in order. */
  getAll(name: string): string[] {
    const key = toLowerCase(toByteString(name));
    return this.pairs.filter((pair) => pair[0] === key).map((pair) => toText(pair[1]));
  }

  /** Whether the header is there, even if it is empty. */
  has(name: string): boolean {
    return this.#first(name) !== null;
  }

  /** All entries in order, pseudo-headers included. */
  entries(): [name: string, value: string][] {
    return this.pairs.map(([name, value]) => [toText(name), toText(value)]);
  }

  /** Number of entries. */
  get length(): number {
    return this.pairs.length;
  }

  #first(name: string): string | null {
    const key = toLowerCase(toByteString(name));
    for (const pair of this.pairs) if (pair[0] === key) return pair[1];
    return null;
  }
}

/** A message that somebody received, as far as it came. */
export class Message {
  readonly headers: HeaderList;
  readonly body: Buffer;
  /** Null if there were none. */
  readonly trailers: HeaderList | null;
  /** The parts in which the body arrived; empty ones left out. */
  readonly chunks: readonly Buffer[];
  /** The sender finished the message. */
  readonly complete: boolean;

  /** @internal */
  constructor(record: MessageRecord) {
    this.headers = new HeaderList(record.headers ?? []);
    this.chunks = record.chunks;
    this.body = record.chunks.length === 1 ? record.chunks[0]! : Buffer.concat(record.chunks);
    this.trailers = record.trailers === null ? null : new HeaderList(record.trailers);
    this.complete = record.ended;
  }

  /** The body as UTF-8 text. */
  text(): string {
    return this.body.toString("utf8");
  }

  /** The body parsed as JSON. */
  json(): unknown {
    return JSON.parse(this.text());
  }
}

/** A message while it arrives. */
export interface MessageRecord {
  headers: readonly Pair[] | null;
  chunks: Buffer[];
  trailers: readonly Pair[] | null;
  ended: boolean;
}

/** Nothing has arrived yet. */
export function emptyRecord(): MessageRecord {
  return { headers: null, chunks: [], trailers: null, ended: false };
}

/** Headers as the host takes them. */
export function toPairs(headers: HeadersInput | undefined): Pair[] {
  const pairs: Pair[] = [];
  if (headers === undefined) return pairs;
  if (isList(headers)) {
    for (const [name, value] of headers) pairs.push([toByteString(name), toByteString(value)]);
    return pairs;
  }
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string" || value instanceof Uint8Array)
      pairs.push([toByteString(name), toByteString(value)]);
    else for (const one of value) pairs.push([toByteString(name), toByteString(one)]);
  }
  return pairs;
}

/** A body as its parts; a text or bytes given whole is one part, an empty one none. */
export function toChunks(body: BodyInput | undefined): Buffer[] {
  if (body === undefined) return [];
  if (typeof body === "string" || body instanceof Uint8Array)
    return body.length === 0 ? [] : [Buffer.from(asBuffer(body))];
  return body.map((part) => Buffer.from(asBuffer(part)));
}

/** Whether the body was given whole, so that its length is known in advance. */
export function isWhole(body: BodyInput | undefined): body is string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array;
}

function isList(headers: HeadersInput): headers is readonly (readonly [string, HeaderValue])[] {
  return Array.isArray(headers);
}

// Bytes in tests: strings stand for latin1, so that every char is one byte on the wire.

/** Bytes to send: a string is taken as latin1, one byte per char ("\xC0\xA7" is C0 A7). */
export type Bytes = string | Uint8Array;

/** Header fields in order, names and values as latin1. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Pieces of a body, sent one by one; a number is a pause of so many milliseconds. */
export type BodyParts = readonly (Bytes | number)[];

/** The bytes of a string or an array. */
export function toBuffer(bytes: Bytes): Buffer {
  return typeof bytes === "string"
    ? Buffer.from(bytes, "latin1")
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Pairs out of Node's flat list of names and values. */
export function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[2 * index] ?? "",
    flat[2 * index + 1] ?? "",
  ]);
}

/** First value of a header; undefined if there is none. Names are compared without case. */
export function header(headers: HeaderList, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
}

/** All values of a header, in order. Names are compared without case. */
export function headerAll(headers: HeaderList, name: string): string[] {
  return headers.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

/** Node's form of headers for HTTP/2: one key per name, several values as an array. */
export function grouped(headers: HeaderList): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const before = out[name];
    out[name] = before === undefined ? value : [before, value].flat();
  }
  return out;
}

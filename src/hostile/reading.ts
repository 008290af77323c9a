// What the guest may make of an answer: the reference that reports of reads are compared with.
import { Failure } from "./failure.ts";

/** The last answer that a callback got to a question. */
export interface Reading {
  /** The bytes that the filter must get; null if it must get nothing. */
  value: Buffer | null;
  /** The number that the filter must get. */
  number: bigint;
  /** The host called in meanwhile, or memory was short: the filter may get nothing instead. */
  loose: boolean;
}

/** Reports longer than this come as length and hash. */
const WHOLE = 512;
const NONE = Buffer.alloc(0);

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes as text, as a browser would decode them. */
export function decode(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

function hash(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}

/** The pairs of a header map as far as they are sound. */
export function parsePairs(bytes: Buffer): [Buffer, Buffer][] {
  const pairs: [Buffer, Buffer][] = [];
  const count = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  let at = 4 + count * 8;
  if (at > bytes.length) return pairs;
  for (let index = 0; index < count; index++) {
    const name = bytes.readUInt32LE(4 + index * 8);
    const value = bytes.readUInt32LE(8 + index * 8);
    const end = at + name + value + 2;
    if (end > bytes.length) break;
    pairs.push([bytes.subarray(at, at + name), bytes.subarray(at + name + 1, end - 1)]);
    at = end;
  }
  return pairs;
}

function sameName(a: Buffer, name: string): boolean {
  return a.toString("latin1").toLowerCase() === Buffer.from(name).toString("latin1").toLowerCase();
}

function describeList(pairs: [Buffer, Buffer][]): string {
  const parts = [String(pairs.length)];
  pairs.forEach(([name, value], index) => {
    if (pairs.length > 10 && index >= 8 && index < pairs.length - 2) return;
    parts.push(decode(name), decode(value), `${name.length},${value.length}`);
  });
  return parts.join("\x01");
}

function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}

/** Compares what guests report with what they were given. */
export class Reports {
  /** The list that the innermost callback reported last. */
  list: [Buffer, Buffer][] = [];
  /** The environment that the guest must see. */
  environment = "";

  /**
   * Checks one report.
   *
   * @param kind its letter; see the guests' report.ts.
   * @param parameter what was asked for, where the kind has such.
   * @param payload what was reported, or its length and hash if `hashed`.
   */
  check(kind: string, parameter: string, payload: Buffer, hashed: boolean, reading: Reading | null): void {
    const accepted = this.#accepted(kind, parameter, payload, reading);
    const found = accepted.findIndex((each) => matches(each, payload, hashed));
    if (found >= 0) {
      if (kind === "l") this.list = found === 0 ? parsePairs(reading?.value ?? NONE) : [];
      return;
    }
    const shown = (bytes: Buffer): string => {
      const text = "vbB".includes(kind) ? bytes.toString("latin1") : bytes.toString("utf16le");
      return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}... (${text.length})` : text);
    };
    throw new Failure(
      "read",
      `the filter read (report "${kind}" ${JSON.stringify(parameter)}) ${hashed ? `${payload.readUInt32LE(0)} bytes` : shown(payload)}, ` +
        `but what it was given is ${accepted.map(shown).join(" or ") || "nothing"}`,
    );
  }

  #accepted(kind: string, parameter: string, payload: Buffer, reading: Reading | null): Buffer[] {
    const value = reading?.value ?? null;
    const nothing = value === null || reading?.loose === true;
    const empty = nothing ? [NONE] : [];
    switch (kind) {
      case "t":
        return value === null ? [] : [utf16(decode(value))];
      case "b":
        return value === null ? [] : [value];
      case "n":
        return empty;
      case "T":
        return value === null ? empty : [utf16(decode(value)), ...empty];
      case "B":
        return value === null ? empty : [value, ...empty];
      case "h":
        return [...(value === null ? [] : [utf16("1")]), ...(nothing ? [utf16("0")] : [])];
      case "u":
        return reading?.loose === true ? [payload] : [utf16(String(reading?.number ?? 0n))];
      case "l":
        return [
          utf16(describeList(value === null ? [] : parsePairs(value))),
          ...(nothing ? [utf16("0")] : []),
        ];
      case "a":
        return [value === null ? [] : parsePairs(value), ...(nothing ? [[]] : [])].map((list) => {
          const values = list.filter((pair) => sameName(pair[0], parameter)).map((pair) => decode(pair[1]));
          return utf16([values.length, ...values].join("\x01"));
        });
      case "g": {
        const found = this.list.find((pair) => sameName(pair[0], parameter));
        return [utf16(found === undefined ? "n" : `=${decode(found[1])}`)];
      }
      case "v":
        return [this.list[Number(parameter)]?.[1] ?? NONE];
      case "e":
        return [utf16(this.environment)];
      default:
        throw new Failure("read", `a report of an unknown kind: ${kind}`);
    }
  }
}

function matches(expected: Buffer, payload: Buffer, hashed: boolean): boolean {
  if (hashed) {
    return (
      expected.length > WHOLE &&
      payload.readUInt32LE(0) === expected.length &&
      payload.readUInt32LE(4) === hash(expected)
    );
  }
  return expected.equals(payload);
}

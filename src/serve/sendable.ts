// What cannot be written to a peer.
import type { Pair } from "../host/index.ts";

// Line ends would split the message; Node refuses these and the other control characters.
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;
const NAME = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** The headers or trailers that can be sent, and the names of those that cannot. */
export function sendable(headers: readonly Pair[]): { kept: readonly Pair[]; dropped: string[] } {
  const bad = headers.filter(([name, value]) => !NAME.test(name) || FORBIDDEN.test(value));
  if (bad.length === 0) return { kept: headers, dropped: [] };
  return { kept: headers.filter((pair) => !bad.includes(pair)), dropped: bad.map(([name]) => name) };
}

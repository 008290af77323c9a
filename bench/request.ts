// The request that everything is measured with: 16 headers, as a browser behind a proxy sends them.

const REGULAR: readonly (readonly [string, string])[] = [
  ["accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"],
  ["accept-encoding", "gzip, deflate, br"],
  ["accept-language", "en-US,en;q=0.9"],
  ["authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJiZW5jaCJ9.c2lnbmF0dXJlIG9mIGEgdG9rZW4"],
  ["cache-control", "no-cache"],
  ["cookie", "session=0123456789abcdef0123456789abcdef; theme=dark; lang=en"],
  ["referer", "https://www.example.com/some/page?with=query"],
  ["sec-fetch-mode", "navigate"],
  [
    "user-agent",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
  ],
  ["x-b3-spanid", "e457b5a2e4d86bd1"],
  ["x-b3-traceid", "80f198ee56343ba864fe8b2a57d3eff7"],
  ["x-remove-me", "yes"],
];

export const AUTHORITY = "bench.example.com";

/** Headers as the client sends them, without `host`. */
export function requestHeaders(): Record<string, string> {
  return Object.fromEntries(REGULAR);
}

/** The header map as a filter sees it before the proxy has added any: four pseudo-headers and twelve others. */
export function headerMap(method: string): (readonly [string, string])[] {
  return [[":authority", AUTHORITY], [":path", "/"], [":method", method], [":scheme", "http"], ...REGULAR];
}

/** A body of lower-case text. */
export function requestBody(size: number): Buffer {
  return Buffer.alloc(size, "the quick brown fox jumps over the lazy dog. ");
}

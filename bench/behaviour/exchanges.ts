// What every variant of a filter must do alike: requests, and what is noted of each exchange.
import type { FilterName } from "../modules.ts";
import { requestBody, requestHeaders } from "../request.ts";

/** A request that is sent through a filter to an upstream. */
export interface Exchange {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What client and upstream saw of it. */
export interface Seen {
  readonly status: number;
  readonly responseBody: string;
  /** Response headers that a filter writes; null where there is none. */
  readonly hello: string | null;
  readonly xTest: string | null;
  /** What reached the upstream; null if nothing did. */
  readonly upstream: {
    readonly xSummary: string | null;
    readonly xRemoveMe: string | null;
    readonly userAgent: string | null;
    readonly body: string;
  } | null;
}

const NOTHING = Buffer.alloc(0);

/** Requests that show what a filter does. */
export function exchangesOf(filter: FilterName): Exchange[] {
  const usual = requestHeaders();
  const get = (name: string, headers: Record<string, string> = usual): Exchange => {
    return { name, method: "GET", headers, body: NOTHING };
  };
  const post = (name: string, body: Buffer): Exchange => ({ name, method: "POST", headers: usual, body });
  const without = (absent: string): Record<string, string> => {
    return Object.fromEntries(Object.entries(usual).filter(([name]) => name !== absent));
  };
  switch (filter) {
    case "f1":
      return [get("a request")];
    case "f2":
      return [get("a request with authorization"), get("one without it", without("authorization"))];
    case "f3":
      return [get("a request"), get("one without the header to remove", without("x-remove-me"))];
    case "f4":
      return [
        post("a short body", Buffer.from("Hello, body 123! zZ")),
        post("a body of 1 KiB", requestBody(1024)),
        post("a body of 256 KiB", requestBody(256 * 1024)),
      ];
  }
}

/** What is wrong with what a filter did, in a sentence; undefined if nothing is. */
export function mistake(filter: FilterName, exchange: Exchange, seen: Seen): string | undefined {
  const wrong = (what: string, got: unknown, wanted: unknown): string | undefined =>
    got === wanted ? undefined : `${what} is ${abridged(got)} and should be ${abridged(wanted)}`;
  const { upstream } = seen;
  switch (filter) {
    case "f1":
      return wrong("hello", seen.hello, "world") ?? wrong("the status", seen.status, 200);
    case "f2": {
      const { authorization = null } = exchange.headers;
      if (authorization !== null)
        return wrong("x-test", seen.xTest, authorization) ?? wrong("the status", seen.status, 200);
      return (
        wrong("the status", seen.status, 401) ??
        wrong("the body", seen.responseBody, "Access forbidden.\n") ??
        wrong("x-test", seen.xTest, null) ??
        wrong("the upstream's request", upstream, null)
      );
    }
    case "f3": {
      const counted = /^(\d+)\/(\d+)$/.exec(upstream?.xSummary ?? "");
      const sent = Object.entries(exchange.headers);
      const bytes = sent.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
      return (
        wrong("x-remove-me", upstream?.xRemoveMe, null) ??
        wrong("user-agent", upstream?.userAgent, "peer-filter/1.0") ??
        // The proxy adds headers of its own: variants are compared with each other, too.
        wrong("x-summary as a count", counted !== null && Number(counted[1]) >= sent.length + 4, true) ??
        wrong("x-summary as bytes", counted !== null && Number(counted[2]) > bytes, true)
      );
    }
    case "f4":
      return (
        wrong("the upstream's body", upstream?.body, exchange.body.toString().toUpperCase()) ??
        wrong("the status", seen.status, 200)
      );
  }
}

/** Sends the exchanges; resolves with what is wrong, a sentence each, and with what was seen. */
export async function check(
  filter: FilterName,
  send: (exchange: Exchange) => Promise<Seen>,
): Promise<{ mistakes: string[]; seen: Seen[] }> {
  const mistakes: string[] = [];
  const seen: Seen[] = [];
  for (const exchange of exchangesOf(filter)) {
    const result = await send(exchange);
    seen.push(result);
    const wrong = mistake(filter, exchange, result);
    if (wrong !== undefined) mistakes.push(`${exchange.name}: ${wrong}`);
  }
  return { mistakes, seen };
}

/** What one variant did otherwise than another, in a sentence; undefined if both did the same. */
export function difference(
  filter: FilterName,
  seen: readonly Seen[],
  other: readonly Seen[],
): string | undefined {
  const exchanges = exchangesOf(filter);
  const index = seen.findIndex((each, place) => JSON.stringify(each) !== JSON.stringify(other[place]));
  if (index < 0) return undefined;
  return `${exchanges[index]?.name}: ${abridged(seen[index])}, elsewhere ${abridged(other[index])}`;
}

function abridged(value: unknown): string {
  const text = JSON.stringify(value) ?? "absent";
  return text.length <= 300 ? text : `${text.slice(0, 280)}... (${text.length} characters)`;
}

// The behaviour check in a real Envoy, before anything is timed there.
import { type IncomingHttpHeaders, request } from "node:http";

import type { FilterName } from "../modules.ts";
import { AUTHORITY } from "../request.ts";
import type { Proxy } from "../envoy/proxies.ts";
import { check, difference, type Exchange, type Seen } from "./exchanges.ts";

/** Sends the same requests to all proxies of a filter; resolves with a sentence for each that does something else. */
export async function checkProxies(
  filter: FilterName,
  proxies: readonly Proxy[],
): Promise<ReadonlyMap<Proxy, string>> {
  const mistakes = new Map<Proxy, string>();
  let wanted: Seen[] | undefined;
  for (const proxy of proxies) {
    if (proxy.variant.id === "none") continue;
    const found = await check(filter, (exchange) => send(proxy.envoy.port, exchange)).catch(
      (error: Error) => {
        return { mistakes: [error.message], seen: [] };
      },
    );
    const [first] = found.mistakes;
    if (first !== undefined) mistakes.set(proxy, first);
    else {
      const other = difference(filter, found.seen, (wanted ??= found.seen));
      if (other !== undefined) mistakes.set(proxy, other);
    }
  }
  return mistakes;
}

interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function send(port: number, exchange: Exchange): Promise<Seen> {
  const { status, headers, body } = await exchangeOnce(port, exchange);
  const received = status === 200 ? (JSON.parse(body) as Received) : null;
  const one = (name: string): string | null => received?.headers[name] ?? null;
  return {
    status,
    responseBody: received === null ? body : "",
    hello: single(headers.hello),
    xTest: single(headers["x-test"]),
    upstream: received && {
      xSummary: one("x-summary"),
      xRemoveMe: one("x-remove-me"),
      userAgent: one("user-agent"),
      body: received.body,
    },
  };
}

function exchangeOnce(
  port: number,
  exchange: Exchange,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const { method, body } = exchange;
    const length = body.length > 0 ? { "content-length": body.length } : {};
    const headers = { host: AUTHORITY, ...exchange.headers, ...length };
    const options = {
      host: "127.0.0.1",
      port,
      path: "/seen",
      method,
      headers,
      agent: false,
      timeout: 30_000,
    };
    const call = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("latin1");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    call.on("timeout", () => call.destroy(new Error("no answer within 30 s")));
    call.on("error", reject);
    call.end(body);
  });
}

function single(value: string | string[] | undefined): string | null {
  return value === undefined ? null : String(value);
}

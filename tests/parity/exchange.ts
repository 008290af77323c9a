// The client and the upstream of a parity case on a real Envoy.
import { setTimeout as sleep } from "node:timers/promises";
import { http1 } from "../support/http-client.ts";
import { http2 } from "../support/http2-client.ts";
import type { BodyParts } from "../support/bytes.ts";
import type { UpstreamRequest, UpstreamResponse } from "../support/upstream.ts";
import { normalHeaders } from "./observation.ts";
import { encodeScript } from "./script.ts";
import type { Answer, HttpStimulus, ParityCase } from "./case.ts";
import type { SeenMessage } from "./observation.ts";

/** Between parts that are to arrive one by one. */
export const PAUSE_MS = 15;

/** Sends the request of a case. Null if the client left. */
export async function request(port: number, parity: ParityCase): Promise<SeenMessage | null> {
  const http: HttpStimulus = parity.http ?? {};
  const headers: [string, string][] = (http.headers ?? []).map(([name, value]) => [name, value]);
  if (parity.script) headers.push(["x-script", encodeScript(parity.script)]);
  if (parity.upstream === "refused") headers.push(["x-upstream", "dead"]);
  const method = http.method ?? (http.body === undefined && !http.trailers ? "GET" : "POST");
  const more = {
    method,
    path: http.path ?? "/",
    headers,
    timeoutMs: 3000,
    ...(http.body === undefined ? {} : { body: partsOf(http.body) }),
    ...(http.trailers ? { trailers: http.trailers } : {}),
  };
  if (http.malformed)
    return seenMessage(await http1(port, { raw: ["GET / HTTP/1.1\r\nbad header\r\n\r\n"] }));
  if (http.http2)
    return seenMessage(await http2(port, { ...more, ...(http.leaves ? { resetAfterMs: 80 } : {}) }));
  const answer = await http1(port, { ...more, ...(http.leaves ? { abortAfterMs: 80 } : {}) });
  return http.leaves ? null : seenMessage(answer);
}

/** An answer as it is compared. */
export function seenMessage(answer: {
  status: number;
  headers: [string, string][];
  body: Buffer;
  trailers: [string, string][];
  complete: boolean;
}): SeenMessage {
  return {
    headers: normalHeaders(answer.headers),
    body: answer.body.toString("latin1"),
    trailers: normalHeaders(answer.trailers),
    status: answer.status,
    cut: !answer.complete,
  };
}

/** What the upstream received. */
export function requestOf(request: UpstreamRequest): SeenMessage {
  return {
    headers: normalHeaders([
      ...request.headers.filter(([name]) => !name.startsWith(":") || name === ":authority"),
      [":method", request.method],
      [":path", request.path],
    ]),
    body: request.body.toString("latin1"),
    trailers: normalHeaders(request.trailers),
    status: 0,
    cut: !request.complete,
  };
}

/** An upstream answers when it has the whole request, or at once if it is never going to. */
export function answering(
  answer: Answer,
  silent = false,
  http2 = false,
): (request: UpstreamRequest) => Promise<UpstreamResponse | "never"> {
  return async (request) => {
    if (answer === "never" || silent) return "never";
    while (!request.complete) await sleep(2);
    if (typeof answer === "string") return { reset: true };
    const { body, headers = [], ...rest } = answer;
    const known = typeof body === "string" && !headers.some(([name]) => name === "content-length");
    const length: [string, string][] = http2 && known ? [["content-length", String(body.length)]] : [];
    return {
      ...rest,
      headers: [...headers, ...length],
      ...(body === undefined ? {} : { body: partsOf(body) }),
    };
  };
}

/** Parts with pauses between them, so that they arrive one by one. */
function partsOf(body: string | readonly string[]): string | BodyParts {
  if (typeof body === "string") return body;
  return body.flatMap((part, index) => (index === 0 ? [part] : [PAUSE_MS, part]));
}

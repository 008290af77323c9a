// Upstream servers for tests: HTTP/1.1 or cleartext HTTP/2, recording each request exactly and answering by a handler.
import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { type BodyParts, type Bytes, grouped, type HeaderList, pairs, toBuffer } from "./bytes.ts";

/** A request as the upstream saw it. */
export interface UpstreamRequest {
  method: string;
  path: string;
  /** In order, values as latin1; HTTP/2 pseudo-headers included. */
  headers: [string, string][];
  /** Filled when the request has ended. */
  body: Buffer;
  trailers: [string, string][];
  /** False while the body is coming, and for ever if the request was cut short. */
  complete: boolean;
}

/** What the upstream answers. */
export interface UpstreamResponse {
  /** Default: 200. */
  status?: number;
  headers?: HeaderList;
  /** One piece gets a content-length (HTTP/1.1); several are sent one by one, with pauses where a number stands. */
  body?: Bytes | BodyParts;
  trailers?: HeaderList;
  /** Waits so long before the answer. */
  delayMs?: number;
  /** Cuts the connection (HTTP/1.1) or resets the stream (HTTP/2) instead of, or after, what else is said here. */
  reset?: boolean;
}

/** Gives the answer; "never" leaves the request without one. */
export type UpstreamHandler = (
  request: UpstreamRequest,
) => UpstreamResponse | "never" | Promise<UpstreamResponse | "never">;

export interface UpstreamOptions {
  http2?: boolean;
  /** Default: {@link echo}. */
  handler?: UpstreamHandler;
  /** Calls the handler when the request's headers are there, instead of at its end. */
  early?: boolean;
}

/** A running upstream. */
export interface Upstream extends AsyncDisposable {
  readonly port: number;
  /** All requests so far, oldest first. */
  readonly requests: UpstreamRequest[];
  /** May be changed at any time. */
  handler: UpstreamHandler;
  /** The last request. Throws if there was none. */
  last(): UpstreamRequest;
  stop(): Promise<void>;
}

/** Answers 200 with the request's own body, and its method and path in `x-echo`. */
export function echo(request: UpstreamRequest): UpstreamResponse {
  return { headers: [["x-echo", `${request.method} ${request.path}`]], body: request.body };
}

type AnyRequest = IncomingMessage | Http2ServerRequest;
type AnyResponse = ServerResponse | Http2ServerResponse;

/** Starts an upstream on a free port of 127.0.0.1. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const requests: UpstreamRequest[] = [];
  const sockets = new Set<Socket>();
  const serve = async (request: AnyRequest, response: AnyResponse): Promise<void> => {
    const record: UpstreamRequest = {
      ...{ method: request.method ?? "", path: request.url ?? "", headers: pairs(request.rawHeaders) },
      ...{ body: Buffer.alloc(0), trailers: [], complete: false },
    };
    requests.push(record);
    const received = receive(request, record);
    if (!options.early) await received;
    if (!options.early && !record.complete) return;
    const answer = await upstream.handler(record);
    if (answer !== "never") await respond(response, answer, record);
  };
  const listener = (request: AnyRequest, response: AnyResponse): void => {
    response.on("error", () => {});
    serve(request, response).catch((error: Error) => {
      // A broken handler shows in the answer, not as a request that hangs.
      if (!response.headersSent)
        response.writeHead(500, { "x-upstream-error": encodeURIComponent(error.message) });
      response.end();
    });
  };
  const server: Server = options.http2
    ? createHttp2(listener)
    : createHttp1({ keepAliveTimeout: 0, maxHeaderSize: 1 << 20 }, listener);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const upstream: Upstream = {
    port: (server.address() as AddressInfo).port,
    requests,
    handler: options.handler ?? echo,
    last() {
      const last = requests.at(-1);
      if (last === undefined) throw new Error("The upstream has seen no request.");
      return last;
    },
    stop() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
    },
    [Symbol.asyncDispose]: () => upstream.stop(),
  };
  return upstream;
}

function receive(request: AnyRequest, record: UpstreamRequest): Promise<void> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      record.body = Buffer.concat(chunks);
    });
    request.on("end", () => {
      record.trailers = pairs(request.rawTrailers);
      record.complete = true;
      resolve();
    });
    request.on("error", () => resolve());
    request.on("close", () => resolve());
  });
}

async function respond(
  response: AnyResponse,
  answer: UpstreamResponse,
  request: UpstreamRequest,
): Promise<void> {
  const { status = 200, headers = [], body, trailers, delayMs = 0 } = answer;
  if (delayMs > 0) await sleep(delayMs);
  const cut = (): void => {
    if ("stream" in response) response.stream.close(2);
    else response.socket?.destroy();
  };
  const plain = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  if (answer.reset && status === 200 && headers.length === 0 && body === undefined) return cut();
  const http1 = !("stream" in response);
  const out = headers.map(([name, value]) => [name, value] as [string, string]);
  const has = (name: string): boolean => out.some(([each]) => each.toLowerCase() === name);
  const bodiless = request.method === "HEAD" || status === 204 || status === 304;
  if (http1 && plain && !trailers && !bodiless && !has("content-length") && !has("transfer-encoding")) {
    out.push(["content-length", String(toBuffer(body ?? "").length)]);
  }
  if (trailers && http1 && !has("trailer")) out.push(["trailer", trailers.map(([name]) => name).join(", ")]);
  response.sendDate = false;
  for (const [name] of out) {
    const values = out
      .filter(([each]) => each.toLowerCase() === name.toLowerCase())
      .map(([, value]) => value);
    response.setHeader(name, values.length === 1 ? (values[0] ?? "") : values);
  }
  response.writeHead(status);
  for (const part of plain ? [body ?? ""] : body) {
    if (response.destroyed) return;
    if (typeof part === "number") await sleep(part);
    else if (part.length > 0) (response as ServerResponse).write(toBuffer(part));
  }
  if (answer.reset) return void setTimeout(cut, 20);
  if (trailers) {
    if ("stream" in response) response.addTrailers(grouped(trailers));
    else response.addTrailers(trailers.map(([name, value]) => [name, value] as [string, string]));
  }
  response.end();
}

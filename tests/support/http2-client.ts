// A cleartext HTTP/2 client for one request: exact headers, body in pieces, trailers both ways, resets.
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";

import { type BodyParts, type Bytes, grouped, type HeaderList, pairs, toBuffer } from "./bytes.ts";

export interface Http2Request {
  method?: string;
  path?: string;
  authority?: string;
  /** Further fields; several of one name are sent as several. */
  headers?: HeaderList;
  body?: Bytes | BodyParts;
  trailers?: HeaderList;
  /** Resets the stream after these milliseconds. */
  resetAfterMs?: number;
  /** Longest time to wait for the end of the answer. Default: 10000. */
  timeoutMs?: number;
}

/** An answer, as far as it came. */
export interface Http2Response {
  /** 0 if there was none. */
  status: number;
  /** In order, `:status` left out. */
  headers: [string, string][];
  body: Buffer;
  trailers: [string, string][];
  /** True if the stream ended without an error. */
  complete: boolean;
  /** Code of the reset, e.g. 2 for INTERNAL_ERROR; 0 if there was none. */
  resetCode: number;
  /** What went wrong; undefined for a good answer. */
  problem: string | undefined;
}

/** Sends one request over a connection of its own. Rejects only if the connection can't be made. */
export async function http2(port: number, request: Http2Request = {}): Promise<Http2Response> {
  const session = await open(port);
  try {
    return await exchange(session, request);
  } finally {
    session.destroy();
  }
}

function open(port: number): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`, {
      maxHeaderListPairs: 10_000,
      settings: { maxHeaderListSize: 1 << 20 },
    });
    session.once("error", reject);
    session.once("connect", () => {
      session.removeListener("error", reject);
      session.on("error", () => {}); // Shows as the end of the stream.
      resolve(session);
    });
  });
}

function exchange(session: ClientHttp2Session, request: Http2Request): Promise<Http2Response> {
  const { method = "GET", path = "/", authority = "test", body, trailers, timeoutMs = 10_000 } = request;
  const stream = session.request(
    {
      ...{ ":method": method, ":path": path, ":authority": authority, ":scheme": "http" },
      ...grouped(request.headers ?? []),
    },
    { endStream: body === undefined && trailers === undefined, waitForTrailers: trailers !== undefined },
  );
  const response: Http2Response = {
    ...{ status: 0, headers: [], body: Buffer.alloc(0), trailers: [], complete: false, resetCode: 0 },
    problem: undefined,
  };
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let ended = false;
    const timer = setTimeout(() => {
      response.problem = `no complete answer within ${timeoutMs} ms`;
      stream.close(constants.NGHTTP2_CANCEL);
      // A stream whose trailers were asked for and never sent does not always report its end.
      setTimeout(finish, 200);
    }, timeoutMs);
    const reset = setTimeout(
      () => stream.close(constants.NGHTTP2_CANCEL),
      request.resetAfterMs ?? timeoutMs + 1000,
    );
    stream.on("wantTrailers", () => stream.sendTrailers(grouped(trailers ?? [])));
    // The flat list is the third argument; Node's types leave it out.
    stream.on("response", ((_: unknown, __: number, flat: string[]) => {
      const fields = pairs(flat);
      response.status = Number(fields.find(([name]) => name === ":status")?.[1] ?? 0);
      response.headers = fields.filter(([name]) => name !== ":status");
    }) as () => void);
    stream.on("trailers", ((_: unknown, __: number, flat: string[]) => {
      response.trailers = pairs(flat);
    }) as () => void);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => (ended = true));
    stream.on("error", (error) => (response.problem ??= error.message));
    const finish = (): void => {
      clearTimeout(timer);
      clearTimeout(reset);
      response.body = Buffer.concat(chunks);
      response.resetCode = stream.rstCode ?? 0;
      response.complete =
        ended && response.status !== 0 && response.resetCode === 0 && response.problem === undefined;
      if (!response.complete) response.problem ??= `stream closed with code ${response.resetCode}`;
      resolve(response);
    };
    stream.on("close", finish);
    if (body !== undefined || trailers !== undefined) void send(stream, body);
  });
}

async function send(stream: ClientHttp2Stream, body: Bytes | BodyParts = []): Promise<void> {
  const parts = typeof body === "string" || body instanceof Uint8Array ? [body] : body;
  for (const part of parts) {
    if (stream.destroyed) return;
    if (typeof part === "number") await sleep(part);
    else stream.write(toBuffer(part));
  }
  stream.end();
}

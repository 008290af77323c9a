// Servers to stand behind a proxy when there is no upstream: one answers HTTP requests with themselves, one TCP bytes.
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { IncomingMessage, ServerResponse } from "node:http";

import { MAX_SHOWN_BYTES, echo } from "./echo-upstream.ts";
import type { Pair } from "../host/index.ts";

/** A running server. */
export interface EchoServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers each HTTP/1.1 request with what it got, as JSON, on a free port of this machine. */
export function startHttpEcho(): Promise<EchoServer> {
  const server = createHttpServer(
    // The proxy keeps connections for as long as it likes, and sends headers as large as it lets through.
    { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, maxHeaderSize: 1024 * 1024 },
    (request, response) => void answer(request, response).catch(() => response.destroy()),
  );
  return listen(server);
}

/** Sends all bytes of each connection back. */
export function startTcpEcho(): Promise<EchoServer> {
  return listen(
    createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      socket.pipe(socket);
    }),
  );
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const kept: Buffer[] = [];
  let total = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (total < MAX_SHOWN_BYTES) kept.push(chunk.subarray(0, MAX_SHOWN_BYTES - total));
    total += chunk.length;
  }
  const headers: Pair[] = [
    [":method", request.method ?? ""],
    [":path", request.url ?? ""],
    [":authority", request.headers.host ?? ""],
    ...pairs(request.rawHeaders).filter(([name]) => name !== "host"),
  ];
  const text = JSON.stringify(echo(headers, Buffer.concat(kept), total, pairs(request.rawTrailers)), null, 2);
  const body = Buffer.from(`${text}\n`);
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

function pairs(raw: readonly string[]): Pair[] {
  return Array.from({ length: raw.length / 2 }, (_, index): Pair => {
    return [(raw[2 * index] ?? "").toLowerCase(), raw[2 * index + 1] ?? ""];
  });
}

function listen(server: Server): Promise<EchoServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

// One port for HTTP/1.1 and cleartext HTTP/2: tells them apart by their first bytes, and hands over each request.
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import type { Duplex } from "node:stream";

import { Http1Downstream } from "./http1-downstream.ts";
import { MAX_HEADER_BYTES } from "./http1-upstream.ts";
import { Http2Downstream } from "./http2-downstream.ts";
import { RawDownstream } from "./raw-downstream.ts";
import { CODEC_ERROR, HEADERS_TOO_LARGE, http1Head, http2Head, unreadable } from "./request-head.ts";
import type { ConnectionInfo, Downstream, RequestHead } from "./downstream.ts";

/** Every HTTP/2 connection begins with these; no method of HTTP/1.1 does. */
const PREFACE = Buffer.from("PRI");

/** Given each request. */
export type Take = (downstream: Downstream, head: RequestHead) => void;

/** Accepts connections until it is closed. */
export class Listener {
  readonly #take: Take;
  readonly #onError: (error: Error) => void;
  readonly #server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    this.#connect(socket),
  );
  readonly #http1 = http.createServer({
    keepAliveTimeout: 0,
    requestTimeout: 0,
    requireHostHeader: false,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  readonly #http2 = http2.createServer();
  readonly #sockets = new Set<net.Socket>();
  readonly #connections = new WeakMap<object, ConnectionInfo>();
  #count = 0;

  constructor(take: Take, onError: (error: Error) => void) {
    this.#take = take;
    this.#onError = onError;
    this.#http1.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
      const head = headOf(request);
      const connection = this.#connection(request.socket, request.socket);
      take(new Http1Downstream(connection, request, response, head.endStream), head);
    });
    // An expectation that Node does not know is the upstream's business.
    this.#http1.on("checkExpectation", (...both) => void this.#http1.emit("request", ...both));
    this.#http1.on("connect", (request: http.IncomingMessage, socket: Duplex) => {
      take(new RawDownstream(this.#connection(request.socket, request.socket), socket), headOf(request));
    });
    this.#http1.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) =>
      this.#refuse(error, socket),
    );
    // Streams report what goes wrong.
    this.#http2.on("sessionError", () => {});
    // Node gives the flat list as the fourth argument; its types leave it out.
    this.#http2.on("stream", ((
      stream: http2.ServerHttp2Stream,
      headers: http2.IncomingHttpHeaders,
      flags: number,
      flat: string[],
    ) => this.#takeHttp2(stream, headers, flags, flat)) as () => void);
  }

  /** Listens. @throws the error of the socket. */
  listen(port: number, host: string): Promise<net.AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.removeListener("error", reject);
        // A connection could not be accepted; the next one may.
        this.#server.on("error", this.#onError);
        resolve(this.#server.address() as net.AddressInfo);
      });
    });
  }

  /** Stops listening and cuts all connections. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #connect(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    const quiet = (): void => {};
    socket.on("error", quiet);
    let first = Buffer.alloc(0);
    const sniff = (chunk: Buffer): void => {
      first = Buffer.concat([first, chunk]);
      if (first.length < PREFACE.length && PREFACE.subarray(0, first.length).equals(first)) return;
      const isHttp2 = first.subarray(0, PREFACE.length).equals(PREFACE);
      socket.removeListener("data", sniff);
      socket.removeListener("end", close);
      socket.removeListener("error", quiet);
      socket.pause();
      socket.unshift(first);
      (isHttp2 ? this.#http2 : this.#http1).emit("connection", socket);
      process.nextTick(() => socket.resume());
    };
    const close = (): void => void socket.end();
    socket.on("data", sniff);
    socket.on("end", close);
  }

  #takeHttp2(
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
    flags: number,
    flat: readonly string[],
  ): void {
    const { session } = stream;
    if (session === undefined) return;
    const endStream = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    if (headers["expect"]?.toLowerCase() === "100-continue") stream.additionalHeaders({ ":status": 100 });
    const connection = this.#connection(session, session.socket);
    this.#take(new Http2Downstream(connection, stream, endStream), http2Head(flat, endStream));
  }

  /** What came is no HTTP/1.1. */
  #refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
    const { _httpMessage: answering } = socket as Duplex & { _httpMessage?: unknown };
    // An answer under way cannot be taken back, and a client that is gone needs none.
    if (!socket.writable || error.code === "ECONNRESET" || (answering !== null && answering !== undefined)) {
      socket.destroy();
      return;
    }
    const rejection = error.code === "HPE_HEADER_OVERFLOW" ? HEADERS_TOO_LARGE : CODEC_ERROR;
    const connection = this.#connection(socket, socket as net.Socket);
    this.#take(new RawDownstream(connection, socket), unreadable(rejection));
  }

  /** The connection of a socket or session, numbered when it is first seen. */
  #connection(
    key: object,
    socket: Pick<net.Socket, "remoteAddress" | "remotePort" | "localAddress" | "localPort">,
  ): ConnectionInfo {
    let connection = this.#connections.get(key);
    if (connection === undefined) {
      connection = {
        id: this.#count++,
        source: { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
        destination: { address: socket.localAddress ?? "", port: socket.localPort ?? 0 },
      };
      this.#connections.set(key, connection);
    }
    return connection;
  }
}

function headOf(request: http.IncomingMessage): RequestHead {
  return http1Head(request.method ?? "", request.url ?? "", request.httpVersion, request.rawHeaders);
}

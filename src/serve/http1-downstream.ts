// One HTTP/1.1 request of a client, and the way back to it.
import { STATUS_CODES } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";

import { forwardable, toPairs, valueOf } from "./upstream.ts";
import type { ConnectionInfo, Downstream, DownstreamEvents } from "./downstream.ts";
import type { Pair } from "../host/index.ts";

/** Envoy keeps reading so long from a client to which it has said all, lest it lose the answer to a reset. */
const LINGER_MILLISECONDS = 1000;

/** Writes the response with the framing that Envoy gives it. */
export class Http1Downstream implements Downstream {
  readonly connection: ConnectionInfo;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #bodiless: boolean;
  #chunked = false;
  #over = false;

  constructor(
    connection: ConnectionInfo,
    request: IncomingMessage,
    response: ServerResponse,
    endStream: boolean,
  ) {
    this.connection = connection;
    this.#request = request;
    this.#response = response;
    this.#bodiless = endStream;
  }

  /** All of the request has come. Node says so only when it has left the parser. */
  get #complete(): boolean {
    return this.#bodiless || this.#request.complete;
  }

  attach(events: DownstreamEvents): void {
    const request = this.#request;
    request.on("data", (chunk: Buffer) => {
      if (!this.#over) events.data(chunk);
    });
    request.on("end", () => {
      // The end of a request without a body came with its headers.
      if (!this.#over && !this.#bodiless) events.end(toPairs(request.rawTrailers));
    });
    // Shows as the close of the response.
    request.on("error", () => {});
    this.#response.on("error", () => {});
    this.#response.on("drain", () => events.drained());
    this.#response.on("close", () => {
      if (!this.#response.writableFinished) events.closed();
    });
  }

  headers(headers: readonly Pair[], endStream: boolean): void {
    const response = this.#response;
    const status = Number(valueOf(headers, ":status"));
    const flat = forwardable(headers).flat();
    // The client's next request cannot be told from the rest of this one.
    const closing = !this.#complete || !response.shouldKeepAlive;
    if (closing) {
      flat.push("connection", "close");
      response.shouldKeepAlive = false;
      this.#linger();
    }
    const length = valueOf(headers, "content-length");
    const head = this.#request.method === "HEAD";
    if (length === undefined && status !== 204 && status !== 304) {
      if (endStream && !head) flat.push("content-length", "0");
      else {
        this.#chunked = !head;
        flat.push("transfer-encoding", "chunked");
      }
    }
    // Node adds neither a date nor what it thinks of the connection.
    response.sendDate = false;
    response.removeHeader("connection");
    response.writeHead(status, STATUS_CODES[status] ?? "", flat);
    if (endStream) response.end();
    else response.flushHeaders();
  }

  data(chunk: Buffer): boolean {
    return this.#response.destroyed || this.#response.write(chunk);
  }

  end(trailers: readonly Pair[]): void {
    if (this.#chunked && trailers.length > 0)
      this.#response.addTrailers(trailers.map(([name, value]) => [name, value] as [string, string]));
    this.#response.end();
  }

  reset(): void {
    // What was written is still sent, as Envoy does.
    this.#request.socket.destroySoon();
  }

  pause(): void {
    this.#request.pause();
  }

  resume(): void {
    this.#request.resume();
  }

  discard(): void {
    this.#over = true;
    this.#request.resume();
  }

  /** Node closes the socket at the end of the response; a client that still sends would then lose it. */
  #linger(): void {
    const { socket } = this.#response;
    if (socket === null || this.#complete) return;
    socket.destroySoon = () => {
      socket.end();
      const timer = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS);
      socket.once("close", () => clearTimeout(timer));
    };
  }
}

// One HTTP/2 stream of a client.
import { constants } from "node:http2";
import type { ServerHttp2Stream } from "node:http2";

import { forwardable, sendHttp2, toPairs, valueOf } from "./upstream.ts";
import type { ConnectionInfo, Downstream, DownstreamEvents } from "./downstream.ts";
import type { Pair } from "../host/index.ts";

/** Its flow control is that of the HTTP/2 connection. */
export class Http2Downstream implements Downstream {
  readonly connection: ConnectionInfo;
  readonly #stream: ServerHttp2Stream;
  #trailers: readonly Pair[] = [];
  #requestEnded: boolean;
  #responseEnded = false;
  #over = false;

  constructor(connection: ConnectionInfo, stream: ServerHttp2Stream, endStream: boolean) {
    this.connection = connection;
    this.#stream = stream;
    this.#requestEnded = endStream;
  }

  attach(events: DownstreamEvents): void {
    const stream = this.#stream;
    let trailers: Pair[] = [];
    stream.on("data", (chunk: Buffer) => {
      if (!this.#over) events.data(chunk);
    });
    // Node gives the flat list as the third argument; its types leave it out.
    stream.on("trailers", ((_: unknown, __: number, flat: string[]) => {
      trailers = toPairs(flat);
    }) as () => void);
    // Trailers may be reported just after the end. That of a request without a body came with its headers.
    stream.on("end", () =>
      setImmediate(() => {
        const bodiless = this.#requestEnded;
        this.#requestEnded = true;
        if (!bodiless && !this.#over && stream.rstCode === 0 && !stream.destroyed) events.end(trailers);
      }),
    );
    stream.on("drain", () => events.drained());
    stream.on("wantTrailers", () =>
      sendHttp2(forwardable(this.#trailers), (fields) => stream.sendTrailers(fields)),
    );
    // Shows as its close.
    stream.on("error", () => {});
    stream.on("close", () => {
      if (!this.#responseEnded || stream.rstCode !== 0) events.closed();
    });
  }

  headers(headers: readonly Pair[], endStream: boolean): void {
    this.#responseEnded = endStream;
    const status: Pair = [":status", valueOf(headers, ":status") ?? "200"];
    const options = { endStream, waitForTrailers: !endStream };
    sendHttp2([status, ...forwardable(headers)], (fields) => this.#stream.respond(fields, options));
  }

  data(chunk: Buffer): boolean {
    return this.#stream.destroyed || this.#stream.write(chunk);
  }

  end(trailers: readonly Pair[]): void {
    this.#responseEnded = true;
    this.#trailers = trailers;
    this.#stream.end();
  }

  reset(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  discard(): void {
    this.#over = true;
    const stream = this.#stream;
    if (stream.destroyed) return;
    stream.resume();
    // A client that is still sending is told to stop, once it has its answer.
    if (!this.#requestEnded && this.#responseEnded)
      stream.once("finish", () => setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR)));
  }
}

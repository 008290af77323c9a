// An upstream that speaks cleartext HTTP/2 with prior knowledge, as gRPC servers do.
import http2 from "node:http2";

import { forwardable, problemOf, sendHttp2, toPairs } from "./upstream.ts";
import type { Pair } from "../host/index.ts";
import type { Upstream, UpstreamEvents, UpstreamExchange } from "./upstream.ts";

/** Keeps one connection for all requests, and makes another when it breaks. */
export class Http2Upstream implements Upstream {
  readonly address: string;
  readonly #origin: URL;
  #session: http2.ClientHttp2Session | null = null;

  constructor(origin: URL) {
    this.#origin = origin;
    this.address = `${origin.hostname}:${origin.port || 80}`;
  }

  open(headers: readonly Pair[], endStream: boolean, events: UpstreamEvents): UpstreamExchange {
    const pseudo = headers.filter(([name]) => name.startsWith(":"));
    const session = this.#connect();
    const options = { endStream, waitForTrailers: !endStream };
    const stream = sendHttp2([...pseudo, ...forwardable(headers)], (fields) =>
      session.request(fields, options),
    );
    return new Http2Exchange(stream, events);
  }

  close(): void {
    this.#session?.destroy();
  }

  #connect(): http2.ClientHttp2Session {
    if (this.#session !== null && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const session = http2.connect(this.#origin);
    // Streams report what goes wrong.
    session.on("error", () => {});
    session.on("close", () => {
      if (this.#session === session) this.#session = null;
    });
    // An idle connection does not keep the process alive.
    session.unref();
    this.#session = session;
    return session;
  }
}

class Http2Exchange implements UpstreamExchange {
  readonly #stream: http2.ClientHttp2Stream;
  #trailers: readonly Pair[] = [];
  #over = false;

  constructor(stream: http2.ClientHttp2Stream, events: UpstreamEvents) {
    this.#stream = stream;
    let trailers: Pair[] = [];
    let bodiless = false;
    let cause: NodeJS.ErrnoException | null = null;
    // Node gives the flat list as the third argument; its types leave it out.
    stream.on("response", ((_: unknown, flags: number, flat: string[]) => {
      bodiless = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      if (!this.#over) events.headers(toPairs(flat), bodiless);
      if (bodiless) this.#over = true;
    }) as () => void);
    stream.on("trailers", ((_: unknown, __: number, flat: string[]) => {
      trailers = toPairs(flat);
    }) as () => void);
    stream.on("data", (chunk: Buffer) => {
      if (!this.#over) events.data(chunk);
    });
    // Trailers may be reported just after the end.
    stream.on("end", () =>
      setImmediate(() => {
        if (this.#over || stream.rstCode !== 0) return;
        this.#over = true;
        events.end(trailers);
      }),
    );
    stream.on("drain", () => events.drained());
    stream.on("wantTrailers", () =>
      sendHttp2(forwardable(this.#trailers), (fields) => stream.sendTrailers(fields)),
    );
    // A connection that breaks cancels its streams, and is their cause.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      cause = error.cause instanceof Error ? error.cause : error;
    });
    stream.on("close", () =>
      setImmediate(() => {
        if (this.#over) return;
        this.#over = true;
        events.failed(
          problemOf(cause ?? new Error(`the upstream reset the stream with code ${stream.rstCode}`)),
        );
      }),
    );
  }

  write(data: Buffer): boolean {
    return this.#stream.destroyed || this.#stream.write(data);
  }

  end(trailers: readonly Pair[]): void {
    this.#trailers = trailers;
    this.#stream.end();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  reset(): void {
    this.#over = true;
    this.#stream.close(http2.constants.NGHTTP2_CANCEL);
  }
}

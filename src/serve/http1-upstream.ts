// An upstream that speaks HTTP/1.1, with or without TLS.
import http from "node:http";
import https from "node:https";

import { byName, forwardable, problemOf, toPairs, valueOf } from "./upstream.ts";
import type { Pair } from "../host/index.ts";
import type { Upstream, UpstreamEvents, UpstreamExchange } from "./upstream.ts";

/** Envoy's limit on the headers of a message. */
export const MAX_HEADER_BYTES = 60 * 1024;
/** Methods whose requests usually have no body, so that an absent one needs no content-length. */
const WITHOUT_BODY = new Set(["GET", "HEAD", "DELETE", "TRACE", "CONNECT"]);

/** Keeps connections open between requests. */
export class Http1Upstream implements Upstream {
  readonly address: string;
  readonly #origin: URL;
  readonly #agent: http.Agent;

  constructor(origin: URL) {
    this.#origin = origin;
    const secure = origin.protocol === "https:";
    this.address = `${origin.hostname}:${origin.port || (secure ? 443 : 80)}`;
    this.#agent = secure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  }

  open(headers: readonly Pair[], endStream: boolean, events: UpstreamEvents): UpstreamExchange {
    return new Http1Exchange(() => this.#request(headers, endStream), endStream, events);
  }

  close(): void {
    this.#agent.destroy();
  }

  #request(headers: readonly Pair[], endStream: boolean): http.ClientRequest {
    const method = valueOf(headers, ":method") ?? "GET";
    const request = (this.#origin.protocol === "https:" ? https : http).request({
      // A literal IPv6 address has brackets in a URL only.
      host: this.#origin.hostname.replace(/^\[|\]$/g, ""),
      ...(this.#origin.port === "" ? {} : { port: this.#origin.port }),
      method,
      path: valueOf(headers, ":path") ?? "/",
      agent: this.#agent,
      setHost: false,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    // The request is destroyed if one of these is refused, which must not become an uncaught error.
    request.once("error", () => {});
    try {
      const authority = valueOf(headers, ":authority");
      if (authority !== undefined) request.setHeader("host", authority);
      for (const [name, value] of Object.entries(byName(forwardable(headers))))
        request.setHeader(name, value);
      if (!endStream && !request.hasHeader("content-length"))
        request.setHeader("transfer-encoding", "chunked");
      else if (endStream && !request.hasHeader("content-length") && !WITHOUT_BODY.has(method))
        request.setHeader("content-length", "0");
      // Connections are kept by default; Node need not say so.
      request.removeHeader("connection");
    } catch (error) {
      request.destroy();
      throw error;
    }
    return request;
  }
}

class Http1Exchange implements UpstreamExchange {
  readonly #start: () => http.ClientRequest;
  readonly #bodiless: boolean;
  readonly #events: UpstreamEvents;
  #request: http.ClientRequest;
  #response: http.IncomingMessage | null = null;
  #over = false;

  constructor(start: () => http.ClientRequest, bodiless: boolean, events: UpstreamEvents) {
    this.#start = start;
    this.#bodiless = bodiless;
    this.#events = events;
    this.#request = this.#send();
  }

  write(data: Buffer): boolean {
    return this.#over || this.#request.write(data);
  }

  end(trailers: readonly Pair[]): void {
    if (this.#over) return;
    if (trailers.length > 0 && !this.#request.hasHeader("content-length"))
      this.#request.addTrailers(trailers.map(([name, value]) => [name, value] as [string, string]));
    this.#request.end();
  }

  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  reset(): void {
    this.#over = true;
    this.#request.destroy();
  }

  #send(): http.ClientRequest {
    const request = this.#start();
    request.on("response", (response) => this.#receive(response));
    request.on("drain", () => this.#events.drained());
    request.on("error", (error: NodeJS.ErrnoException) => {
      // The upstream closed an idle connection at the moment in which it was taken.
      if (request.reusedSocket && this.#bodiless && this.#response === null && !this.#over)
        this.#request = this.#send();
      else this.#fail(error);
    });
    request.on("upgrade", (_, socket) => {
      socket.destroy();
      this.#fail(new Error("the upstream switched protocols without being asked"));
    });
    if (this.#bodiless) request.end();
    else request.flushHeaders();
    return request;
  }

  #receive(response: http.IncomingMessage): void {
    if (this.#over) return;
    this.#response = response;
    const status = response.statusCode ?? 0;
    const headers: Pair[] = [[":status", String(status)], ...toPairs(response.rawHeaders)];
    const bodiless =
      this.#request.method === "HEAD" ||
      status === 204 ||
      status === 304 ||
      valueOf(headers, "content-length") === "0";
    response.on("error", (error: NodeJS.ErrnoException) => this.#fail(error));
    response.on("end", () => {
      if (this.#over || bodiless) return;
      this.#over = true;
      this.#events.end(toPairs(response.rawTrailers));
    });
    response.on("data", (chunk: Buffer) => {
      if (!this.#over) this.#events.data(chunk);
    });
    this.#events.headers(headers, bodiless);
    if (bodiless) this.#over = true;
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#over) return;
    this.#over = true;
    this.#request.destroy();
    this.#events.failed(problemOf(error));
  }
}

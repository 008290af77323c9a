// One request on its way: from the client through the filter to the upstream, and back.
import { HeaderMap } from "../host/index.ts";
import { failStream, nameUpstream, withTimeout } from "./outcome.ts";
import { sendable } from "./sendable.ts";
import { streamProperties } from "./stream-properties.ts";
import { valueOf } from "./upstream.ts";
import type { Downstream, RequestHead } from "./downstream.ts";
import type { Filter } from "./filter.ts";
import type { HttpStream, Pair, Timer } from "../host/index.ts";
import type { LiveHost, LiveStream } from "./live-host.ts";
import type { Report, StreamLabel } from "./report.ts";
import type { Upstream, UpstreamExchange, UpstreamProblem } from "./upstream.ts";

/** What all exchanges of a server share. */
export interface ExchangeContext {
  readonly filter: Filter;
  readonly upstream: Upstream;
  readonly report: Report;
  /** Exchanges under way. */
  readonly open: Set<Exchange>;
  /** Time for the upstream's whole answer once the request is complete, in milliseconds; 0 is for ever. */
  readonly timeout: number;
}

/** Envoy gives up on a stream on which nothing happens for so long. */
const IDLE_MILLISECONDS = 300_000;
/** Bytes that a filter may hold with a Buffer status, and beyond which the sender is slowed down otherwise. */
const BUFFER_LIMIT = { "HTTP/1.1": 1024 * 1024, "HTTP/2": 16 * 1024 * 1024 } as const;
const EMPTY = Buffer.alloc(0);

/** Joins the two sides of a request, and reports how it ended. */
export class Exchange implements LiveStream {
  readonly #context: ExchangeContext;
  readonly #downstream: Downstream;
  readonly #head: RequestHead;
  readonly #limit: number;
  readonly #startedAt = performance.now();
  #host: LiveHost | null = null;
  #stream: HttpStream | null = null;
  #label: StreamLabel | null = null;
  #upstream: UpstreamExchange | null = null;
  /** The upstream, and the client, can take more. */
  readonly #writable = { upstream: true, client: true };
  readonly #flowing = { request: true, response: true };
  #requestSent = false;
  #responseReceived = false;
  #timer: Timer | null = null;
  #status = 0;
  #sentBytes = 0;
  #end: string | null = null;
  #over = false;

  private constructor(context: ExchangeContext, downstream: Downstream, head: RequestHead) {
    this.#context = context;
    this.#downstream = downstream;
    this.#head = head;
    this.#limit = BUFFER_LIMIT[head.protocol];
  }

  /** Takes a request. */
  static start(context: ExchangeContext, downstream: Downstream, head: RequestHead): Exchange {
    const exchange = new Exchange(context, downstream, head);
    context.open.add(exchange);
    downstream.attach({
      data: (chunk) => exchange.#fromClient((stream) => stream.receive(chunk, false)),
      end: (trailers) =>
        exchange.#fromClient((stream) => {
          if (trailers.length === 0) stream.receive(EMPTY, true);
          else stream.request.end(new HeaderMap("request-trailers", trailers));
        }),
      drained: () => exchange.#drained("client"),
      closed: () => exchange.disconnect(),
    });
    exchange.#begin();
    return exchange;
  }

  /** The client is gone, or the server. */
  disconnect(): void {
    if (this.#over) return;
    this.#end ??= "client disconnected";
    this.#run((stream) => stream.disconnect());
  }

  #begin(): void {
    const { context, head } = { context: this.#context, head: this.#head };
    try {
      const host = context.filter.host();
      const { stream, contextId } = host.open(this, {
        protocol: head.protocol,
        properties: streamProperties(this.#downstream.connection),
        bufferLimit: this.#limit,
        edgeHeaders: true,
      });
      this.#host = host;
      this.#stream = stream;
      this.#label = context.report.addStream(host.generation, contextId, head.headers);
    } catch (error) {
      context.report.notStarted(error);
      this.abort(error);
      return;
    }
    this.#run((stream) => {
      if (head.rejection === null) stream.begin(head.headers, head.endStream);
      else stream.reject(head.rejection.status, head.rejection.details, head.rejection.text);
    });
  }

  #run(task: (stream: HttpStream) => void): void {
    const { host, stream } = { host: this.#host, stream: this.#stream };
    if (host === null || stream === null || this.#over) return;
    host.run(() => {
      if (this.#over) return;
      host.touch(this);
      task(stream);
      stream.armIdleTimer(IDLE_MILLISECONDS);
    });
  }

  #fromClient(task: (stream: HttpStream) => void): void {
    this.#run((stream) => {
      if (!stream.finished && !stream.request.halted) task(stream);
    });
  }

  #fromUpstream(exchange: UpstreamExchange | null, task: (stream: HttpStream) => void): void {
    this.#run((stream) => {
      // It may have been given up meanwhile.
      if (exchange === this.#upstream && !stream.finished && !stream.response.halted) task(stream);
    });
  }

  #drained(which: "client" | "upstream"): void {
    this.#writable[which] = true;
    this.regulate();
  }

  regulate(): void {
    const stream = this.#stream;
    if (stream === null || this.#over) return;
    const request = this.#writable.upstream && stream.request.heldBytes <= this.#limit;
    if (request !== this.#flowing.request) {
      this.#flowing.request = request;
      if (request) this.#downstream.resume();
      else this.#downstream.pause();
    }
    const response = this.#writable.client && stream.response.heldBytes <= this.#limit;
    if (response !== this.#flowing.response && this.#upstream !== null) {
      this.#flowing.response = response;
      if (response) this.#upstream.resume();
      else this.#upstream.pause();
    }
  }

  upstreamHeaders(headers: readonly Pair[], endStream: boolean): void {
    const { upstream, timeout } = this.#context;
    nameUpstream(this.#stream!, upstream.address);
    const fail = (problem: UpstreamProblem) => (stream: HttpStream) => {
      this.#context.report.upstreamFailed(this.#label, problem);
      failStream(stream, problem);
    };
    try {
      const exchange: UpstreamExchange = upstream.open(withTimeout(headers, timeout), endStream, {
        headers: (answer, end) => {
          this.#responseReceived = end;
          this.#fromUpstream(exchange, (stream) => stream.respond(answer, end));
        },
        data: (chunk) => this.#fromUpstream(exchange, (stream) => stream.response.data(chunk, false)),
        end: (trailers) => {
          this.#responseReceived = true;
          this.#fromUpstream(exchange, ({ response }) => {
            if (trailers.length === 0) response.data(EMPTY, true);
            else response.end(new HeaderMap("response-trailers", trailers));
          });
        },
        failed: (problem) => this.#fromUpstream(exchange, fail(problem)),
        drained: () => this.#drained("upstream"),
      });
      this.#upstream = exchange;
    } catch (error) {
      const problem: UpstreamProblem = { kind: "bad-request", reason: (error as Error).message };
      this.#host!.services.post(() => this.#fromUpstream(null, fail(problem)));
    }
    if (endStream) this.#requestComplete();
  }

  upstreamData(data: Buffer, endStream: boolean): void {
    this.#host!.touch(this);
    if (data.length > 0 && this.#upstream?.write(data) === false) this.#writable.upstream = false;
    if (!endStream) return;
    this.#upstream?.end([]);
    this.#requestComplete();
  }

  upstreamTrailers(trailers: readonly Pair[]): void {
    this.#upstream?.end(this.#sendable(trailers));
    this.#requestComplete();
  }

  upstreamReset(): void {
    this.#upstream?.reset();
    this.#upstream = null;
    this.#writable.upstream = true;
  }

  clientHeaders(headers: readonly Pair[], endStream: boolean): void {
    this.#status = Number(valueOf(headers, ":status"));
    if (this.#status >= 200 && this.#status <= 599) {
      this.#downstream.headers(this.#sendable(headers), endStream);
      return;
    }
    // Envoy sends it, and the client closes the connection on what it reads.
    this.#end = `reset (no client accepts status ${this.#status})`;
    this.#downstream.reset();
  }

  clientData(data: Buffer, endStream: boolean): void {
    this.#host!.touch(this);
    this.#sentBytes += data.length;
    if (data.length > 0 && !this.#downstream.data(data)) this.#writable.client = false;
    if (endStream) this.#downstream.end([]);
  }

  clientTrailers(trailers: readonly Pair[]): void {
    this.#downstream.end(this.#sendable(trailers));
  }

  clientReset(reason: string): void {
    this.#end = `reset (${reason})`;
    this.#downstream.reset();
  }

  finished(): void {
    this.#finish(this.#stream?.codeDetails ?? "");
  }

  /** The host is over: a 500 if it is not too late for one. */
  abort(error: unknown): void {
    if (this.#over) return;
    if (this.#status === 0) {
      const body = Buffer.from(
        `proxy-wasm-as serve: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      this.#status = 500;
      this.#sentBytes = body.length;
      this.#downstream.headers(
        [
          [":status", "500"],
          ["content-type", "text/plain; charset=utf-8"],
          ["content-length", String(body.length)],
        ],
        false,
      );
      if (valueOf(this.#head.headers, ":method") !== "HEAD") this.#downstream.data(body);
      this.#downstream.end([]);
    } else {
      this.#end = "reset";
      this.#downstream.reset();
    }
    this.#finish("the filter was stopped");
  }

  #finish(details: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#context.open.delete(this);
    this.#host?.close(this);
    if (this.#timer !== null) this.#host!.services.clock.cancel(this.#timer);
    // The answer may be complete before the request is, or the client may have had enough of it.
    if (!this.#requestSent || !this.#responseReceived) this.#upstream?.reset();
    this.#upstream = null;
    this.#downstream.discard();
    const milliseconds = performance.now() - this.#startedAt;
    const outcome = this.#end ?? String(this.#status);
    this.#context.report.access(this.#label, { outcome, details, bytes: this.#sentBytes, milliseconds });
    this.#context.report.removeStream(this.#label);
  }

  #requestComplete(): void {
    this.#requestSent = true;
    const { timeout } = this.#context;
    if (timeout === 0) return;
    this.#timer = this.#host!.services.clock.schedule(timeout, () => this.#stream!.failUpstream("timeout"));
  }

  /** What no peer accepts is left out, and reported. */
  #sendable(headers: readonly Pair[]): readonly Pair[] {
    const { kept, dropped } = sendable(headers);
    for (const name of dropped) this.#context.report.leftOut(name, this.#label);
    return kept;
  }
}

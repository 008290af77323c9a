// Callouts of the guest, sent to real servers.
import { MAX_CALLOUT_BODY_BYTES, toText } from "../host/index.ts";
import { Http1Upstream } from "./http1-upstream.ts";
import { Http2Upstream } from "./http2-upstream.ts";
import { sendGrpc } from "./grpc.ts";
import { valueOf } from "./upstream.ts";
import type { GrpcCallout, HttpCallout, Pair, Timer } from "../host/index.ts";
import type { LiveHost } from "./live-host.ts";
import type { UpstreamExchange } from "./upstream.ts";

/** Servers by cluster name. HTTP callouts speak HTTP/1.1 to them, gRPC speaks HTTP/2. */
export class Clusters {
  readonly #http = new Map<string, Http1Upstream>();
  readonly #grpc = new Map<string, Http2Upstream>();

  constructor(origins: Readonly<Record<string, URL>>) {
    for (const [name, origin] of Object.entries(origins)) {
      this.#http.set(name, new Http1Upstream(origin));
      this.#grpc.set(name, new Http2Upstream(origin));
    }
  }

  /** `name` is as the guest gave it. */
  has(name: string): boolean {
    return this.#http.has(toText(name));
  }

  close(): void {
    for (const upstream of [...this.#http.values(), ...this.#grpc.values()]) upstream.close();
  }

  /** Sends an HTTP callout, and delivers its answer. */
  send(callout: HttpCallout, host: LiveHost): void {
    const { cluster, headers, body, trailers, timeout } = callout.request;
    const { clock } = host.services;
    let timer: Timer | null = null;
    const finish = (deliver: () => void): void =>
      host.run(() => {
        clock.cancel(timer);
        if (!callout.answered) deliver();
      });
    const chunks: Buffer[] = [];
    let size = 0;
    let head: readonly Pair[] = [];
    let exchange: UpstreamExchange;
    try {
      const endStream = body.length === 0 && trailers.length === 0;
      exchange = this.#http.get(toText(cluster))!.open(headers, endStream, {
        headers(answer, end) {
          head = answer;
          if (end) finish(() => callout.respond(head, Buffer.alloc(0), []));
        },
        data(chunk) {
          size += chunk.length;
          chunks.push(chunk);
          if (size <= MAX_CALLOUT_BODY_BYTES) return;
          exchange.reset();
          finish(() => callout.fail("too-large"));
        },
        end: (more) => finish(() => callout.respond(head, Buffer.concat(chunks), more)),
        failed: ({ kind }) =>
          finish(() =>
            callout.fail(
              kind === "refused" || kind === "unresolved" ? "refused" : head.length > 0 ? "cut-off" : "reset",
            ),
          ),
        drained() {},
      });
      if (!endStream) {
        if (body.length > 0) exchange.write(body);
        exchange.end(trailers);
      }
    } catch (error) {
      host.services.warn(
        `the callout to ${toText(cluster)} ${valueOf(headers, ":path") ?? ""} cannot be sent: ${(error as Error).message}`,
      );
      callout.fail("reset");
      return;
    }
    // The host has answered it by then.
    if (timeout > 0) timer = clock.schedule(timeout + 1, () => exchange.reset());
  }

  /** Opens a gRPC call or stream. */
  sendGrpc(callout: GrpcCallout, host: LiveHost): void {
    sendGrpc(callout, this.#grpc.get(toText(callout.cluster))!, host);
  }
}

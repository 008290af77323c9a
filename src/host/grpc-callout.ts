// One gRPC call or stream that a guest has opened, seen from the service's side.
import type { ByteString } from "./byte-string.ts";
import type { GrpcCallouts } from "./grpc-callouts.ts";
import type { Pair } from "./pairs.ts";
import type { Timer } from "./clock.ts";

/** A unary call or a stream, open until it is closed from here or cancelled by the guest. */
export class GrpcCallout {
  readonly token: number;
  readonly kind: "call" | "stream";
  readonly cluster: ByteString;
  readonly service: ByteString;
  readonly method: ByteString;
  readonly metadata: readonly Pair[];
  /** Milliseconds; 0 is none. */
  readonly timeout: number;
  /** Messages that the guest has sent: one for a call. */
  readonly sent: Buffer[] = [];
  /** The guest will send no more. */
  localClosed = false;
  /** Nothing can be delivered any more. */
  remoteClosed = false;
  /** The guest has cancelled it. */
  cancelled = false;
  timer: Timer | null = null;
  /** Told of each message that the guest sends on a stream, and of its end (null). */
  onMessage: ((message: Buffer | null) => void) | null = null;
  readonly #owner: GrpcCallouts;

  constructor(
    owner: GrpcCallouts,
    token: number,
    kind: "call" | "stream",
    target: {
      cluster: ByteString;
      service: ByteString;
      method: ByteString;
      metadata: readonly Pair[];
      timeout: number;
    },
  ) {
    this.#owner = owner;
    this.token = token;
    this.kind = kind;
    this.cluster = target.cluster;
    this.service = target.service;
    this.method = target.method;
    this.metadata = target.metadata;
    this.timeout = target.timeout;
  }

  /** Initial metadata of a stream. A unary call never shows it to the guest. */
  initialMetadata(metadata: readonly Pair[]): void {
    if (this.kind === "stream" && !this.remoteClosed) this.#owner.onInitialMetadata(this, metadata);
  }

  /** A message. Of several answers to a unary call Envoy delivers the last alone: give that one to {@link succeed}. */
  message(message: Buffer): void {
    if (this.kind === "stream" && !this.remoteClosed) this.#owner.onMessage(this, message);
  }

  /** Ends a unary call well: the guest gets the message and nothing else. */
  succeed(message: Buffer): void {
    if (this.kind === "call" && !this.remoteClosed) this.#owner.onSuccess(this, message);
  }

  /** Ends it with a status; a stream gets trailing metadata first. */
  close(status: number, message: ByteString, trailers: readonly Pair[] = []): void {
    if (!this.remoteClosed) this.#owner.onClose(this, status, message, trailers);
  }
}

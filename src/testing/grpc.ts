// gRPC callouts as a test sees them.
import { HeaderList, toPairs } from "./messages.ts";
import { HostError } from "../host/errors.ts";
import { asBuffer, toByteString, toText } from "../host/byte-string.ts";
import type { Act } from "./tasks.ts";
import type { GrpcCallout } from "../host/grpc-callout.ts";
import type { HeadersInput } from "./messages.ts";

/** A request of a unary call. */
export interface GrpcRequest {
  readonly service: string;
  readonly method: string;
  readonly metadata: HeaderList;
  readonly message: Buffer;
  /** Milliseconds; 0 is none. */
  readonly timeout: number;
}

/** The answer to a unary call: a message, or a status other than 0 with a text. */
export type GrpcReply =
  { readonly message: string | Uint8Array } | { readonly status: number; readonly message?: string };

/** What a cluster does with unary calls: a function that answers, or `open` to answer by hand. Streams are always open. */
export type GrpcBehaviour = "open" | "no-hosts" | ((request: GrpcRequest) => GrpcReply | Promise<GrpcReply>);

/** A gRPC call or stream that is open. Every method resolves when its consequences are over. */
export class PendingGrpc {
  readonly kind: "call" | "stream";
  readonly cluster: string;
  readonly service: string;
  readonly method: string;
  readonly token: number;
  readonly timeout: number;
  readonly metadata: HeaderList;
  readonly #callout: GrpcCallout;
  readonly #act: Act;

  /** @internal */
  constructor(callout: GrpcCallout, act: Act) {
    this.kind = callout.kind;
    this.cluster = toText(callout.cluster);
    this.service = toText(callout.service);
    this.method = toText(callout.method);
    this.token = callout.token;
    this.timeout = callout.timeout;
    this.metadata = new HeaderList(callout.metadata);
    this.#callout = callout;
    this.#act = act;
  }

  /** Messages that the guest has sent so far. */
  get messages(): readonly Buffer[] {
    return this.#callout.sent;
  }

  /** The guest has ended its side. */
  get halfClosed(): boolean {
    return this.#callout.localClosed;
  }

  /** The guest has cancelled it. */
  get cancelled(): boolean {
    return this.#callout.cancelled;
  }

  /** Sends initial metadata on a stream. */
  initialMetadata(metadata: HeadersInput = {}): Promise<void> {
    this.#need("stream", "initialMetadata");
    return this.#act(() => this.#callout.initialMetadata(toPairs(metadata)));
  }

  /** Sends a message on a stream. */
  send(message: string | Uint8Array): Promise<void> {
    this.#need("stream", "send");
    return this.#act(() => this.#callout.message(Buffer.from(asBuffer(message))));
  }

  /** Answers a unary call with a message. */
  respond(message: string | Uint8Array): Promise<void> {
    this.#need("call", "respond");
    return this.#act(() => this.#callout.succeed(Buffer.from(asBuffer(message))));
  }

  /** Ends the call or stream with a status, 0 for Ok, and a text. */
  close(status: number, message = "", trailers: HeadersInput = {}): Promise<void> {
    return this.#act(() => this.#callout.close(status, toByteString(message), toPairs(trailers)));
  }

  #need(kind: "call" | "stream", step: string): void {
    if (this.kind !== kind)
      throw new HostError(
        "wrong-phase",
        `${step} is for a gRPC ${kind}; ${this.service}/${this.method} is a ${this.kind}`,
      );
  }
}

/** Answers a unary call as its cluster does; null if it stays open or was answered at once. */
export function answerGrpc(callout: GrpcCallout, behaviour: GrpcBehaviour): Promise<void> | null {
  if (typeof behaviour !== "function" || callout.kind === "stream") return null;
  const request: GrpcRequest = {
    service: toText(callout.service),
    method: toText(callout.method),
    metadata: new HeaderList(callout.metadata),
    message: callout.sent[0] ?? Buffer.alloc(0),
    timeout: callout.timeout,
  };
  let reply: GrpcReply | Promise<GrpcReply>;
  try {
    reply = behaviour(request);
  } catch (error) {
    throw failed(error);
  }
  if (!(reply instanceof Promise)) {
    finish(callout, reply);
    return null;
  }
  return reply.then(
    (later) => finish(callout, later),
    (error: unknown) => Promise.reject(failed(error)),
  );
}

function finish(callout: GrpcCallout, reply: GrpcReply): void {
  if ("status" in reply && reply.status !== 0) callout.close(reply.status, toByteString(reply.message ?? ""));
  else callout.succeed(Buffer.from(asBuffer(reply.message ?? "")));
}

function failed(error: unknown): HostError {
  return new HostError(
    "handler-failed",
    `the gRPC function of the test threw: ${error instanceof Error ? error.message : String(error)}`,
    error,
  );
}

// A gRPC call or stream of the guest, on an HTTP/2 connection.
import { valueOf } from "./upstream.ts";
import type { GrpcCallout, Pair } from "../host/index.ts";
import type { LiveHost } from "./live-host.ts";
import type { Upstream, UpstreamExchange } from "./upstream.ts";

const PREFIX_BYTES = 5;
const UNKNOWN = 2;
const INTERNAL = 13;
const UNAVAILABLE = 14;

/** Opens it, and delivers what comes back until it is over. */
export function sendGrpc(callout: GrpcCallout, upstream: Upstream, host: LiveHost): void {
  const messages = new MessageReader();
  let last: Buffer | null = null;
  let exchange: UpstreamExchange | null = null;
  let sent = 0;
  let ended = false;
  const deliver = (task: () => void): void =>
    host.run(() => {
      // Cancelled or timed out meanwhile: nobody wants the rest.
      if (callout.cancelled || callout.remoteClosed) exchange?.reset();
      else task();
    });
  const close = (fields: readonly Pair[], trailers: readonly Pair[]): void => {
    const status = Number(valueOf(fields, "grpc-status") ?? UNKNOWN);
    if (status !== 0 || callout.kind === "stream")
      callout.close(status, decodeMessage(valueOf(fields, "grpc-message") ?? ""), trailers);
    else if (last === null) callout.close(INTERNAL, "the answer has no message", trailers);
    else callout.succeed(last);
  };
  const send = (message: Buffer | null): void => {
    if (message === null) {
      if (!ended) exchange?.end([]);
      ended = true;
    } else {
      sent++;
      exchange?.write(frame(message));
    }
  };
  try {
    exchange = upstream.open(requestHeaders(callout), false, {
      headers(headers, endStream) {
        deliver(() => {
          const metadata = headers.filter(([name]) => !name.startsWith(":"));
          if (endStream) close(headers, metadata);
          else callout.initialMetadata(metadata);
        });
      },
      data(chunk) {
        for (const message of messages.read(chunk)) {
          last = message;
          deliver(() => callout.message(message));
        }
      },
      end: (trailers) => deliver(() => close(trailers, trailers)),
      failed: ({ reason }) => deliver(() => callout.close(UNAVAILABLE, reason)),
      drained() {},
    });
  } catch (error) {
    callout.close(UNAVAILABLE, (error as Error).message);
    return;
  }
  callout.onMessage = (message) => {
    // What was sent before this one was asked for has gone out below.
    if (message === null || callout.sent.indexOf(message) >= sent) send(message);
  };
  for (const message of callout.sent) send(message);
  if (callout.localClosed) send(null);
}

function requestHeaders(callout: GrpcCallout): Pair[] {
  return [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", `/${callout.service}/${callout.method}`],
    [":authority", callout.cluster],
    ["te", "trailers"],
    ["content-type", "application/grpc"],
    ...(callout.kind === "call" && callout.timeout > 0
      ? [["grpc-timeout", `${callout.timeout}m`] as const]
      : []),
    ...callout.metadata,
  ];
}

function frame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The text of grpc-message, whose odd bytes are written in percent. */
function decodeMessage(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Takes the length prefixes off. */
class MessageReader {
  #rest = Buffer.alloc(0);

  read(chunk: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.#rest.readUInt32BE(1);
      if (this.#rest.length < end) break;
      messages.push(this.#rest.subarray(PREFIX_BYTES, end));
      this.#rest = this.#rest.subarray(end);
    }
    return messages;
  }
}

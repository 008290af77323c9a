// A gRPC server for tests: one service without a schema, whose messages are text.
import { Metadata, Server, ServerCredentials, status as codes, type ServiceDefinition } from "@grpc/grpc-js";
import { setTimeout as sleep } from "node:timers/promises";

/** What the server has seen of a call or stream. */
export interface GrpcRecord {
  method: string;
  metadata: Record<string, string>;
  messages: string[];
  /** The client has closed its side. */
  ended: boolean;
  cancelled: boolean;
}

export interface GrpcServer {
  readonly port: number;
  readonly calls: GrpcRecord[];
  last(): GrpcRecord;
  stop(): Promise<void>;
}

const bytes = (value: Buffer): Buffer => value;
const text = {
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
};

/** `test.Echo`: unary methods that end in several ways, and a stream that echoes. */
const SERVICE: ServiceDefinition = {
  // Answers with the message, and with the metadata x-in as x-out.
  Say: { path: "/test.Echo/Say", requestStream: false, responseStream: false, ...text },
  // Fails with the status and the text that the message states, as in "7 not yours".
  Fail: { path: "/test.Echo/Fail", requestStream: false, responseStream: false, ...text },
  // Never answers.
  Never: { path: "/test.Echo/Never", requestStream: false, responseStream: false, ...text },
  // Echoes each message; ends as told by the message "end", or when the client ends.
  Chat: { path: "/test.Echo/Chat", requestStream: true, responseStream: true, ...text },
};

/** Starts the server on a free port of 127.0.0.1. */
export async function startGrpcServer(): Promise<GrpcServer> {
  const calls: GrpcRecord[] = [];
  const record = (method: string, metadata: Metadata, message?: Buffer): GrpcRecord => {
    const seen: GrpcRecord = {
      ...{
        method,
        metadata: {},
        messages: message ? [message.toString()] : [],
        ended: false,
        cancelled: false,
      },
    };
    for (const [name, value] of Object.entries(metadata.getMap())) seen.metadata[name] = String(value);
    calls.push(seen);
    return seen;
  };
  const server = new Server();
  server.addService(SERVICE, {
    Say(call: any, done: any) {
      const seen = record("Say", call.metadata, call.request);
      const metadata = new Metadata();
      metadata.set("x-out", seen.metadata["x-in"] ?? "");
      call.sendMetadata(metadata);
      done(null, call.request);
    },
    Fail(call: any, done: any) {
      record("Fail", call.metadata, call.request);
      const [code, ...words] = call.request.toString().split(" ");
      done({ code: Number(code), details: words.join(" ") });
    },
    Never(call: any) {
      const seen = record("Never", call.metadata, call.request);
      call.on("cancelled", () => (seen.cancelled = true));
    },
    Chat(call: any) {
      const seen = record("Chat", call.metadata);
      const metadata = new Metadata();
      metadata.set("x-out", seen.metadata["x-in"] ?? "");
      call.sendMetadata(metadata);
      const trailers = new Metadata();
      trailers.set("x-end", "over");
      call.on("data", (message: Buffer) => {
        seen.messages.push(message.toString());
        if (message.toString() === "end") call.end(trailers);
        else if (message.toString().startsWith("fail "))
          call.emit("error", {
            code: codes.PERMISSION_DENIED,
            details: message.toString().slice(5),
            metadata: trailers,
          });
        else call.write(message);
      });
      call.on("end", async () => {
        seen.ended = true;
        await sleep(5);
        call.end(trailers);
      });
      call.on("cancelled", () => (seen.cancelled = true));
      call.on("error", () => {});
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return {
    port,
    calls,
    last() {
      const last = calls.at(-1);
      if (last === undefined) throw new Error("The gRPC server has seen no call.");
      return last;
    },
    stop: async () => server.forceShutdown(),
  };
}

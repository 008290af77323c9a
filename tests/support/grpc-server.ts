// A gRPC server for tests: one service without a schema, whose messages are text.
import {
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
} from "@grpc/grpc-js";

/** What the server has seen of a call or stream. */
export interface GrpcRecord {
  method: string;
  /** The host name that was called. */
  authority: string;
  metadata: Record<string, string>;
  messages: string[];
  /** The client has closed its side of a stream. */
  halfClosed: boolean;
  /** The client gave it up before it was answered. */
  cancelled: boolean;
}

export interface GrpcServer {
  readonly port: number;
  readonly calls: GrpcRecord[];
  /** The last call or stream. Throws if there was none. */
  last(): GrpcRecord;
  stop(): Promise<void>;
}

type Unary = ServerUnaryCall<Buffer, Buffer>;
type Duplex = ServerDuplexStream<Buffer, Buffer>;

const asIs = (value: Buffer): Buffer => value;

function method(name: string, stream: boolean): ServiceDefinition[string] {
  return {
    ...{ path: `/test.Echo/${name}`, requestStream: stream, responseStream: stream },
    ...{
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  };
}

/** Initial metadata: `x-in` of the client comes back as `x-out`. */
function initial(seen: GrpcRecord): Metadata {
  const metadata = new Metadata();
  metadata.set("x-out", seen.metadata["x-in"] ?? "");
  return metadata;
}

/** Trailing metadata. */
function trailing(): Metadata {
  const metadata = new Metadata();
  metadata.set("x-end", "over");
  return metadata;
}

/**
 * Starts `test.Echo` on a free port of 127.0.0.1. `Say` answers with its message; `Fail` fails with the status and text
 * that its message states (`7 not yours`); `Never` does not answer. The stream `Chat` echoes each message but `end`, at
 * which it ends, and `fail ...`, at which it fails with status 7.
 */
export async function startGrpcServer(): Promise<GrpcServer> {
  const calls: GrpcRecord[] = [];
  const record = (name: string, call: Unary | Duplex): GrpcRecord => {
    const seen: GrpcRecord = {
      ...{ method: name, authority: call.getHost(), metadata: {}, messages: [] },
      ...{ halfClosed: false, cancelled: false },
    };
    for (const [key, value] of Object.entries(call.metadata.getMap())) seen.metadata[key] = String(value);
    if ("request" in call) seen.messages.push(call.request.toString());
    calls.push(seen);
    return seen;
  };
  const server = new Server();
  server.addService(
    {
      Say: method("Say", false),
      Fail: method("Fail", false),
      Never: method("Never", false),
      Chat: method("Chat", true),
    },
    {
      Say(call: Unary, done: sendUnaryData<Buffer>) {
        call.sendMetadata(initial(record("Say", call)));
        done(null, call.request);
      },
      Fail(call: Unary, done: sendUnaryData<Buffer>) {
        record("Fail", call);
        const [code, ...words] = call.request.toString().split(" ");
        done({ code: Number(code), details: words.join(" ") });
      },
      Never(call: Unary) {
        const seen = record("Never", call);
        call.on("cancelled", () => (seen.cancelled = true));
      },
      Chat(call: Duplex) {
        const seen = record("Chat", call);
        let over = false;
        call.sendMetadata(initial(seen));
        call.on("data", (bytes: Buffer) => {
          const message = bytes.toString();
          seen.messages.push(message);
          if (message !== "end" && !message.startsWith("fail ")) return void call.write(bytes);
          over = true;
          if (message === "end") call.end(trailing());
          else call.emit("error", { code: 7, details: message.slice(5), metadata: trailing() });
        });
        call.on("end", () => {
          seen.halfClosed = true;
          if (!over) call.end(trailing());
          over = true;
        });
        call.on("cancelled", () => (seen.cancelled = !over));
        call.on("error", () => {});
      },
    },
  );
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
    stop() {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

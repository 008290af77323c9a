// Raw TCP for tests: a server that answers by bytes, an echo, and a client that talks in steps.
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

import { type Bytes, toBuffer } from "./bytes.ts";

/** A running TCP server. */
export interface TcpServer extends AsyncDisposable {
  readonly port: number;
  /** Bytes received so far, one buffer per connection, oldest first. */
  readonly received: Buffer[];
  stop(): Promise<void>;
}

/**
 * Starts a server on a free port of 127.0.0.1. `onData` is told each piece, all of the connection's bytes so far, and
 * the socket to answer on. `onOpen` may speak first.
 */
export async function startTcp(
  onData: (piece: Buffer, all: Buffer, socket: Socket) => void,
  onOpen: (socket: Socket) => void = () => {},
): Promise<TcpServer> {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const index = received.push(Buffer.alloc(0)) - 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("end", () => socket.end());
    socket.on("data", (piece: Buffer) => {
      const all = Buffer.concat([received[index] ?? Buffer.alloc(0), piece]);
      received[index] = all;
      onData(piece, all, socket);
    });
    onOpen(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port: (server.address() as AddressInfo).port, received, stop, [Symbol.asyncDispose]: stop };
}

/** A server that sends everything back. */
export function startTcpEcho(): Promise<TcpServer> {
  return startTcp((piece, _, socket) => void socket.write(piece));
}

/** A server for HTTP/1.1 answers that no HTTP library would send: the same bytes after each complete request head. */
export function startRawHttp(answer: Bytes | ((head: Buffer) => Bytes)): Promise<TcpServer> {
  return startTcp((_, all, socket) => {
    const end = all.lastIndexOf("\r\n\r\n");
    if (end < 0 || end + 4 !== all.length) return;
    socket.write(toBuffer(typeof answer === "function" ? answer(all) : answer));
  });
}

/** A client connection. */
export class TcpClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #onChange: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (piece: Buffer) => {
      this.#received = Buffer.concat([this.#received, piece]);
      this.#onChange();
    });
    socket.on("error", () => {});
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#ended = true;
        this.#onChange();
      });
    }
  }

  static open(port: number): Promise<TcpClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        resolve(new TcpClient(socket));
      });
    });
  }

  /** All bytes received so far. */
  get received(): Buffer {
    return this.#received;
  }

  /** True when the peer will send no more. */
  get ended(): boolean {
    return this.#ended;
  }

  write(bytes: Bytes): void {
    this.#socket.write(toBuffer(bytes));
  }

  /** Half-closes: nothing more will be sent. */
  end(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** All bytes received, as soon as they are at least `length` or the peer has ended. Rejects after `timeoutMs`. */
  read(length = Infinity, timeoutMs = 5000): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#onChange = () => {};
        reject(new Error(`Received ${this.#received.length} bytes, not ${length}, within ${timeoutMs} ms.`));
      }, timeoutMs);
      this.#onChange = () => {
        if (this.#received.length < length && !this.#ended) return;
        clearTimeout(timer);
        this.#onChange = () => {};
        resolve(this.#received);
      };
      this.#onChange();
    });
  }
}

/** A port of 127.0.0.1 that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = await startTcp(() => {});
  await server.stop();
  return server.port;
}

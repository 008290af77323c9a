// The way back to a client whose bytes were no request: an answer, and the end of the connection.
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

import { forwardable, valueOf } from "./upstream.ts";
import type { ConnectionInfo, Downstream } from "./downstream.ts";
import type { Pair } from "../host/index.ts";

/** Answers once, by hand, because there is no request that Node would answer. */
export class RawDownstream implements Downstream {
  readonly connection: ConnectionInfo;
  readonly #socket: Duplex;

  constructor(connection: ConnectionInfo, socket: Duplex) {
    this.connection = connection;
    this.#socket = socket;
    socket.on("error", () => {});
  }

  /** Nothing that comes from this client means anything, so nobody is told. */
  attach(): void {}

  headers(headers: readonly Pair[], endStream: boolean): void {
    const status = Number(valueOf(headers, ":status"));
    const fields: Pair[] = [...forwardable(headers), ["connection", "close"]];
    if (endStream) fields.push(["content-length", "0"]);
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n`, "latin1");
    if (endStream) this.end();
  }

  data(chunk: Buffer): boolean {
    return this.#socket.write(chunk);
  }

  end(): void {
    this.#socket.end(() => this.#socket.destroy());
  }

  reset(): void {
    this.#socket.destroy();
  }

  pause(): void {}
  resume(): void {}
  discard(): void {}
}

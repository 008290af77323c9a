// A raw HTTP/1.1 client: sends exactly the bytes it is told to and reports exactly what came back.
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { type BodyParts, type Bytes, type HeaderList, toBuffer } from "./bytes.ts";
import { Http1ResponseParser, type Http1Response } from "./http1-parser.ts";

export interface Http1Request {
  method?: string;
  path?: string;
  /** Sent in this order, after `host` unless they have their own. Values are latin1. */
  headers?: HeaderList;
  /** One piece goes out with a content-length, several go out chunked with pauses where a number stands. */
  body?: Bytes | BodyParts;
  /** Sends the body chunked, whatever it is. Default: only for several pieces, or with trailers. */
  chunked?: boolean;
  /** Sent after a chunked body. */
  trailers?: HeaderList;
  /** Instead of all the above: the very bytes, with pauses where a number stands. `method` still tells HEAD. */
  raw?: BodyParts;
  /** Closes the connection after these milliseconds, answer or not. */
  abortAfterMs?: number;
  /** Longest time to wait for the answer. Default: 10000. */
  timeoutMs?: number;
}

/** Sends one request over a connection of its own. Rejects only if the connection can't be made. */
export async function http1(port: number, request: Http1Request = {}): Promise<Http1Response> {
  const connection = await Http1Connection.open(port);
  try {
    return await connection.request(request);
  } finally {
    connection.close();
  }
}

/** One connection, for several requests after each other or for bytes sent by hand. */
export class Http1Connection {
  readonly #socket: Socket;
  readonly #ended: Promise<string>;
  #received = Buffer.alloc(0);
  #closed = false;
  #onData: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#onData();
    });
    this.#ended = new Promise((resolve) => {
      socket.on("error", (error) => resolve(error.message));
      socket.on("close", () => {
        this.#closed = true;
        this.#onData();
        resolve("connection closed");
      });
    });
  }

  static open(port: number): Promise<Http1Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        resolve(new Http1Connection(socket));
      });
    });
  }

  /** True when the peer has closed the connection, or this side has. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when the connection is gone, with the reason. */
  get ended(): Promise<string> {
    return this.#ended;
  }

  /** Sends bytes, waiting where a number stands. Stops without an error when the connection is gone. */
  async write(parts: BodyParts): Promise<void> {
    for (const part of parts) {
      if (this.#closed || !this.#socket.writable) return;
      if (typeof part === "number") await sleep(part);
      else this.#socket.write(toBuffer(part));
    }
  }

  /** Sends a request and reads the answer, which may come before all is sent. */
  async request(request: Http1Request = {}): Promise<Http1Response> {
    const sent = this.write(request.raw ?? encode(request));
    const response = await this.read(request.method, request.timeoutMs, request.abortAfterMs);
    if (response.complete) await sent;
    return response;
  }

  /** Reads one answer. `method` tells whether it has a body. */
  read(method = "GET", timeoutMs = 10_000, abortAfterMs?: number): Promise<Http1Response> {
    return new Promise((resolve) => {
      const parser = new Http1ResponseParser(method);
      const finish = (problem?: string): void => {
        clearTimeout(timer);
        clearTimeout(abort);
        this.#onData = () => {};
        const { response, rest } = parser.finish(problem, this.#closed);
        this.#received = rest;
        resolve(response);
      };
      const timer = setTimeout(() => finish(`no complete answer within ${timeoutMs} ms`), timeoutMs);
      const abort = setTimeout(() => this.#socket.destroy(), abortAfterMs ?? timeoutMs + 1000);
      this.#onData = () => {
        parser.push(this.#received);
        this.#received = Buffer.alloc(0);
        if (parser.done || parser.broken || this.#closed) finish();
      };
      this.#onData();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Half-closes: nothing more will be sent. */
  end(): void {
    this.#socket.end();
  }
}

function encode(request: Http1Request): (Bytes | number)[] {
  const { method = "GET", path = "/", headers = [], body, trailers } = request;
  const parts = body === undefined ? undefined : isBytes(body) ? [body] : body;
  const chunked =
    request.chunked ?? (trailers !== undefined || (parts !== undefined && !isBytes(body ?? "")));
  const has = (name: string): boolean => headers.some(([each]) => each.toLowerCase() === name);
  const lines = [`${method} ${path} HTTP/1.1`];
  if (!has("host")) lines.push("host: test");
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (chunked) {
    if (!has("transfer-encoding")) lines.push("transfer-encoding: chunked");
  } else if (parts !== undefined && !has("content-length")) {
    const length = parts.reduce<number>(
      (sum, part) => sum + (typeof part === "number" ? 0 : toBuffer(part).length),
      0,
    );
    lines.push(`content-length: ${length}`);
  }
  const out: (Bytes | number)[] = [`${lines.join("\r\n")}\r\n\r\n`];
  for (const part of parts ?? []) {
    if (typeof part === "number" || !chunked) out.push(part);
    else if (part.length > 0) out.push(Buffer.concat([chunkHead(part), toBuffer(part), Buffer.from("\r\n")]));
  }
  if (chunked)
    out.push(`0\r\n${(trailers ?? []).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
  return out;
}

function chunkHead(part: Bytes): Buffer {
  return Buffer.from(`${toBuffer(part).length.toString(16)}\r\n`);
}

function isBytes(body: Bytes | BodyParts): body is Bytes {
  return typeof body === "string" || body instanceof Uint8Array;
}

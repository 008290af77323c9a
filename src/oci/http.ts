// One HTTP request to a registry: the whole answer in memory, bounded in time and size.
import http from "node:http";
import https from "node:https";

/** A request. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** Told how much of the body has been handed to the system. */
  readonly onSent?: ((bytes: number) => void) | undefined;
  /** Longest answer. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Its answer. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in small letters; values of one name joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Where it came from. */
  readonly url: URL;
}

/** How a request is sent; tests give their own. */
export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

const SILENCE_MILLISECONDS = 60_000;
const PIECE_BYTES = 64 * 1024;
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

/** Sends it. Rejects with the error of the connection. */
export const send: Send = (request) =>
  new Promise((resolve, reject) => {
    const { url, body, signal } = request;
    const options = {
      method: request.method,
      headers: {
        "user-agent": "proxy-wasm-as",
        ...(body !== undefined && { "content-length": String(body.length) }),
        // Some servers want to be told that nothing comes.
        ...(body === undefined &&
          request.method !== "GET" &&
          request.method !== "HEAD" && { "content-length": "0" }),
        ...request.headers,
      },
      timeout: SILENCE_MILLISECONDS,
      ...(signal && { signal }),
    };
    const call = (url.protocol === "https:" ? https : http).request(url, options, (response) => {
      receive(response, request.maxBytes ?? DEFAULT_MAX_BYTES).then(
        (answer) => resolve({ status: response.statusCode ?? 0, headers: flat(response), body: answer, url }),
        reject,
      );
      // It may answer before it has read everything, and mean it.
      response.once("end", () => call.destroy());
    });
    call.on("timeout", () =>
      call.destroy(
        Object.assign(new Error(`no answer within ${SILENCE_MILLISECONDS / 1000} s`), { code: "ETIMEDOUT" }),
      ),
    );
    call.on("error", reject);
    if (body === undefined) call.end();
    else write(call, body, request.onSent);
  });

/** Writes piece by piece, so that progress can be told. */
function write(call: http.ClientRequest, body: Uint8Array, onSent?: (bytes: number) => void): void {
  let at = 0;
  const next = (): void => {
    while (at < body.length && !call.destroyed) {
      const piece = body.subarray(at, at + PIECE_BYTES);
      at += piece.length;
      const more = call.write(piece);
      onSent?.(at);
      if (!more) return void call.once("drain", next);
    }
    if (!call.destroyed) call.end();
  };
  next();
}

function receive(response: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    response.on("data", (piece: Buffer) => {
      size += piece.length;
      if (size > maxBytes) {
        response.destroy(new Error(`the answer is longer than ${maxBytes} bytes`));
      } else pieces.push(piece);
    });
    response.on("end", () => resolve(Buffer.concat(pieces)));
    response.on("error", reject);
    response.on("aborted", () =>
      reject(Object.assign(new Error("the answer was cut off"), { code: "ECONNRESET" })),
    );
  });
}

function flat(response: http.IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headersDistinct).map(([name, values]) => [name, (values ?? []).join(", ")]),
  );
}

// The end of the response's filters: checks what they made of the response, and sends it to the client.
import { HeaderMap } from "./header-map.ts";
import { buildLocalReply } from "./local-reply.ts";
import { checkResponseHeaders, declaredLength } from "./message-checks.ts";
import { understood } from "./peer.ts";
import type { HttpStream } from "./http-stream.ts";
import type { Problem } from "./message-checks.ts";

/** They belong to the connection to the upstream, and end here. */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "transfer-encoding"];

/** Envoy's codec towards the client, for one stream. */
export class ClientCodec {
  /** Body bytes that went to the client. */
  bytes = 0;
  readonly #stream: HttpStream;
  #declared: number | null = null;
  #bodyWanted = true;

  constructor(stream: HttpStream) {
    this.#stream = stream;
  }

  headers(endStream: boolean): void {
    const { request, response, services } = this.#stream;
    const headers = response.headers!;
    const problem = checkResponseHeaders(headers, !this.#stream.locallyReplied, services);
    response.headersLeft = true;
    if (problem !== null) {
      this.#replace(problem);
      return;
    }
    this.#declared = request.headers?.get(":method") === "HEAD" ? null : declaredLength(headers);
    this.#emit(headers, endStream);
  }

  data(data: Buffer, endStream: boolean): void {
    const { ends, services, options } = this.#stream;
    const declared = this.#declared;
    const before = this.bytes;
    this.bytes += data.length;
    const wrong = declared !== null && (this.bytes > declared || (endStream && this.bytes < declared));
    if (wrong)
      services.warn(
        `the response declares content-length ${declared} but its body has ${endStream ? "" : "at least "}${this.bytes} bytes: the client cuts the connection, or reads no further. ` +
          "Remove or correct content-length in on_response_headers when the body changes",
      );
    if (!this.#bodyWanted) data = Buffer.alloc(0);
    else if (wrong && this.bytes < declared) {
      ends.clientData(data, false);
      this.#stream.reset("content_length_mismatch");
      return;
    } else if (wrong && options.protocol === "HTTP/2") {
      this.#stream.reset("content_length_mismatch");
      return;
      // An HTTP/1.1 client takes what it was promised, and the rest for the beginning of another answer.
    } else if (wrong) data = data.subarray(0, Math.max(0, declared - before));
    ends.clientData(data, endStream);
    if (endStream) this.#stream.finish();
  }

  trailers(): void {
    this.#stream.ends.clientTrailers(this.#stream.response.trailers!.entries);
    this.#stream.finish();
  }

  /** Headers without a status: the client gets a 502 that no filter sees. */
  #replace({ status, text, details }: Problem): void {
    const { response, services } = this.#stream;
    this.#stream.codeDetails = details;
    const local = { status, body: Buffer.from(text), headers: [], grpcStatus: -1, details };
    const { headers, body } = buildLocalReply(local, null, services);
    response.halted = true;
    response.headers = new HeaderMap("response-headers", headers);
    this.#emit(response.headers, false);
    this.data(body, true);
  }

  #emit(headers: HeaderMap, endStream: boolean): void {
    for (const name of HOP_BY_HOP) headers.remove(name);
    if (this.#stream.options.edgeHeaders) {
      if (headers.get("date") === null) {
        headers.add("date", new Date(this.#stream.services.clock.now).toUTCString());
      }
      headers.put("server", "envoy");
    }
    this.#stream.responseCode = Number(headers.get(":status"));
    const http2 = this.#stream.options.protocol === "HTTP/2";
    const seen = understood(headers, http2, this.#stream.services);
    if (seen === null || (http2 && !seen.body && !endStream)) {
      this.#stream.reset("protocol_error");
      return;
    }
    this.#bodyWanted = seen.body;
    this.#stream.ends.clientHeaders(seen.entries, endStream);
    if (endStream) this.#stream.finish();
  }
}

// The end of the response's filters: checks what they made of the response, and sends it to the client.
import { HeaderMap } from "./header-map.ts";
import { buildLocalReply } from "./local-reply.ts";
import { checkResponseHeaders, declaredLength } from "./message-checks.ts";
import type { HttpStream } from "./http-stream.ts";

/** Envoy's codec towards the client, for one stream. */
export class ClientCodec {
  /** Body bytes that went to the client. */
  bytes = 0;
  readonly #stream: HttpStream;
  #declared: number | null = null;

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
    this.bytes += data.length;
    const declared = this.#declared;
    if (declared !== null && (this.bytes > declared || (endStream && this.bytes < declared))) {
      this.#stream.services.warn(
        `the response declares content-length ${declared} but its body has ${endStream ? "" : "at least "}${this.bytes} bytes: the client cuts the connection. ` +
          "Remove or correct content-length in on_response_headers when the body changes",
      );
      this.#stream.reset("content_length_mismatch");
      return;
    }
    this.#stream.ends.clientData(data, endStream);
    if (endStream) this.#stream.finish();
  }

  trailers(): void {
    this.#stream.ends.clientTrailers(this.#stream.response.trailers!.entries);
    this.#stream.finish();
  }

  /** Headers without a status: the client gets a 502 that no filter sees. */
  #replace(problem: string): void {
    const { response, services } = this.#stream;
    const local = { status: 502, body: Buffer.from(problem), headers: [], grpcStatus: -1, details: "" };
    const { headers, body } = buildLocalReply(local, null, services);
    response.halted = true;
    response.headers = new HeaderMap("response-headers", headers);
    this.#emit(response.headers, false);
    this.data(body, true);
  }

  #emit(headers: HeaderMap, endStream: boolean): void {
    if (this.#stream.options.edgeHeaders) {
      headers.set("server", "envoy");
      if (headers.get("date") === null) {
        headers.add("date", new Date(this.#stream.services.clock.now).toUTCString());
      }
    }
    this.#stream.ends.clientHeaders(headers.entries, endStream);
    if (endStream) this.#stream.finish();
  }
}

// Reads one HTTP/1.1 answer from bytes, keeping every header as it came and noting what is wrong with it.

/** An answer, as far as it came. */
export interface Http1Response {
  /** 0 if there was no status line. */
  status: number;
  reason: string;
  /** In order, names with their case, values as latin1. */
  headers: [string, string][];
  body: Buffer;
  trailers: [string, string][];
  /** Status codes of informational answers that came first. */
  informational: number[];
  /** True if the answer ended as its framing says. */
  complete: boolean;
  /** What broke the protocol or cut the answer short; undefined for a good answer. */
  problem: string | undefined;
  /** True if the connection was closed by then. */
  closed: boolean;
  /** All bytes of the answer, informational ones included. */
  raw: Buffer;
}

const CRLF = "\r\n";

export class Http1ResponseParser {
  readonly #method: string;
  readonly #response: Http1Response;
  #buffer = Buffer.alloc(0);
  #body: Buffer[] = [];
  #step: "head" | "length" | "chunk-size" | "chunk" | "trailers" | "close" | "done" | "broken" = "head";
  #left = 0;
  #length = 0;

  constructor(method: string) {
    this.#method = method;
    this.#response = {
      ...{ status: 0, reason: "", headers: [], body: Buffer.alloc(0), trailers: [], informational: [] },
      ...{ complete: false, problem: undefined, closed: false, raw: Buffer.alloc(0) },
    };
  }

  get done(): boolean {
    return this.#step === "done";
  }

  get broken(): boolean {
    return this.#step === "broken";
  }

  push(bytes: Uint8Array): void {
    this.#response.raw = Buffer.concat([this.#response.raw, bytes]);
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    while (this.#advance());
  }

  /** The answer, and bytes that came after it. `problem`: why no more is waited for. */
  finish(
    problem: string | undefined,
    closed: boolean,
  ): { response: Http1Response; rest: Buffer<ArrayBuffer> } {
    const response = this.#response;
    response.body = Buffer.concat(this.#body);
    response.closed = closed;
    if (this.#step === "close" && closed) this.#step = "done";
    response.complete = this.done;
    if (!this.done) response.problem ??= problem ?? this.#cutShort();
    const rest = Buffer.from(this.done ? this.#buffer : []);
    response.raw = response.raw.subarray(0, response.raw.length - rest.length);
    return { response, rest };
  }

  #cutShort(): string {
    if (this.#response.raw.length === 0) return "closed without an answer";
    if (this.#step === "length")
      return `closed after ${this.#length - this.#left} of ${this.#length} body bytes`;
    return this.#step === "head" ? "closed within the head" : "closed within a chunked body";
  }

  /** One step; false if it needs more bytes or there is nothing left to do. */
  #advance(): boolean {
    switch (this.#step) {
      case "head":
        return this.#head();
      case "length":
      case "chunk":
        return this.#bodyBytes();
      case "chunk-size":
        return this.#chunkSize();
      case "trailers":
        return this.#trailers();
      case "close":
        if (this.#buffer.length > 0) this.#body.push(this.#take(this.#buffer.length));
        return false;
      default:
        return false;
    }
  }

  #head(): boolean {
    const end = this.#buffer.indexOf(CRLF + CRLF);
    if (end < 0) return false;
    const [first = "", ...lines] = this.#take(end + 4)
      .toString("latin1")
      .slice(0, -4)
      .split(CRLF);
    const match = /^HTTP\/1\.1 (\d{3}) ?(.*)$/s.exec(first);
    if (match === null) return this.#fail(`bad status line ${JSON.stringify(first)}`);
    const status = Number(match[1]);
    const headers = this.#fields(lines);
    if (headers === undefined) return false;
    if (status >= 100 && status < 200 && status !== 101) {
      this.#response.informational.push(status);
      return true;
    }
    Object.assign(this.#response, { status, reason: match[2] ?? "", headers });
    return this.#framing(status, headers);
  }

  #framing(status: number, headers: [string, string][]): boolean {
    const values = (name: string): string[] =>
      headers.filter(([n]) => n.toLowerCase() === name).map(([, v]) => v);
    const lengths = values("content-length");
    const [coding] = values("transfer-encoding");
    if (this.#method === "HEAD" || status === 204 || status === 304 || status === 101) this.#step = "done";
    else if (coding !== undefined && lengths.length > 0)
      return this.#fail("both content-length and transfer-encoding");
    else if (coding !== undefined) {
      if (coding.toLowerCase() !== "chunked") return this.#fail(`unknown transfer-encoding ${coding}`);
      this.#step = "chunk-size";
    } else if (lengths.length > 0) {
      if (lengths.length > 1 || !/^\d+$/.test(lengths[0] ?? ""))
        return this.#fail(`bad content-length ${lengths.join()}`);
      this.#left = this.#length = Number(lengths[0]);
      this.#step = this.#length === 0 ? "done" : "length";
    } else this.#step = "close";
    return true;
  }

  #bodyBytes(): boolean {
    if (this.#buffer.length === 0) return false;
    if (this.#left > 0) {
      const bytes = this.#take(Math.min(this.#left, this.#buffer.length));
      this.#body.push(bytes);
      this.#left -= bytes.length;
      if (this.#left === 0 && this.#step === "length") this.#step = "done";
      return true;
    }
    if (this.#buffer.length < 2) return false;
    if (this.#take(2).toString("latin1") !== CRLF) return this.#fail("no line end after a chunk");
    this.#step = "chunk-size";
    return true;
  }

  #chunkSize(): boolean {
    const end = this.#buffer.indexOf(CRLF);
    if (end < 0) return false;
    const line = this.#take(end + 2)
      .toString("latin1")
      .slice(0, -2);
    if (!/^[0-9a-f]+(;.*)?$/i.test(line)) return this.#fail(`bad chunk size ${JSON.stringify(line)}`);
    this.#left = parseInt(line, 16);
    this.#step = this.#left === 0 ? "trailers" : "chunk";
    return true;
  }

  #trailers(): boolean {
    const none = this.#buffer.subarray(0, 2).toString("latin1") === CRLF;
    const end = none ? 0 : this.#buffer.indexOf(CRLF + CRLF);
    if (end < 0) return false;
    const text = this.#take(none ? 2 : end + 4).toString("latin1");
    const trailers = none ? [] : this.#fields(text.slice(0, -4).split(CRLF));
    if (trailers === undefined) return false;
    this.#response.trailers = trailers;
    this.#step = "done";
    return true;
  }

  #fields(lines: string[]): [string, string][] | undefined {
    const fields: [string, string][] = [];
    for (const line of lines) {
      const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/s.exec(line);
      if (match === null || /[\r\n\0]/.test(line)) {
        this.#fail(`bad header line ${JSON.stringify(line)}`);
        return undefined;
      }
      fields.push([match[1] ?? "", match[2] ?? ""]);
    }
    return fields;
  }

  #take(count: number): Buffer {
    const bytes = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return bytes;
  }

  #fail(problem: string): false {
    this.#response.problem = problem;
    this.#step = "broken";
    return false;
  }
}

// The upload of one blob: at once if it is small, else in chunks that go on where a broken connection stopped.
import { OciError } from "./error.ts";
import type { Blob } from "./image.ts";
import type { HttpAnswer } from "./http.ts";
import type { Registry } from "./registry.ts";

/** How a blob is uploaded. */
export interface UploadOptions {
  /** Blobs larger than this go in chunks of this size. Default: 8 MiB, which all storages take. */
  readonly chunkBytes?: number | undefined;
  /** Told how much has been sent. */
  readonly onProgress?: ((sent: number, total: number) => void) | undefined;
}

const CHUNK_BYTES = 8 * 1024 * 1024;
/** A chunk that makes no progress so often is given up. */
const STALLS = 4;
const SESSIONS = 3;
const BYTES = { "content-type": "application/octet-stream" };

/** Uploads a blob unless the registry has it. Resolves with whether it was sent. */
export async function uploadBlob(
  registry: Registry,
  blob: Blob,
  options: UploadOptions = {},
): Promise<boolean> {
  if (await hasBlob(registry, blob)) return false;
  for (let session = 1; ; session++) {
    const upload = new Upload(registry, blob, options);
    try {
      await upload.run();
      return true;
    } catch (error) {
      await upload.abandon();
      if (!(error instanceof SessionLost)) throw error;
      if (session >= SESSIONS) throw error.reason;
      await registry.backOff(session);
    }
  }
}

async function hasBlob(registry: Registry, { digest, title }: Blob): Promise<boolean> {
  const { status } = await registry.request({
    method: "HEAD",
    path: `blobs/${digest}`,
    what: `${title} could not be uploaded`,
    accept: [200, 404],
  });
  return status === 200;
}

/** The registry does not know the upload any more: a new one may do. */
class SessionLost extends Error {
  readonly reason: OciError;

  constructor(reason: OciError) {
    super(reason.message);
    this.reason = reason;
  }
}

class Upload {
  readonly #registry: Registry;
  readonly #blob: Blob;
  readonly #options: UploadOptions;
  readonly #what: string;
  #location: URL | undefined;

  constructor(registry: Registry, blob: Blob, options: UploadOptions) {
    this.#registry = registry;
    this.#blob = blob;
    this.#options = options;
    this.#what = `${blob.title} could not be uploaded`;
  }

  async run(): Promise<void> {
    const answer = await this.#registry.request({
      method: "POST",
      path: "blobs/uploads/",
      what: this.#what,
      accept: [202],
    });
    this.#move(answer);
    const least = Number(answer.headers["oci-chunk-min-length"]) || 0;
    const chunk = Math.max(this.#options.chunkBytes ?? CHUNK_BYTES, least);
    const { data } = this.#blob;
    const whole = data.length <= chunk || !(await this.#sendChunks(chunk));
    await this.#finish(whole ? data : undefined);
    this.#location = undefined;
  }

  /** Tells the registry that nothing more will come, so that it keeps no half. Never fails. */
  async abandon(): Promise<void> {
    if (this.#location === undefined) return;
    const path = this.#location;
    this.#location = undefined;
    await this.#registry
      .request({
        method: "DELETE",
        path,
        what: this.#what,
        accept: [200, 202, 204, 404, 405],
        attempts: 2,
        always: true,
      })
      .catch(() => {});
  }

  /** False if the registry takes no chunks. */
  async #sendChunks(chunk: number): Promise<boolean> {
    const { data } = this.#blob;
    let at = 0;
    let stalls = 0;
    while (at < data.length) {
      const end = Math.min(at + chunk, data.length);
      const reached = await this.#sendChunk(at, end);
      if (reached === "unsupported") return at > 0 ? this.#lost("it took one chunk, and no second") : false;
      stalls = reached > at ? 0 : stalls + 1;
      if (stalls >= STALLS) return this.#lost("no more bytes arrive");
      if (stalls > 0) await this.#registry.backOff(stalls);
      at = reached;
    }
    return true;
  }

  /** How many bytes of the blob the registry has after it. */
  async #sendChunk(at: number, end: number): Promise<number | "unsupported"> {
    let answer: HttpAnswer;
    try {
      answer = await this.#registry.request({
        method: "PATCH",
        path: this.#where(),
        headers: { ...BYTES, "content-range": `${at}-${end - 1}` },
        body: this.#blob.data.subarray(at, end),
        onSent: (sent) => this.#progress(at + sent),
        what: this.#what,
        accept: [202, 404, 405, 415, 416, 501],
        attempts: 1,
      });
    } catch (error) {
      if (!(error instanceof OciError && error.passing)) throw error;
      return this.#resume(error);
    }
    if (answer.status === 404) return this.#lost("the registry does not know the upload any more");
    if (answer.status === 416) return this.#resume();
    if (answer.status !== 202) return "unsupported";
    this.#move(answer);
    return received(answer) ?? end;
  }

  /** Asks how far the upload has come. The failure that led here is thrown if that cannot be known. */
  async #resume(failure?: OciError): Promise<number> {
    const answer = await this.#registry.request({
      method: "GET",
      path: this.#where(),
      what: this.#what,
      accept: [204, 404, 405],
    });
    if (answer.status !== 204) {
      // Some registries know an upload only by what their last answer said, and that answer was lost.
      if (failure !== undefined) throw new SessionLost(failure);
      return this.#lost("the registry lost the upload");
    }
    this.#move(answer);
    return received(answer) ?? 0;
  }

  async #finish(body: Buffer | undefined): Promise<void> {
    const url = new URL(this.#where());
    url.searchParams.set("digest", this.#blob.digest);
    let answer: HttpAnswer;
    try {
      answer = await this.#registry.request({
        method: "PUT",
        path: url,
        headers: BYTES,
        body: body ?? Buffer.alloc(0),
        ...(body && { onSent: (sent: number) => this.#progress(sent) }),
        what: this.#what,
        accept: [200, 201, 202, 204, 400, 404, 416],
        // What has arrived of the body is not known, so that only a new upload is safe.
        attempts: 1,
      });
    } catch (error) {
      if (!(error instanceof OciError && error.passing)) throw error;
      // The answer may have been lost, and the blob be there.
      if (await hasBlob(this.#registry, this.#blob)) return;
      throw new SessionLost(error);
    }
    if ([400, 404, 416].includes(answer.status))
      this.#lost(`the registry refused its end (${answer.status})`);
  }

  #where(): URL {
    if (this.#location === undefined) throw new OciError(`${this.#what}: the registry gave no place for it`);
    return this.#location;
  }

  /** Follows the registry: each answer may name another place for what comes next. */
  #move(answer: HttpAnswer): void {
    const { location } = answer.headers;
    if (location !== undefined) this.#location = new URL(location, answer.url);
  }

  #progress(sent: number): void {
    this.#options.onProgress?.(sent, this.#blob.data.length);
  }

  #lost(why: string): never {
    throw new SessionLost(
      new OciError(`${this.#what}: ${why}`, { advice: "Try again. Nothing was published." }),
    );
  }
}

/** From the header Range: 0-N means that N + 1 bytes are there. */
function received({ headers }: HttpAnswer): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(headers["range"] ?? "")?.[1];
  if (last === undefined) return undefined;
  // Nothing at all is written in the same way as one byte.
  return last === "0" ? 0 : Number(last) + 1;
}

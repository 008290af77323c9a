// A registry in memory, as far as pushes and pulls need one, that fails as it is told.
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What to do with a request instead of, or on top of, what a registry does. */
export type Fault =
  /** Cut the connection at once, after so many bytes of the body, or after the work is done. */
  | "reset"
  | { readonly cutAfter: number }
  | "lose the answer"
  /** Answer so. */
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

/** How it behaves. */
export interface FakeOptions {
  readonly basic?: string;
  /** `user:password`, or `anonymous`: then everybody gets a token. */
  readonly bearer?: { readonly login: string; readonly mayPush?: boolean };
  /** Whether uploads may come in chunks. Default: true. */
  readonly chunks?: boolean;
  /** Told of each request, in order; may make it fail. */
  readonly fault?: (request: string, count: number) => Fault | undefined;
  /** Where blobs are: a redirect to there instead of the blob. */
  readonly blobsAt?: string;
  readonly realm?: string;
}

/** A running one. */
export interface FakeRegistry extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly blobs: Map<string, Buffer>;
  /** By `<repository>:<tag or digest>`. */
  readonly manifests: Map<string, { type: string; body: Buffer }>;
  /** Uploads that have begun and not ended. */
  readonly uploads: Map<string, Buffer>;
  /** `METHOD path`, without the parts that differ from time to time. */
  readonly log: string[];
  /** The values of the header Authorization, one per request. */
  readonly authorizations: (string | undefined)[];
  options: FakeOptions;
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Starts one on a free port. */
export async function startFakeRegistry(options: FakeOptions = {}): Promise<FakeRegistry> {
  const sockets = new Set<Socket>();
  const counts = new Map<string, number>();
  const server = createServer(
    (request, response) => void serve(request, response).catch(() => response.destroy()),
  );
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const registry: FakeRegistry = {
    ...{
      host,
      blobs: new Map(),
      manifests: new Map(),
      uploads: new Map(),
      log: [],
      authorizations: [],
      options,
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", `http://${host}`);
    const line = `${request.method} ${url.pathname.replace(/\/uploads\/[0-9a-f-]{36}/, "/uploads/ID")}`;
    registry.log.push(line);
    registry.authorizations.push(request.headers.authorization);
    const count = (counts.get(line) ?? 0) + 1;
    counts.set(line, count);
    const fault = registry.options.fault?.(line, count);
    if (fault === "reset") return void request.socket.destroy();
    const upload = uploadOf(url);
    const cut = typeof fault === "object" && "cutAfter" in fault ? fault.cutAfter : Infinity;
    const body = await receive(request, cut, (piece) => {
      // Registries keep what has arrived of a chunk.
      const before = registry.uploads.get(upload);
      if (request.method === "PATCH" && before && registry.options.chunks !== false)
        registry.uploads.set(upload, Buffer.concat([before, piece]));
    });
    if (body === undefined) return;
    if (typeof fault === "object" && "status" in fault)
      return void response.writeHead(fault.status, fault.headers).end(fault.body);
    if (fault === "lose the answer") {
      const nowhere = {
        writeHead: () => nowhere,
        end: () => request.socket.destroy(),
      } as unknown as ServerResponse;
      return handle(request, nowhere, url, body);
    }
    return handle(request, response, url, body);
  }

  function handle(request: IncomingMessage, response: ServerResponse, url: URL, body: Buffer): void {
    const answer = (
      status: number,
      headers: Record<string, string> = {},
      content?: Buffer | string,
    ): void => {
      response.writeHead(status, headers);
      response.end(content);
    };
    const error = (status: number, code: string): void =>
      answer(
        status,
        { "content-type": "application/json" },
        JSON.stringify({ errors: [{ code, message: `${code}!` }] }),
      );
    if (url.pathname === "/token") return token(request, url, answer);
    if (!authorized(request)) {
      const { basic, realm } = registry.options;
      const challenge = basic
        ? `Basic realm="${realm ?? "fake"}"`
        : `Bearer realm="${realm ?? `http://${host}/token`}",service="fake",scope="whatever"`;
      return answer(
        401,
        { "www-authenticate": challenge },
        JSON.stringify({ errors: [{ code: "UNAUTHORIZED" }] }),
      );
    }
    const [, repository = "", kind, name = ""] =
      /^\/v2\/(.+)\/(blobs|manifests)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "manifests") {
      const key = `${repository}:${decodeURIComponent(name)}`;
      if (request.method === "PUT") {
        const { layers, config } = JSON.parse(body.toString()) as Record<
          string,
          { digest: string }[] & { digest: string }
        >;
        const missing = [...(layers ?? []), ...(config ? [config] : [])].some(
          (each) => !registry.blobs.has(each.digest),
        );
        if (missing) return error(400, "MANIFEST_BLOB_UNKNOWN");
        const stored = { type: request.headers["content-type"] ?? "", body };
        registry.manifests.set(key, stored).set(`${repository}:${sha256(body)}`, stored);
        return answer(201, { "docker-content-digest": sha256(body) });
      }
      const found = registry.manifests.get(key);
      if (!found) return error(404, "MANIFEST_UNKNOWN");
      return answer(200, { "content-type": found.type }, found.body);
    }
    if (url.pathname === "/v2/") return answer(200);
    if (kind !== "blobs") return error(404, "NAME_UNKNOWN");
    if (name.startsWith("uploads/")) return upload(request, url, body, repository, answer, error);
    const blob = registry.blobs.get(name);
    if (!blob) return error(404, "BLOB_UNKNOWN");
    if (registry.options.blobsAt && request.method === "GET")
      return answer(307, { location: `${registry.options.blobsAt}/${name}` });
    return answer(
      200,
      { "content-length": String(blob.length) },
      request.method === "HEAD" ? undefined : blob,
    );
  }

  function upload(
    request: IncomingMessage,
    url: URL,
    body: Buffer,
    repository: string,
    answer: (status: number, headers?: Record<string, string>) => void,
    error: (status: number, code: string) => void,
  ): void {
    const id = uploadOf(url);
    const have = registry.uploads.get(id);
    const where = (bytes: number): Record<string, string> => ({
      // Relative, and with a query that has to come back.
      location: `/v2/${repository}/blobs/uploads/${id}?state=${bytes}`,
      range: `0-${Math.max(0, bytes - 1)}`,
    });
    if (request.method === "POST") {
      const fresh = randomUUID();
      registry.uploads.set(fresh, Buffer.alloc(0));
      return answer(202, { location: `/v2/${repository}/blobs/uploads/${fresh}?state=0`, range: "0-0" });
    }
    if (have === undefined) return error(404, "BLOB_UPLOAD_UNKNOWN");
    if (request.method === "GET") return answer(204, where(have.length));
    if (request.method === "DELETE") {
      registry.uploads.delete(id);
      return answer(204);
    }
    if (request.method === "PATCH") {
      if (registry.options.chunks === false) return error(405, "UNSUPPORTED");
      const [first, last] = (request.headers["content-range"] ?? "").split("-").map(Number);
      // The pieces have been added while they came.
      if (first !== have.length - body.length || last !== have.length - 1) return error(416, "RANGE_INVALID");
      return answer(202, where(have.length));
    }
    const whole = Buffer.concat([have, body]);
    const digest = url.searchParams.get("digest") ?? "";
    if (sha256(whole) !== digest || url.searchParams.get("state") === null)
      return error(400, "DIGEST_INVALID");
    registry.uploads.delete(id);
    registry.blobs.set(digest, whole);
    return answer(201);
  }

  function token(
    request: IncomingMessage,
    url: URL,
    answer: (status: number, headers?: Record<string, string>, content?: string) => void,
  ): void {
    const { bearer } = registry.options;
    const given = request.headers.authorization?.replace("Basic ", "") ?? "";
    const login = Buffer.from(given, "base64").toString();
    if (request.method === "GET" && bearer?.login !== "anonymous" && login !== bearer?.login)
      return answer(401);
    const scope = url.searchParams.get("scope") ?? "";
    answer(200, {}, JSON.stringify({ token: `${scope} ${randomUUID()}` }));
  }

  function authorized(request: IncomingMessage): boolean {
    const { basic, bearer } = registry.options;
    const given = request.headers.authorization ?? "";
    if (basic) return given === `Basic ${Buffer.from(basic).toString("base64")}`;
    if (!bearer) return true;
    const writes = request.method !== "GET" && request.method !== "HEAD";
    return given.startsWith("Bearer repository:") && !(writes && bearer.mayPush === false);
  }

  return registry;
}

function uploadOf(url: URL): string {
  return /\/uploads\/([0-9a-f-]{36})/.exec(url.pathname)?.[1] ?? "";
}

/** The body; undefined if the connection was cut. */
function receive(
  request: IncomingMessage,
  cutAfter: number,
  onPiece: (piece: Buffer) => void,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let size = 0;
    request.on("data", (piece: Buffer) => {
      const kept = piece.subarray(0, Math.max(0, cutAfter - size));
      size += piece.length;
      pieces.push(kept);
      onPiece(kept);
      if (size < cutAfter) return;
      request.socket.destroy();
      resolve(undefined);
    });
    request.on("end", () => resolve(Buffer.concat(pieces)));
    request.on("error", () => resolve(undefined));
  });
}

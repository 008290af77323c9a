// A repository in a registry: requests with the login, retries with pauses, and errors that say what to do.
import { setTimeout as sleep } from "node:timers/promises";

import { Auth } from "./auth.ts";
import { OciError } from "./error.ts";
import { formatReference, isLoopback, registryHost } from "./reference.ts";
import { send } from "./http.ts";
import type { Credentials } from "./credentials.ts";
import type { HttpAnswer, HttpRequest, Send } from "./http.ts";
import type { ImageReference } from "./reference.ts";

/** How a registry is reached. */
export interface RegistryOptions {
  readonly credentials: () => Promise<Credentials | undefined>;
  /** Speak HTTP, not HTTPS. Default: only to this machine. */
  readonly plainHttp?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of what is tried again. */
  readonly onRetry?: ((what: string) => void) | undefined;
  /** Time to the second attempt, in ms; it doubles with each further one. Default: 250. */
  readonly pauseMs?: number | undefined;
  readonly send?: Send | undefined;
}

/** A request below `/v2/<repository>/`, or to a URL that the registry gave. */
export interface RegistryRequest extends Omit<HttpRequest, "url" | "signal"> {
  readonly path: string | URL;
  /** What is done, for messages: "the manifest could not be written". */
  readonly what: string;
  /** Statuses that are answers, not failures. */
  readonly accept: readonly number[];
  /** How often it is sent at most, if failures may pass. Default: 5. */
  readonly attempts?: number | undefined;
  /** Sent even if the whole has been interrupted: it tidies up. */
  readonly always?: boolean | undefined;
}

const ATTEMPTS = 5;
const MAX_PAUSE_MILLISECONDS = 30_000;
const MAX_REDIRECTS = 5;
/** Failures of a connection that another attempt may not have. */
const PASSING = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
]);

/** A repository that is pulled from or pushed to. */
export class Registry {
  readonly reference: ImageReference;
  readonly #options: RegistryOptions;
  readonly #base: URL;
  readonly #auth: Auth;
  readonly #send: Send;

  constructor(reference: ImageReference, actions: "pull" | "pull,push", options: RegistryOptions) {
    this.reference = reference;
    this.#options = options;
    this.#send = options.send ?? send;
    const plain = options.plainHttp ?? isLoopback(reference.registry);
    this.#base = new URL(
      `${plain ? "http" : "https"}://${registryHost(reference)}/v2/${reference.repository}/`,
    );
    this.#auth = new Auth({
      registry: reference.registry,
      scope: `repository:${reference.repository}:${actions}`,
      credentials: options.credentials,
      send: (request) => this.#send({ ...request, ...this.#signal() }),
      plain,
    });
  }

  /** Sends a request until it is answered as accepted. Rejects with an OciError that says what failed. */
  async request(request: RegistryRequest): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(request);
      if (!("error" in outcome)) return outcome;
      if (!outcome.error.passing || attempt >= (request.attempts ?? ATTEMPTS)) throw outcome.error;
      this.#options.onRetry?.(outcome.error.message);
      await this.backOff(attempt, outcome.pause);
    }
  }

  /** Waits before the next attempt; rejects when it is interrupted. */
  async backOff(attempt: number, asked?: number): Promise<void> {
    const pause = asked ?? (this.#options.pauseMs ?? 250) * 2 ** (attempt - 1);
    await sleep(Math.min(pause, MAX_PAUSE_MILLISECONDS), undefined, this.#signal()).catch(() => {
      throw interrupted();
    });
  }

  #signal(always = false): { signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal === undefined || always ? {} : { signal };
  }

  async #attempt(request: RegistryRequest): Promise<HttpAnswer | Failure> {
    let answer: HttpAnswer;
    try {
      answer = await this.#authorized(request);
    } catch (error) {
      if (error instanceof OciError) throw error;
      if (this.#options.signal?.aborted) throw interrupted();
      return { error: this.#unreachable(request, error as NodeJS.ErrnoException) };
    }
    if (request.accept.includes(answer.status)) return answer;
    return { error: this.#refused(request, answer), pause: retryAfter(answer) };
  }

  /** Sends, and once more with a login if that is what is wanted. */
  async #authorized(request: RegistryRequest): Promise<HttpAnswer> {
    const before = this.#auth.header;
    const first = await this.#follow(request);
    if (first.status !== 401 || first.url.origin !== this.#base.origin) return first;
    await this.#auth.answer(first);
    // The same credentials once more: they are wrong. A token may have run out.
    if (before !== undefined && before === this.#auth.header) return first;
    return this.#follow(request);
  }

  async #follow(request: RegistryRequest): Promise<HttpAnswer> {
    let url = new URL(request.path, this.#base);
    for (let hop = 0; ; hop++) {
      // What the registry is trusted with is not for the servers that it points to.
      const authorization = url.origin === this.#base.origin ? this.#auth.header : undefined;
      const answer = await this.#send({
        ...request,
        url,
        headers: { ...request.headers, ...(authorization && { authorization }) },
        ...this.#signal(request.always),
      });
      const { location } = answer.headers;
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
      const next = new URL(location, url);
      if (hop >= MAX_REDIRECTS || (url.protocol === "https:" && next.protocol !== "https:"))
        throw new OciError(
          `${this.reference.registry} redirects ${hop >= MAX_REDIRECTS ? "in circles" : `to ${next.origin}, without TLS`}`,
        );
      url = next;
    }
  }

  #unreachable({ what }: RegistryRequest, cause: NodeJS.ErrnoException): OciError {
    const { registry } = this.reference;
    const { code = "" } = cause;
    const reason = cause.message || code;
    let advice = "Check its name, and the network.";
    if (code === "ECONNREFUSED") advice = "Is it running? Check its name and its port.";
    else if (
      code === "EPROTO" ||
      code === "ERR_SSL_WRONG_VERSION_NUMBER" ||
      /wrong version number|packet length/.test(reason)
    )
      advice = "It may speak HTTP without TLS: if you mean that, add --plain-http.";
    else if (code.startsWith("HPE_")) advice = "It may speak HTTPS: if you mean that, add --no-plain-http.";
    else if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER/.test(code))
      advice = "Give the authority that signed its certificate: NODE_EXTRA_CA_CERTS=ca.pem";
    return new OciError(`${what}: ${registry} cannot be reached (${reason})`, {
      advice,
      passing: PASSING.has(code) || reason.includes("socket hang up"),
      cause,
    });
  }

  #refused({ what, method }: RegistryRequest, answer: HttpAnswer): OciError {
    const { registry, repository } = this.reference;
    const said = reasons(answer.body);
    const { status } = answer;
    const passing = status === 408 || status === 429 || (status >= 500 && status !== 501);
    const error = (why: string, advice?: string): OciError =>
      new OciError(`${what}: ${why}${said === "" ? "" : ` (${said})`}`, { advice, passing });
    if (status === 401) return this.#auth.refused();
    if (status === 403)
      return error(
        `${registry} does not allow it`,
        `Whoever is logged in has no right to ${repository}, or the registry does not know that name.`,
      );
    if (status === 404)
      return ["GET", "HEAD"].includes(method)
        ? error(
            `${registry} has no ${formatReference(this.reference)}`.replace(`${registry}/`, ""),
            "Check the name and the tag.",
          )
        : error(
            `${registry} has no repository ${repository}`,
            "Check the name. Some registries want a repository to be created before anything is pushed to it.",
          );
    if (status === 413) return error(`it is too large for ${registry}, or for a proxy before it`);
    if (status === 429) return error(`${registry} has had too many requests`, "Wait a while.");
    if (status >= 500) return error(`${registry} is in trouble: it answered ${status}`, "Try again later.");
    return error(`${registry} answered ${status}`);
  }
}

/** An attempt that failed, and how long the registry wants to be left alone. */
interface Failure {
  readonly error: OciError;
  readonly pause?: number | undefined;
}

function interrupted(): OciError {
  return new OciError("interrupted");
}

function retryAfter({ headers }: HttpAnswer): number | undefined {
  const seconds = Number(headers["retry-after"]);
  return Number.isFinite(seconds) && headers["retry-after"] !== undefined
    ? Math.max(0, seconds) * 1000
    : undefined;
}

/** What a registry says about an error, on one line. */
function reasons(body: Buffer): string {
  try {
    const { errors } = JSON.parse(body.toString()) as { errors?: { code?: string; message?: string }[] };
    return (errors ?? [])
      .map(({ code, message }) => [code, message].filter(Boolean).join(": "))
      .join("; ")
      .replace(/\p{Cc}+/gu, " ")
      .slice(0, 300);
  } catch {
    return "";
  }
}

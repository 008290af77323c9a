// Answers a registry's 401: with a user name and a password, or with a token that its token server gives for them.
import { OciError } from "./error.ts";
import { parseChallenges } from "./challenge.ts";
import type { Challenge } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import type { HttpAnswer, Send } from "./http.ts";

/** What it needs to know. */
export interface AuthOptions {
  readonly registry: string;
  /** Such as `repository:team/filter:pull,push`. */
  readonly scope: string;
  readonly credentials: () => Promise<Credentials | undefined>;
  readonly send: Send;
  /** Credentials may go over plain HTTP: the registry itself is spoken to so. */
  readonly plain: boolean;
}

/** The state of one login. */
export class Auth {
  readonly #options: AuthOptions;
  #header: string | undefined;
  #credentials: Credentials | undefined;

  constructor(options: AuthOptions) {
    this.#options = options;
  }

  /** The value of the header Authorization, if there is one. */
  get header(): string | undefined {
    return this.#header;
  }

  /** What it means that the registry answers 401 all the same. */
  refused(): OciError {
    const { registry, scope } = this.#options;
    if (this.#credentials === undefined) return this.#nobody();
    // A token server that knew nobody would have given no token.
    if (this.#header?.startsWith("Bearer ") !== true) return wrongLogin(registry, this.#credentials.source);
    return new OciError(`${registry} does not allow it to ${this.#credentials.username}`, {
      advice: `The login is right, but has no right to ${scope.split(":").slice(1).join(" to ")}.`,
    });
  }

  /**
   * Makes the header that an answer of 401 asks for. Throws an OciError if nobody is logged in, or if the token server
   * refuses.
   */
  async answer(refusal: HttpAnswer): Promise<void> {
    const challenges = parseChallenges(refusal.headers["www-authenticate"] ?? "");
    const credentials = await this.#options.credentials();
    this.#credentials = credentials;
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) {
      this.#header = `Bearer ${await this.#token(bearer, credentials)}`;
      return;
    }
    if (!challenges.some(({ scheme }) => scheme === "basic"))
      throw new OciError(
        `${this.#options.registry} asks for a login of a kind that is not known: ${refusal.headers["www-authenticate"] ?? "(no header)"}`,
      );
    if (credentials === undefined) throw this.#nobody();
    this.#header = basic(credentials);
  }

  async #token(challenge: Challenge, credentials: Credentials | undefined): Promise<string> {
    const { registry, scope, send } = this.#options;
    const realm = challenge.parameters["realm"] ?? "";
    const url = URL.canParse(realm) ? new URL(realm) : undefined;
    const safe = url?.protocol === "https:" || (url?.protocol === "http:" && this.#options.plain);
    if (url === undefined || !safe)
      throw new OciError(`${registry} names a token server that cannot be used: ${JSON.stringify(realm)}`, {
        advice: "It must be a URL with https. The registry's configuration (realm) is wrong.",
      });
    const service = challenge.parameters["service"];
    const answer = await (credentials?.identityToken === undefined
      ? send({
          method: "GET",
          url: withQuery(url, { service, scope }),
          ...(credentials && { headers: { authorization: basic(credentials) } }),
        })
      : send(refresh(url, credentials.identityToken, service, scope)));
    if (answer.status === 401 || answer.status === 403) {
      if (credentials === undefined) throw this.#nobody();
      throw wrongLogin(registry, credentials.source);
    }
    const token = answer.status === 200 ? tokenOf(answer.body) : undefined;
    if (token === undefined)
      throw new OciError(
        `the token server ${url.host} of ${registry} gave no token: it answered ${answer.status}`,
        {
          advice: "Try again later; if it stays so, the registry's configuration is wrong.",
        },
      );
    return token;
  }

  #nobody(): OciError {
    const { registry } = this.#options;
    return new OciError(`${registry} wants a login, and nobody is logged in`, {
      advice: `Log in: docker login ${registry} (or podman, oras, crane). Only the file they write is needed.`,
    });
  }
}

function wrongLogin(registry: string, source: string | undefined): OciError {
  return new OciError(`${registry} refuses the user name or the password`, {
    advice: `They come from ${source ?? "docker's config.json"}. Log in again: docker login ${registry}`,
  });
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function withQuery(url: URL, query: Readonly<Record<string, string | undefined>>): URL {
  const result = new URL(url);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) result.searchParams.set(name, value);
  return result;
}

function refresh(url: URL, token: string, service: string | undefined, scope: string): Parameters<Send>[0] {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: token,
    client_id: "proxy-wasm-as",
    scope,
    ...(service !== undefined && { service }),
  });
  return {
    method: "POST",
    url,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(form.toString()),
  };
}

function tokenOf(body: Buffer): string | undefined {
  try {
    const { token, access_token: access } = JSON.parse(body.toString()) as Record<string, unknown>;
    const found = token ?? access;
    return typeof found === "string" && found !== "" && !/[\r\n]/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

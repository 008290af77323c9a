// HTTP callouts of one root context.
import { HeaderMap } from "./header-map.ts";
import { HttpCallout } from "./http-callout.ts";
import { Status } from "./statuses.ts";
import { unreadablePairs } from "./misuse.ts";
import { toText } from "./byte-string.ts";
import type { Answer, HttpCallArguments } from "./hostcalls.ts";
import type { CalloutResponse } from "./http-callout.ts";
import type { RootContext } from "./root-context.ts";

const REQUIRED = [":method", ":path", ":authority"];
/** Envoy reads the timeout as a signed number and refuses a negative one. */
const MAX_TIMEOUT = 2 ** 31;

/** Sends HTTP callouts and delivers their answers, always on the root context. */
export class HttpCallouts {
  /** The answer that is being delivered; null while there is none, or when the callout ended without one. */
  response: CalloutResponse | null = null;
  readonly #root: RootContext;

  constructor(root: RootContext) {
    this.#root = root;
  }

  /** `proxy_http_call`. A refused call uses up its token. */
  open(call: HttpCallArguments): Answer<{ token: number }> {
    const { services, envoyVm, worker } = this.#root.plugin;
    const token = envoyVm.takeToken("http");
    const cluster = toText(call.cluster);
    if (call.headers === null || call.trailers === null) {
      services.misuse(
        "header-pairs",
        unreadablePairs(`the headers or trailers of a callout to ${cluster}`, "takes them for none"),
      );
    }
    const state = services.options.clusterState(call.cluster);
    const headers = new HeaderMap("request-headers", call.headers ?? []);
    const missing = REQUIRED.filter((name) => headers.get(name) === null);
    if (state === "unknown" || missing.length > 0 || call.timeoutMilliseconds >= MAX_TIMEOUT) {
      const reason =
        state === "unknown"
          ? "the cluster is unknown"
          : missing.length > 0
            ? `${missing.join(", ")} missing`
            : "negative timeout";
      services.log.add(1, `callout to ${cluster} refused: ${reason}`, "host", 0, "", worker);
      return Status.BadArgument;
    }
    if (state === "no-hosts") return Status.InternalFailure;
    if (headers.get(":scheme") === null) headers.set(":scheme", "http");
    if (call.body.length > 0) headers.set("content-length", String(call.body.length));
    headers.set("x-envoy-internal", "true");
    if (call.timeoutMilliseconds > 0)
      headers.set("x-envoy-expected-rq-timeout-ms", String(call.timeoutMilliseconds));
    const callout = new HttpCallout(this.#root, {
      token,
      cluster: call.cluster,
      headers: headers.entries,
      body: Buffer.from(call.body),
      trailers: call.trailers ?? [],
      timeout: call.timeoutMilliseconds,
    });
    services.httpCallouts.add(callout);
    services.post(() => services.options.onHttpCallout(callout));
    return { token };
  }

  /** Delivers an answer, or null for none. Status and maps are valid only meanwhile. */
  onResponse(token: number, response: CalloutResponse | null): void {
    const root = this.#root;
    this.response = response;
    if (response === null) root.status = { code: Status.BrokenConnection, message: "reset" };
    const { headers, body, trailers } = response ?? { headers: [], body: [], trailers: [] };
    root.deliver("proxy_on_http_call_response", token, headers.length, body.length, trailers.length);
    this.response = null;
    root.status = { code: root.status.code, message: "" };
  }
}

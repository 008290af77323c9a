// What a guest may ask of its HTTP stream: resume it, close it, answer it. Done when the running callback has returned.
import * as misuse from "./misuse.ts";
import { Status } from "./statuses.ts";
import { toText } from "./byte-string.ts";
import type { ByteString } from "./byte-string.ts";
import type { HttpContext } from "./http-context.ts";
import type { LocalResponseArguments } from "./hostcalls.ts";

/** The last callbacks of a stream: in them nothing may be asked any more. */
export type EndPhase = "log" | "done" | "delete";

/** The requests of one filter of a stream. */
export class HttpActions {
  /** Local responses that the guest has asked for. */
  localReplies = 0;
  readonly #context: HttpContext;
  /** A local response was asked for in this callback: details of the last one. */
  #pendingDetails: ByteString | null = null;
  #localReplySent = false;
  /** One asked for in on_context_create, which Envoy sends when the next callback has returned. */
  #earlyReply: (() => void) | null = null;
  #closing = false;
  #resumingResponse = false;

  constructor(context: HttpContext) {
    this.#context = context;
  }

  /** `proxy_continue_stream(0)` and `(1)`. */
  resume(which: "request" | "response"): number {
    const { id, httpStream, plugin } = this.#context;
    const direction = httpStream[which];
    if (which === "response" && direction.headers === null) throw misuse.resumedWithoutResponse(id);
    if (which === "request" && httpStream.repliedByProxy && direction.pausedBy(this.#context))
      throw misuse.resumedAfterAnswer(id, toText(httpStream.codeDetails ?? ""));
    this.#resumingResponse ||= which === "response";
    plugin.envoyVm.vm.afterCall(() => {
      this.#resumingResponse = false;
      direction.resume(this.#context);
    });
    return Status.Ok;
  }

  /** `proxy_close_stream(0)` and `(1)`. */
  close(type: number, ending: EndPhase | null): number {
    const { id, httpStream, plugin } = this.#context;
    const call = `proxy_close_stream(${type})`;
    if (ending !== null) throw misuse.closedAfterEnd(id, ending, type);
    if (this.#pendingDetails !== null) throw misuse.endedTwice(id, "proxy_send_local_response", call);
    if (this.#closing) throw misuse.endedTwice(id, "proxy_close_stream", call);
    if (this.#resumingResponse) throw misuse.closedAfterResume(id);
    this.#closing = true;
    plugin.envoyVm.vm.afterCall(() => {
      this.#closing = false;
      httpStream.reset("wasm_close_stream");
    });
    return Status.Ok;
  }

  /** `proxy_send_local_response`. In one callback the first one is sent, with the details of the last. */
  reply(response: LocalResponseArguments, phase: EndPhase | "create" | null): number {
    const { id, plugin } = this.#context;
    const { services, envoyVm } = plugin;
    if (phase !== null && phase !== "create") throw misuse.answeredAfterEnd(id, phase);
    if (this.#closing) throw misuse.endedTwice(id, "proxy_close_stream", "proxy_send_local_response");
    if (phase === "create") services.misuse("no-stream", misuse.answeredTooEarly(id));
    if (response.headers === null) {
      const text = misuse.unreadablePairs("the headers of a local response", "sends it without them");
      services.misuse("header-pairs", text);
    }
    // Envoy replaces white space in details, because access logs are split at it.
    const details = response.details.replace(/[ \t\n\v\f\r]/g, "_");
    if (this.#pendingDetails === null) {
      const copy = { ...response, body: Buffer.from(response.body), headers: response.headers ?? [] };
      const send = (): void => this.#send(copy, details);
      if (phase === "create") this.#earlyReply = send;
      else envoyVm.vm.afterCall(send);
    }
    this.localReplies++;
    this.#pendingDetails = details;
    return Status.Ok;
  }

  /** Lets a reply that was asked for too early be sent after the callback that comes now. True if there was one. */
  takeEarlyReply(): boolean {
    if (this.#earlyReply === null) return false;
    this.#context.plugin.envoyVm.vm.afterCall(this.#earlyReply);
    this.#earlyReply = null;
    return true;
  }

  /** The VM has trapped: an empty 503, unless it was sent before or the deprecated option lets everything pass. */
  fail(): void {
    if (this.#context.plugin.config.failurePolicy === "FAIL_OPEN_LEGACY" || this.#localReplySent) return;
    this.#localReplySent = true;
    const details = "wasm_fail_stream";
    this.#context.httpStream.sendLocalReply({
      ...{ status: 503, body: Buffer.alloc(0), headers: [], grpcStatus: 14, details },
    });
  }

  #send(response: LocalResponseArguments & { readonly body: Buffer }, details: ByteString): void {
    const last = this.#pendingDetails ?? details;
    this.#pendingDetails = null;
    if (this.#localReplySent) return;
    this.#localReplySent = true;
    const { statusCode: status, body, headers, grpcStatus } = response;
    this.#context.httpStream.sendLocalReply({
      ...{ status, body, headers: headers ?? [], grpcStatus, details: last },
    });
  }
}

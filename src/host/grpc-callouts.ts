// gRPC calls and streams of one root context.
import { GrpcCallout } from "./grpc-callout.ts";
import { GrpcStatus, Status } from "./statuses.ts";
import { unreadablePairs } from "./misuse.ts";
import { HeaderMap } from "./header-map.ts";
import { HostError } from "./errors.ts";
import { bytesField, parseProto } from "./protobuf.ts";
import { unsupported } from "./not-emulated.ts";
import { toByteString, toLowerCase, toText } from "./byte-string.ts";
import type { Answer, GrpcCallArguments } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";
import type { Pair } from "./pairs.ts";
import type { RootContext } from "./root-context.ts";

/** The router's reply to a call for which there is no host, as trailing metadata. */
const NO_HOSTS: readonly Pair[] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
  ["grpc-status", "14"],
  ["grpc-message", "no healthy upstream"],
];

/** Opens gRPC callouts and delivers their events, always on the root context. */
export class GrpcCallouts {
  readonly #root: RootContext;
  readonly #open = new Map<number, GrpcCallout>();

  constructor(root: RootContext) {
    this.#root = root;
  }

  /** `proxy_grpc_call` and `proxy_grpc_stream`. */
  open(call: GrpcCallArguments, kind: "grpcCall" | "grpcStream"): Answer<{ token: number }> {
    const { services, envoyVm } = this.#root.plugin;
    const token = envoyVm.takeToken(kind);
    const target = readTarget(Buffer.from(call.target), (message) => services.warn(message));
    const state = services.options.clusterState(target.cluster);
    if (call.metadata === null) {
      services.misuse(
        "header-pairs",
        unreadablePairs("the metadata of a gRPC callout", "takes them for none"),
      );
    }
    if (state === "unknown" && !target.isProto) return Status.ParseFailure;
    const callout = new GrpcCallout(this, token, kind === "grpcCall" ? "call" : "stream", {
      cluster: target.cluster,
      service: call.service,
      method: call.method,
      metadata: (call.metadata ?? []).map(([name, value]) => [toLowerCase(name), value]),
      timeout: call.timeoutMilliseconds,
    });
    // The guest is told of the end of a callout whose token it was never given.
    if (state === "unknown") {
      services.post(() => this.#end(callout, GrpcStatus.Unavailable, "Cluster not available"));
      return Status.InternalFailure;
    }
    if (state === "no-hosts") {
      if (kind === "grpcStream") {
        // These reach the guest while it is still in proxy_grpc_stream, as they do in Envoy.
        this.onInitialMetadata(callout, []);
        this.#onTrailingMetadata(callout, NO_HOSTS);
      }
      const text = "no healthy upstream{no_healthy_upstream}";
      services.post(() => this.#end(callout, GrpcStatus.Unavailable, text));
      return Status.InternalFailure;
    }
    this.#open.set(token, callout);
    services.grpcCallouts.add(callout);
    if (call.message !== null) {
      callout.sent.push(Buffer.from(call.message));
      callout.localClosed = true;
    }
    if (call.timeoutMilliseconds > 0) {
      callout.timer = services.clock.schedule(call.timeoutMilliseconds, () =>
        callout.close(GrpcStatus.Unavailable, "upstream request timeout{response_timeout}"),
      );
    }
    services.post(() => services.options.onGrpcCallout(callout));
    return { token };
  }

  /** `proxy_grpc_send`: streams only. */
  send(token: number, message: Uint8Array, endStream: boolean): number {
    if ((token & 3) !== 2) return Status.BadArgument;
    const callout = this.#open.get(token);
    if (callout === undefined) return Status.NotFound;
    const copy = Buffer.from(message);
    callout.sent.push(copy);
    callout.localClosed ||= endStream;
    this.#root.plugin.services.post(() => {
      callout.onMessage?.(copy);
      if (endStream) callout.onMessage?.(null);
    });
    return Status.Ok;
  }

  /** `proxy_grpc_cancel`: nothing of the callout is delivered any more. */
  cancel(token: number): number {
    const callout = this.#find(token);
    if (typeof callout === "number") return callout;
    callout.cancelled = true;
    this.#forget(callout);
    return Status.Ok;
  }

  /** `proxy_grpc_close`: ends the guest's side of a stream; a call is cancelled. */
  close(token: number): number {
    const callout = this.#find(token);
    if (typeof callout === "number") return callout;
    if (callout.kind === "call") return this.cancel(token);
    callout.localClosed = true;
    if (callout.remoteClosed) this.#forget(callout);
    else this.#root.plugin.services.post(() => callout.onMessage?.(null));
    return Status.Ok;
  }

  onInitialMetadata(callout: GrpcCallout, metadata: readonly Pair[]): void {
    const root = this.#root;
    root.grpcInitialMetadata = new HeaderMap("response-headers", metadata);
    root.deliver("proxy_on_grpc_receive_initial_metadata", callout.token, root.grpcInitialMetadata.length);
    root.grpcInitialMetadata = null;
  }

  onMessage(callout: GrpcCallout, message: Buffer): void {
    const root = this.#root;
    root.grpcMessage = message;
    root.deliver("proxy_on_grpc_receive", callout.token, message.length);
    root.grpcMessage = null;
  }

  onSuccess(callout: GrpcCallout, message: Buffer): void {
    this.#forget(callout);
    this.onMessage(callout, message);
  }

  onClose(callout: GrpcCallout, status: number, message: ByteString, trailers: readonly Pair[]): void {
    callout.remoteClosed = true;
    if (callout.kind === "stream") this.#onTrailingMetadata(callout, trailers);
    this.#end(callout, status, message);
  }

  #onTrailingMetadata(callout: GrpcCallout, metadata: readonly Pair[]): void {
    const root = this.#root;
    root.grpcTrailingMetadata = new HeaderMap("response-trailers", metadata);
    root.deliver("proxy_on_grpc_receive_trailing_metadata", callout.token, root.grpcTrailingMetadata.length);
    root.grpcTrailingMetadata = null;
  }

  #end(callout: GrpcCallout, status: number, message: ByteString): void {
    const root = this.#root;
    const { clock, grpcCallouts } = root.plugin.services;
    callout.remoteClosed = true;
    clock.cancel(callout.timer);
    if (callout.cancelled) return;
    if (callout.kind === "call" || callout.localClosed) this.#forget(callout);
    grpcCallouts.delete(callout);
    root.status = { code: status, message };
    root.deliver("proxy_on_grpc_close", callout.token, status);
    root.status = { code: status, message: "" };
  }

  #find(token: number): GrpcCallout | number {
    if ((token & 3) !== 1 && (token & 3) !== 2) return Status.BadArgument;
    return this.#open.get(token) ?? Status.NotFound;
  }

  #forget(callout: GrpcCallout): void {
    const { clock, grpcCallouts } = this.#root.plugin.services;
    callout.remoteClosed = true;
    clock.cancel(callout.timer);
    this.#open.delete(callout.token);
    grpcCallouts.delete(callout);
  }
}

/** Which cluster the service bytes name: a serialized GrpcService, or, if they are no protobuf at all, the bare name. */
function readTarget(
  bytes: Buffer,
  warn: (message: string) => void,
): { cluster: ByteString; isProto: boolean } {
  const fields = parseProto(bytes);
  if (fields === null) {
    const cluster = toByteString(bytes);
    warn(
      `a gRPC callout names its cluster "${toText(cluster)}" bare; that works only while the name happens to be no protobuf (C6). Send a serialized GrpcService`,
    );
    return { cluster, isProto: false };
  }
  const envoyGrpc = bytesField(fields, 1);
  const cluster = envoyGrpc === null ? null : bytesField(parseProto(envoyGrpc) ?? new Map(), 1);
  if (cluster !== null && cluster.length > 0) return { cluster: toByteString(cluster), isProto: true };
  if (bytesField(fields, 2) !== null)
    throw unsupported("google-grpc", "a gRPC callout names a google_grpc target");
  throw new HostError(
    "grpc-service",
    `the service of a gRPC callout (${bytes.length} bytes, "${bytes.toString("latin1").slice(0, 40)}") parses as a protobuf that names no target (C6); Envoy aborts with SIGABRT. ` +
      "Send a serialized envoy.config.core.v3.GrpcService with envoy_grpc.cluster_name",
  );
}

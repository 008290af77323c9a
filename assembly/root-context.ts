// RootContext: one configured plugin in one VM. It receives the configuration and makes the streams.
// @ts-nocheck: callbacks to override have parameters that nothing here reads, which a strict project would be told.
import { BufferType, MapType, Status } from "./abi/types";
import { effectiveId, trackActive } from "./active-context";
import { Buffer } from "./buffer";
import { Configuration, keepConfiguration } from "./configuration";
import { BaseContext } from "./context";
import { HeaderMap } from "./header-map";
import * as hostcalls from "./hostcalls";
import { HttpContext } from "./http-context";
import { TcpContext } from "./tcp-context";

// What is registered without a root id stands in globals: those that stay null fold away with what they guard, and
// lazy ones that nothing mentions keep their classes out of the module as well.

/** @internal Makes a root context. */
// @ts-ignore: decorator
@lazy
export let rootFactory: (() => RootContext) | null = null;
/** @internal Makes an HTTP stream. */
// @ts-ignore: decorator
@lazy
export let httpFactory: (() => HttpContext) | null = null;
/** @internal Makes a TCP connection. */
// @ts-ignore: decorator
@lazy
export let tcpFactory: (() => TcpContext) | null = null;
/** @internal The one object that serves every HTTP stream of a module whose filter has no state. */
// @ts-ignore: decorator
@lazy
export let sharedStream: HttpContext | null = null;

/** @internal */
export function setSharedStream(stream: HttpContext): void {
  sharedStream = stream;
}

/** @internal */
export function setRootFactory(create: () => RootContext): void {
  rootFactory = create;
}

/** @internal */
export function setHttpFactory(create: () => HttpContext): void {
  httpFactory = create;
}

/** @internal */
export function setTcpFactory(create: () => TcpContext): void {
  tcpFactory = create;
}

/** @internal What is registered under a root id. */
@final
export class Registration {
  root: (() => RootContext) | null = null;
  http: (() => HttpContext) | null = null;
  tcp: (() => TcpContext) | null = null;
  next: Registration | null = null;

  constructor(readonly rootId: string) {}
}

/**
 * One configured plugin, on one thread. Subclass it to read configuration, to pass values to streams, or for
 * work of its own, and register the class with {@link registerRootContext}. A proxy makes one per worker thread
 * and one on its main thread, and a throw-away one to try the configuration.
 *
 * Spec: Proxy-Wasm v0.2.1, context lifecycle.
 */
export abstract class RootContext extends BaseContext {
  /** @internal What was registered under this context's root id; null for what has none. */
  __registration: Registration | null = null;

  /** @internal */
  __configuration: Configuration | null = null;

  /** The plugin's configuration, from {@link onConfigure} on and for as long as this context lives. */
  get configuration(): Configuration {
    let kept = this.__configuration;
    if (kept == null || !keepConfiguration) this.__configuration = kept = new Configuration(null);
    return kept;
  }

  /** The configuration of the VM; empty when there is none. Readable in every callback in Envoy. */
  get vmConfiguration(): Buffer {
    return Buffer.of(BufferType.VmConfiguration);
  }

  /**
   * The VM has started; called once per root. `false` refuses the configuration. Spec: `proxy_on_vm_start`.
   */
  onVmStart(vmConfigurationSize: u32): bool {
    return true;
  }

  /**
   * The plugin is configured: `this.configuration` has `pluginConfigurationSize` bytes. `false` refuses the
   * configuration, and Envoy then does not start or keeps the old one. Spec: `proxy_on_configure`.
   */
  onConfigure(pluginConfigurationSize: u32): bool {
    return true;
  }

  /** The period set with {@link setTickPeriodMilliseconds} has passed. Spec: `proxy_on_tick`. */
  onTick(): void {}

  /** A queue that this root registered has an item. Spec: `proxy_on_queue_ready`. */
  onQueueReady(queueId: u32): void {}

  /**
   * The proxy has counted: a `StatsUpdate` of `proxy-wasm-as/envoy` reads what. Called at every flush where the module is configured as
   * a stats sink of Envoy, `envoy.stat_sinks.wasm`, and there alone. Envoy's: `envoy_on_stats_update`.
   */
  onStatsUpdate(): void {}

  /**
   * The headers of the request that is logged, in `onLog` of a root that is an access logger; absent elsewhere, and
   * where a TCP connection is logged. They can only be read.
   */
  get requestHeaders(): HeaderMap {
    return HeaderMap.of(MapType.HttpRequestHeaders);
  }

  /** The headers of the response that is logged; as {@link requestHeaders}. */
  get responseHeaders(): HeaderMap {
    return HeaderMap.of(MapType.HttpResponseHeaders);
  }

  /** The trailers of the response that is logged; as {@link requestHeaders}. */
  get responseTrailers(): HeaderMap {
    return HeaderMap.of(MapType.HttpResponseTrailers);
  }

  /**
   * Makes the context of a new HTTP stream. By default one of the class given to {@link registerHttpContext}
   * with the same root id. It must be a new object each time.
   */
  createHttpContext(contextId: u32): HttpContext | null {
    const registration = this.__registration;
    const create = registration == null ? httpFactory : registration.http;
    return create == null ? null : create();
  }

  /**
   * Makes the context of a new TCP connection. By default one of the class given to {@link registerTcpContext}
   * with the same root id. It must be a new object each time.
   */
  createTcpContext(contextId: u32): TcpContext | null {
    const registration = this.__registration;
    const create = registration == null ? tcpFactory : registration.tcp;
    return create == null ? null : create();
  }

  /**
   * Has {@link onTick} called every `period` milliseconds, on each thread; 0 stops it.
   * Spec: `proxy_set_tick_period_milliseconds`.
   */
  setTickPeriodMilliseconds(period: u32): Status {
    if (!this.reach()) return Status.BadArgument;
    const status = hostcalls.setTickPeriodMilliseconds(period);
    this.restore();
    return status;
  }

  /**
   * Ends this context after `onDone` answered `false`: `onDelete` comes when the callback that is running ends.
   * {@link Status.NotFound} when the host is not waiting for it. Spec: `proxy_done`.
   */
  done(): Status {
    if (!this.reach()) return Status.BadArgument;
    const status = hostcalls.done();
    this.restore();
    return status;
  }

  /** Makes host functions act on this root, which in callbacks of others they do not; false when the host forgot it. */
  private reach(): bool {
    return (
      (trackActive && effectiveId == this.contextId) ||
      hostcalls.setEffectiveContext(this.contextId) == Status.Ok
    );
  }

  private restore(): void {
    if (effectiveId != this.contextId) hostcalls.setEffectiveContext(effectiveId);
  }
}

// The dev server: a reverse proxy with the filter inside.
import { basename } from "node:path";

import { Clusters } from "./callouts.ts";
import { EchoUpstream } from "./echo-upstream.ts";
import { Exchange } from "./exchange.ts";
import { Filter } from "./filter.ts";
import { Http1Upstream } from "./http1-upstream.ts";
import { Http2Upstream } from "./http2-upstream.ts";
import { Listener } from "./listener.ts";
import { LOG_LEVELS } from "../host/index.ts";
import { Report } from "./report.ts";
import { watchFiles } from "./watch.ts";
import type { ServeOptions } from "./options.ts";
import type { Upstream } from "./upstream.ts";
import type { Watch } from "./watch.ts";

/** A running server. */
export interface DevServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Ends all streams, then the filter (done and delete of its root context). Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Loads the filter and listens.
 *
 * @throws HostError if the module or its configuration is refused; the error of a file or of the socket.
 */
export async function startServer(options: ServeOptions): Promise<DevServer> {
  const report = new Report(options.print, options.paint, options.failurePolicy);
  const clusters = new Clusters(options.clusters);
  const upstream = upstreamOf(options);
  const filter = await Filter.read(
    { ...options, name: basename(options.wasm).replace(/\.wasm$/, "") },
    {
      logLevel: LOG_LEVELS.indexOf(options.logLevel),
      onLog: (entry) => report.log(entry),
      onTrap: (trap) => report.trap(trap),
      onCrash: (error, streams) => report.crash(error, streams),
      knowsCluster: (name) => clusters.has(name),
      onHttpCallout: (callout, host) => clusters.send(callout, host),
      onGrpcCallout: (callout, host) => clusters.sendGrpc(callout, host),
    },
  );
  const open = new Set<Exchange>();
  const context = { filter, upstream, report, open, timeout: options.timeout };
  const listener = new Listener(
    (downstream, head) => Exchange.start(context, downstream, head),
    (error) => report.problem(error.message),
  );
  const { port, address } = await listener.listen(options.port, options.host);
  const url = `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
  try {
    filter.host();
  } catch (error) {
    // What the filter logged may say more than its refusal.
    report.release(null);
    await listener.close();
    throw error;
  }
  report.release(banner(options, url, filter.size));
  const watch = options.watch ? watchFilter(options, filter, report) : null;
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    watch?.stop();
    for (const exchange of open) exchange.disconnect();
    filter.close();
    upstream.close();
    clusters.close();
    await listener.close();
  };
  return { url, port, close: () => (closing ??= close()) };
}

function upstreamOf({ upstream, upstreamHttp2 }: ServeOptions): Upstream {
  if (upstream === null) return new EchoUpstream();
  return upstreamHttp2 ? new Http2Upstream(upstream) : new Http1Upstream(upstream);
}

function banner({ title, upstream, paint }: ServeOptions, url: string, bytes: number): string {
  const target = upstream === null ? "no upstream, so requests are echoed" : `upstream ${upstream.origin}`;
  return `${paint.strong(`listening on ${url}`)} (${title}, ${bytes} bytes; ${target})`;
}

function watchFilter({ wasm, title, configuration }: ServeOptions, filter: Filter, report: Report): Watch {
  const paths = configuration instanceof Uint8Array ? [wasm] : [wasm, configuration.file];
  return watchFiles(paths, async () => {
    try {
      if (await filter.reload()) report.reloaded(title, filter.size);
    } catch (error) {
      report.notReloaded(title, error);
    }
  });
}

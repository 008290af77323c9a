// Runs a parity case on the embedded host.
import { createHost, HostError } from "../../src/testing/index.ts";
import type {
  ClientResponse,
  HeaderList,
  HostOptions,
  Message,
  PluginOptions,
  ReceivedRequest,
  RequestInput,
  TestHost,
  UpstreamOutcome,
} from "../../src/testing/index.ts";
import { toBuffer } from "../support/bytes.ts";
import { guestModule } from "./guests.ts";
import { normalHeaders, normalLine, trapLine } from "./observation.ts";
import { encodeScript } from "./script.ts";
import type { Answer, Filter, ParityCase } from "./case.ts";
import type { Observation, SeenMessage } from "./observation.ts";

const REFUSED =
  "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure";
const REFUSED_DETAILS =
  "{upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}}";

/** Runs it from a fresh host to its end. Rejects only if the case does something that the host does not take. */
export async function runEmbedded(parity: ParityCase): Promise<Observation> {
  const filters = parity.filters ?? [{}];
  const plugins = await Promise.all(filters.map((filter, index) => pluginOf(filter, index)));
  const auth = parity.auth ?? {};
  const options: HostOptions = {
    plugins,
    upstream: outcomeOf(parity.upstream ?? { body: "hello" }, parity.http?.method, parity.upstreamHttp2),
    callouts: {
      auth: auth === "never" ? "open" : outcomeOf(auth),
      empty: "no-hosts",
      dead: "refused",
    },
    grpc: {
      auth: "open",
      empty: "no-hosts",
      dead: () => ({
        status: 14,
        message: `${REFUSED}${REFUSED_DETAILS}`,
      }),
    },
    tolerate: parity.tolerate ?? [],
    logLevel: "debug",
    ...(parity.bufferLimit === undefined ? {} : { bufferLimit: parity.bufferLimit }),
    ...(parity.streamIdleTimeout === undefined ? {} : { streamIdleTimeout: parity.streamIdleTimeout }),
  };
  let host: TestHost;
  try {
    host = await createHost(options);
  } catch (error) {
    if (error instanceof HostError && parity.expect?.refused) return { refused: true, logs: [] };
    if (error instanceof HostError && parity.expect?.crash) return { crash: error.code, logs: [] };
    throw error;
  }
  // A real Envoy has been up for longer than the backoff of a reload.
  if (filters.some(({ reloadBackoff }) => reloadBackoff !== undefined)) await host.advance(1000);
  const from = parity.start ? 0 : host.logs.length;
  const seen: Observation = { logs: [] };
  try {
    if (parity.tcp) await runTcp(host, parity, seen);
    else if (!parity.start) await runHttp(host, parity, seen);
    seen.again = [];
    for (const { after } of parity.again ?? []) {
      await host.advance(after);
      seen.again.push(messageOf((await host.request({ authority: "test" })).response));
    }
  } catch (error) {
    if (!(error instanceof HostError) || !parity.expect?.crash) throw error;
    return { crash: error.code, logs: [] };
  }
  const many = filters.length > 1;
  for (const { level, text, source, plugin } of host.logs.slice(from)) {
    const trap = source === "host" ? trapLine(text) : null;
    if (source === "guest" && text !== "end")
      seen.logs.push(normalLine(level, many ? `${plugin}: ${text}` : text));
    else if (trap !== null) seen.logs.push(normalLine(level, trap));
  }
  if (parity.expect?.metrics) {
    const all = host.metrics.all();
    seen.metrics = Object.fromEntries(
      Object.keys(parity.expect.metrics).map((name) => [name, all[name] as number | undefined]),
    );
  }
  return seen;
}

async function pluginOf(filter: Filter, index: number): Promise<PluginOptions> {
  const name = filter.name ?? `f${index}`;
  return {
    wasm: await guestModule(filter.guest ?? "probe"),
    name,
    rootId: filter.rootId ?? name,
    vmId: filter.vmId ?? `vm-${name}`,
    ...(filter.config === undefined ? {} : { configuration: textOf(filter.config) }),
    ...(filter.vmConfig === undefined ? {} : { vmConfiguration: textOf(filter.vmConfig) }),
    ...(filter.failurePolicy === undefined ? {} : { failurePolicy: filter.failurePolicy }),
    ...(filter.reloadBackoff === undefined ? {} : { reloadBackoff: filter.reloadBackoff }),
    ...(filter.capabilities === undefined ? {} : { capabilities: filter.capabilities }),
    ...(filter.environment === undefined ? {} : { environment: filter.environment }),
    allowOnHeadersStopIteration: filter.allowOnHeadersStopIteration ?? false,
  };
}

/** A configuration as text. */
export function textOf(config: NonNullable<Filter["config"]>): string {
  return typeof config === "string" ? config : encodeScript(config);
}

async function runHttp(host: TestHost, parity: ParityCase, seen: Observation): Promise<void> {
  const http = parity.http ?? {};
  const headers: [string, Uint8Array | string][] = (http.headers ?? []).map(
    ([name, value]): [string, Uint8Array] => [name, toBuffer(value)],
  );
  if (parity.script) headers.push(["x-script", encodeScript(parity.script)]);
  if (parity.upstream === "refused") headers.push(["x-upstream", "dead"]);
  const protocol = http.http2 ? "HTTP/2" : "HTTP/1.1";
  if (http.malformed) {
    const stream = host.openStream({ protocol });
    await stream.malformedRequest();
    seen.client = messageOf(stream.response);
    seen.upstream = null;
    return;
  }
  const given = http.http2 && typeof http.body === "string" ? [http.body] : http.body;
  // An empty part stands for a pause, which nothing of the kind is needed for here.
  const parts = typeof given === "string" ? given : given?.filter((part) => part !== "");
  if (http.leaves || parity.upstream === "never") {
    const stream = host.openStream({ protocol });
    await stream.requestHeaders(
      [
        [":method", http.method ?? "GET"] as const,
        [":path", http.path ?? "/"] as const,
        [":authority", "test"] as const,
        ...headers,
      ],
      { endStream: parts === undefined },
    );
    for (const part of [parts ?? []].flat()) if (!stream.finished) await stream.requestBody(toBuffer(part));
    if (parts !== undefined && !stream.finished) await stream.requestBody("", { endStream: true });
    if (parity.advance) await host.advance(parity.advance);
    if (http.leaves) await stream.close();
    seen.client = http.leaves ? null : messageOf(stream.response);
    seen.upstream = requestOf(stream.upstream);
    return;
  }
  const input: RequestInput = {
    protocol,
    method: http.method ?? (http.body === undefined && !http.trailers ? "GET" : "POST"),
    path: http.path ?? "/",
    authority: "test",
    headers,
    ...(parts === undefined
      ? {}
      : { body: typeof parts === "string" ? toBuffer(parts) : parts.map(toBuffer) }),
    ...(http.trailers ? { trailers: http.trailers } : {}),
  };
  const walk = host.request(input);
  if (parity.advance) await host.advance(parity.advance);
  const { response, upstream } = await walk;
  for (const call of host.callouts.grpc.filter(({ cluster }) => cluster === "dead")) {
    await call.initialMetadata();
    await call.close(14, `${REFUSED}${REFUSED_DETAILS}`, [
      [":status", "200"],
      ["content-type", "application/grpc"],
      ["grpc-status", "14"],
      ["grpc-message", REFUSED],
    ]);
  }
  seen.client = messageOf(response);
  seen.upstream = requestOf(upstream);
}

async function runTcp(host: TestHost, parity: ParityCase, seen: Observation): Promise<void> {
  const connection = await host.tcp();
  for (const step of parity.tcp ?? []) {
    if ("wait" in step) await host.advance(step.wait);
    else if (connection.finished) continue;
    else if ("client" in step)
      await connection.downstreamData(toBuffer(step.client), { endStream: step.end ?? false });
    else if ("close" in step) {
      // The client's socket sends its end; the upstream then ends too.
      await connection.downstreamData("", { endStream: true });
      if (!connection.finished && connection.connected)
        await connection.upstreamData("", { endStream: true });
    } else if (connection.connected)
      await connection.upstreamData(toBuffer(step.upstream), { endStream: step.end ?? false });
  }
  seen.tcp = {
    client: connection.client.toString("latin1"),
    upstream: connection.upstream.toString("latin1"),
    closed: connection.closedByProxy && !endsItself(parity.tcp ?? []),
  };
}

/** Somebody other than the proxy ends the connection. */
export function endsItself(steps: NonNullable<ParityCase["tcp"]>): boolean {
  return steps.some((step) => "close" in step || ("end" in step && step.end === true));
}

/** With the headers that a server on Node adds, which stand for those of any HTTP/1.1 server. */
function outcomeOf(answer: Answer, method = "GET", http2 = false): UpstreamOutcome {
  if (answer === "never") return {};
  if (typeof answer === "string") return answer;
  const { status = 200, headers = [], body = "", trailers } = answer;
  const all: [string, string][] = headers.map(([name, value]) => [name.toLowerCase(), value]);
  const has = (header: string): boolean => all.some(([name]) => name === header);
  const bodiless = method === "HEAD" || status === 204 || status === 304;
  if (typeof body === "string" && !trailers && !bodiless && !has("content-length"))
    all.push(["content-length", String(body.length)]);
  if (trailers && !http2) all.push(["trailer", trailers.map(([name]) => name).join(", ")]);
  if (!has("connection") && !http2) all.push(["connection", "keep-alive"]);
  const chunked = !has("content-length") && !bodiless;
  if (chunked && !http2) all.push(["transfer-encoding", "chunked"]);
  const parts = bodiless ? [] : typeof body === "string" && chunked ? [body] : body;
  return {
    status,
    headers: all.map(([name, value]) => [name, toBuffer(value)] as const),
    body: typeof parts === "string" ? toBuffer(parts) : parts.map(toBuffer),
    ...(trailers ? { trailers } : {}),
  };
}

function messageOf(response: ClientResponse | null): SeenMessage | null {
  if (response === null) return null;
  const cut = response.reset !== null || !response.complete;
  return { ...common(response), status: response.status, cut };
}

function requestOf(request: ReceivedRequest | null): SeenMessage | null {
  return request === null ? null : { ...common(request), status: 0, cut: !request.complete };
}

function common(message: Message): Pick<SeenMessage, "headers" | "body" | "trailers"> {
  const pairs = (list: HeaderList | null) => normalHeaders(list?.pairs ?? []);
  return {
    headers: pairs(message.headers),
    body: message.body.toString("latin1"),
    trailers: pairs(message.trailers),
  };
}

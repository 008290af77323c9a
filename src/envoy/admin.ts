// The admin server of a running Envoy: requests, ports of listeners, statistics.
import { request } from "node:http";

import { EnvoyError } from "./error.ts";

/** Asks the admin server. Rejects with an EnvoyError if it does not answer 200. */
export async function adminRequest(
  port: number,
  path: string,
  method: "GET" | "POST" = "GET",
): Promise<string> {
  const { status, body } = await fetchText(port, path, method);
  if (status !== 200)
    throw new EnvoyError(`Envoy's admin server answered ${status} to ${method} ${path}: ${body.trim()}`);
  return body;
}

/** True as soon as the server's state is LIVE: configuration loaded, listeners open. */
export async function isLive(port: number): Promise<boolean> {
  const { status, body } = await fetchText(port, "/ready", "GET");
  return status === 200 && body.trim() === "LIVE";
}

/** The port of every listener by its name. */
export async function listenerPorts(adminPort: number): Promise<Map<string, number>> {
  const text = await adminRequest(adminPort, "/listeners?format=json");
  const { listener_statuses: statuses = [] } = JSON.parse(text) as {
    listener_statuses?: { name: string; local_address?: { socket_address?: { port_value?: number } } }[];
  };
  return new Map(statuses.map((each) => [each.name, each.local_address?.socket_address?.port_value ?? 0]));
}

/** Counters and gauges by name, as many as `filter` (a regular expression in RE2 syntax) lets pass. */
export async function readStats(adminPort: number, filter?: string): Promise<Record<string, number>> {
  const query = filter === undefined ? "" : `&filter=${encodeURIComponent(filter)}`;
  const { stats = [] } = JSON.parse(await adminRequest(adminPort, `/stats?format=json${query}`)) as {
    stats?: { name?: string; value?: unknown }[];
  };
  return Object.fromEntries(
    stats.flatMap(({ name, value }) =>
      name !== undefined && typeof value === "number" ? [[name, value]] : [],
    ),
  );
}

/** A pattern, in RE2 syntax, that matches this name only. */
export function exactly(name: string): string {
  return `^${name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`;
}

function fetchText(port: number, path: string, method: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      reject(
        new EnvoyError(`Envoy's admin server did not answer ${method} ${path}: ${cause.message}`, { cause }),
      );
    };
    const call = request({ host: "127.0.0.1", port, path, method, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    call.on("timeout", () => call.destroy(new Error("no answer within 10 s")));
    call.on("error", fail);
    call.end();
  });
}

// The behaviour check in the embedded host, before modules are measured outside a proxy.
import { createHost, HostError } from "../../src/testing/index.ts";
import { type Module, SDK_TITLES, titleOf } from "../modules.ts";
import { check, difference, type Exchange, type Seen } from "./exchanges.ts";

/** Modules that do what they should, all in the same way; and a sentence for each that does not. */
export interface Checked {
  /** Those that could not be checked here are among them. */
  readonly modules: readonly Module[];
  readonly mistakes: readonly string[];
  /** A sentence for each SDK that calls something which only a real proxy has. */
  readonly unchecked: readonly string[];
}

/** Sends the same requests through all modules. */
export async function checkEmbedded(modules: readonly Module[]): Promise<Checked> {
  const good: Module[] = [];
  const mistakes: string[] = [];
  const unchecked = new Map<string, string>();
  const first = new Map<string, Seen[]>();
  for (const module of modules) {
    let found: { mistakes: string[]; seen: Seen[] };
    try {
      found = await check(module.filter, (exchange) => walk(module, exchange));
    } catch (error) {
      if (error instanceof HostError && error.code === "unsupported") {
        unchecked.set(module.sdk, `${SDK_TITLES[module.sdk]} is checked in Envoy only: ${error.message}.`);
        good.push(module);
        continue;
      }
      found = { mistakes: [(error as Error).message], seen: [] };
    }
    const wanted = first.get(module.filter) ?? found.seen;
    first.set(module.filter, wanted);
    const other = difference(module.filter, found.seen, wanted);
    if (found.mistakes.length === 0 && other !== undefined) found.mistakes.push(other);
    mistakes.push(...found.mistakes.map((mistake) => `${titleOf(module)}: ${mistake}`));
    if (found.mistakes.length === 0) good.push(module);
  }
  return { modules: good, mistakes, unchecked: [...unchecked.values()] };
}

async function walk(module: Module, exchange: Exchange): Promise<Seen> {
  const host = await createHost({ wasm: module.wasm });
  const length = exchange.body.length;
  const { response, upstream } = await host.request({
    method: exchange.method,
    headers: { ...exchange.headers, ...(length > 0 ? { "content-length": String(length) } : {}) },
    ...(length > 0 ? { body: exchange.body } : {}),
  });
  await host.dispose();
  return {
    status: response.status,
    responseBody: response.text(),
    hello: response.headers.get("hello"),
    xTest: response.headers.get("x-test"),
    upstream: upstream && {
      xSummary: upstream.headers.get("x-summary"),
      xRemoveMe: upstream.headers.get("x-remove-me"),
      userAgent: upstream.headers.get("user-agent"),
      body: upstream.text(),
    },
  };
}

// An instance in the stub host, and the calls of one request.
import { readFileSync } from "node:fs";

import { webAssembly, type GuestFunction, type LinearMemory } from "../webassembly.ts";
import { BODY_SIZE, StubHost, type Calls } from "./stub-host.ts";

const ROOT = 1;
const PAGE = 65_536;
const HEADERS = 16;
const RESPONSE_HEADERS = 6;

export interface GuestOptions {
  /** Requests have a body. */
  readonly body: boolean;
  /** Calls are counted, which costs time. */
  readonly counting: boolean;
}

/** Streams of one instance; each callback is called only if the module exports it, as Envoy does it. */
export class Guest {
  readonly #host: StubHost;
  readonly #memory: LinearMemory;
  readonly #create: GuestFunction | undefined;
  readonly #requestHeaders: GuestFunction | undefined;
  readonly #requestBody: GuestFunction | undefined;
  readonly #responseHeaders: GuestFunction | undefined;
  readonly #log: GuestFunction | undefined;
  readonly #done: GuestFunction | undefined;
  readonly #delete: GuestFunction | undefined;
  readonly #endOfHeaders: number;

  /** Instantiates the module and starts its root context. */
  constructor(wasm: string, options: GuestOptions) {
    const module = new webAssembly.Module(readFileSync(wasm));
    const host = new StubHost(options.counting);
    const instance = new webAssembly.Instance(module, host.imports(webAssembly.Module.imports(module)));
    host.bind(instance);
    this.#host = host;
    this.#memory = instance.exports.memory as LinearMemory;
    const find = (...names: string[]): GuestFunction | undefined => host.guestFunction(instance, ...names);
    this.#create = find("proxy_on_context_create");
    this.#requestHeaders = find("proxy_on_request_headers");
    this.#requestBody = options.body ? find("proxy_on_request_body") : undefined;
    this.#responseHeaders = find("proxy_on_response_headers");
    this.#log = find("proxy_on_log");
    this.#done = find("proxy_on_done");
    this.#delete = find("proxy_on_delete");
    this.#endOfHeaders = options.body ? 0 : 1;
    find("_initialize", "_start")?.();
    this.#create?.(ROOT, 0);
    find("proxy_on_vm_start")?.(ROOT, 0);
    find("proxy_on_configure")?.(ROOT, 0);
  }

  /** Pages of its linear memory. */
  get pages(): number {
    return this.#memory.buffer.byteLength / PAGE;
  }

  /** Counted since the start. */
  get calls(): Calls {
    return this.#host.calls;
  }

  /** Opens `count` streams, the first with the id `first`, up to where their requests are through. */
  open(first: number, count: number): void {
    for (let id = first; id < first + count; id++) {
      this.#create?.(id, ROOT);
      this.#requestHeaders?.(id, HEADERS, this.#endOfHeaders);
      this.#requestBody?.(id, BODY_SIZE, 1);
    }
  }

  /** Answers and ends `count` streams, the first with the id `first`. */
  close(first: number, count: number): void {
    for (let id = first; id < first + count; id++) {
      this.#responseHeaders?.(id, RESPONSE_HEADERS, 1);
      this.#log?.(id);
      this.#done?.(id);
      this.#delete?.(id);
    }
  }

  /** Opens streams as they come, and ends for each the one that was opened `live` streams before. */
  walk(first: number, count: number, live: number): void {
    for (let id = first; id < first + count; id++) {
      this.open(id, 1);
      this.close(id - live, 1);
    }
  }
}

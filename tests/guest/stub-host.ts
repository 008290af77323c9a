// The least host that a filter runs in: answers every function with Ok, one header value and one body. For long runs.
import { readFileSync } from "node:fs";

export interface Stub {
  call(name: string, ...values: number[]): number;
  /** Pages of linear memory. */
  readonly pages: number;
  readonly exports: WebAssembly.Exports;
  /** Calls since the module was made, one way and the other. */
  readonly counts: { readonly guestCalls: number; readonly hostCalls: number };
}

/** What the host answers; a test may change it meanwhile. */
export interface Answers {
  /** Value of every header; null: there is none. */
  header?: string | null;
  /** What every buffer holds. */
  body?: Uint8Array;
  /** Called for each line that is logged, while the filter waits. */
  log?: () => void;
}

/** The same text is encoded once. */
const encoded = new Map<string, Uint8Array>();

function bytesOf(text: string): Uint8Array {
  let bytes = encoded.get(text);
  if (!bytes) {
    if (encoded.size > 1000) encoded.clear();
    encoded.set(text, (bytes = Buffer.from(text)));
  }
  return bytes;
}

/** Starts a module, with one root context of id 1, configured. */
export async function startStub(path: string, answers: Answers = {}): Promise<Stub> {
  const module = await WebAssembly.compile(readFileSync(path));
  const empty = new Uint8Array(0);
  const give = (bytes: Uint8Array, pointerOut: number, lengthOut: number): number => {
    const at = bytes.length ? call("proxy_on_memory_allocate", bytes.length) : 0;
    if (bytes.length && !at) return 6;
    new Uint8Array(memory.buffer).set(bytes, at);
    const view = new DataView(memory.buffer);
    view.setUint32(pointerOut, at, true);
    view.setUint32(lengthOut, bytes.length, true);
    return 0;
  };
  const known: Record<string, (...values: number[]) => number> = {
    proxy_get_header_map_value: (_map, _name, _length, pointer, length) =>
      answers.header == null ? 1 : give(bytesOf(answers.header), pointer!, length!),
    proxy_get_buffer_bytes: (_type, start, most, pointer, length) =>
      give((answers.body ?? empty).subarray(start! >>> 0, (start! >>> 0) + (most! >>> 0)), pointer!, length!),
    proxy_get_property: () => 1,
    proxy_log: () => {
      answers.log?.();
      return 0;
    },
  };
  const counts = { guestCalls: 0, hostCalls: 0 };
  const imports: Record<string, Record<string, (...values: number[]) => number>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    const answer = known[name] ?? (() => 0);
    (imports[from] ??= {})[name] = (...values: number[]) => {
      counts.hostCalls++;
      return answer(...values);
    };
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  const memory = exports.memory as WebAssembly.Memory;
  const call = (name: string, ...values: number[]): number => {
    const callback = exports[name] as ((...values: number[]) => number) | undefined;
    if (!callback) return 0;
    counts.guestCalls++;
    return callback(...values) ?? 0;
  };
  call("_initialize");
  call("proxy_on_context_create", 1, 0);
  call("proxy_on_vm_start", 1, 0);
  call("proxy_on_configure", 1, answers.body?.length ?? 0);
  return {
    call,
    exports,
    counts,
    get pages() {
      return memory.buffer.byteLength / 65536;
    },
  };
}

/** One request and response, from the first callback to the last but delete. */
export function request(stub: Stub, id: number, bodySize = 0): void {
  stub.call("proxy_on_context_create", id, 1);
  stub.call("proxy_on_request_headers", id, 5, bodySize ? 0 : 1);
  if (bodySize) stub.call("proxy_on_request_body", id, bodySize, 1);
  stub.call("proxy_on_response_headers", id, 5, bodySize ? 0 : 1);
  if (bodySize) stub.call("proxy_on_response_body", id, bodySize, 1);
}

/** The end of a stream. */
export function finish(stub: Stub, id: number): void {
  stub.call("proxy_on_log", id);
  stub.call("proxy_on_done", id);
  stub.call("proxy_on_delete", id);
}

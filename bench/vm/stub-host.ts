// A host with nothing behind it: hostcalls answer with the same data each time, so that time goes into the guest.
import { headerMap, requestBody } from "../request.ts";
import type { GuestFunction, GuestInstance, Imports, LinearMemory } from "../webassembly.ts";

const OK = 0;
const NOT_FOUND = 1;
const EMPTY = 7;
const WASI_BAD_DESCRIPTOR = 8;
const WARN = 3;

export const BODY_SIZE = 1024;

/** Calls that crossed the border, as many as were counted. */
export interface Calls {
  host: number;
  guest: number;
  /** Calls of the guest's allocator, which are among the guest calls. */
  allocations: number;
}

/** The host of one instance. Its functions are made before the instance, which {@link StubHost.bind} then gives it. */
export class StubHost {
  readonly calls: Calls = { host: 0, guest: 0, allocations: 0 };
  readonly #counting: boolean;
  readonly #pairs = serialize(headerMap("GET"));
  readonly #authorization = value("authorization");
  readonly #body = new Uint8Array(requestBody(BODY_SIZE));
  #memory: LinearMemory = { buffer: new ArrayBuffer(0) };
  #bytes = new Uint8Array(0);
  #view = new DataView(new ArrayBuffer(0));
  #allocate: GuestFunction = () => 0;

  /** Counting costs time: only a host that counts has its calls counted. */
  constructor(counting: boolean) {
    this.#counting = counting;
  }

  /** What a module imports, as an instance wants it. */
  imports(wanted: readonly { module: string; name: string }[]): Imports {
    const known = { ...this.#proxyFunctions(), ...this.#wasiFunctions() };
    const imports: Imports = {};
    for (const { module, name } of wanted) {
      const real = known[name] ?? ((): number => OK);
      (imports[module] ??= {})[name] = this.#counted(real, () => this.calls.host++);
    }
    return imports;
  }

  /** Gives it the instance whose memory it writes to. */
  bind(instance: GuestInstance): void {
    const { memory } = instance.exports;
    if (memory === undefined) throw new Error("The module does not export its memory.");
    this.#memory = memory as LinearMemory;
    this.#refresh();
    const allocate = this.guestFunction(instance, "malloc", "proxy_on_memory_allocate");
    if (allocate === undefined) throw new Error("The module does not export an allocator.");
    this.#allocate = this.#counted(allocate, () => this.calls.allocations++);
  }

  /** The first of the functions that the instance exports. */
  guestFunction(instance: GuestInstance, ...names: readonly string[]): GuestFunction | undefined {
    const found = names.map((name) => instance.exports[name]).find((each) => typeof each === "function");
    return found === undefined ? undefined : this.#counted(found as GuestFunction, () => this.calls.guest++);
  }

  #counted(real: GuestFunction, count: () => void): GuestFunction {
    if (!this.#counting) return real;
    return (...parameters) => {
      count();
      return real(...parameters);
    };
  }

  #proxyFunctions(): Record<string, GuestFunction> {
    return {
      proxy_get_header_map_pairs: (_type, data, size) => this.#give(this.#pairs, data!, size!),
      // The filters ask for no header but `authorization`.
      proxy_get_header_map_value: (_type, _key, _keySize, data, size) =>
        this.#give(this.#authorization, data!, size!),
      proxy_get_buffer_bytes: (type, start, length, data, size) =>
        this.#buffer(type!, start!, length!, data!, size!),
      proxy_get_buffer_status: (_type, length, flags) => {
        this.#write(length!, BODY_SIZE);
        return this.#write(flags!, 0);
      },
      // The root id, for one.
      proxy_get_property: (_path, _pathSize, data, size) => {
        this.#write(data!, 0);
        return this.#write(size!, 0);
      },
      proxy_get_current_time_nanoseconds: (time) => this.#writeTime(time!),
      proxy_get_log_level: (level) => this.#write(level!, WARN),
    };
  }

  #wasiFunctions(): Record<string, GuestFunction> {
    const twoZeros: GuestFunction = (first, second) => {
      this.#write(first!, 0);
      return this.#write(second!, 0);
    };
    return {
      args_sizes_get: twoZeros,
      environ_sizes_get: twoZeros,
      // Its second parameter is a bigint, which no one looks at.
      clock_time_get: (_clock, _precision, time) => this.#writeTime(time!),
      fd_fdstat_get: () => WASI_BAD_DESCRIPTOR,
      fd_prestat_get: () => WASI_BAD_DESCRIPTOR,
      fd_write: (_descriptor, parts, count, written) => {
        this.#refresh();
        let size = 0;
        for (let part = 0; part < count!; part++) size += this.#view.getUint32(parts! + 8 * part + 4, true);
        return this.#write(written!, size);
      },
      random_get: (at, size) => {
        this.#refresh();
        for (let index = 0; index < size!; index++) this.#bytes[at! + index] = (index * 31 + 7) & 255;
        return OK;
      },
      proc_exit: (code) => {
        throw new Error(`The module ended itself with code ${code}.`);
      },
    };
  }

  #buffer(type: number, start: number, length: number, data: number, size: number): number {
    if (type !== 0) return NOT_FOUND;
    if (start >= BODY_SIZE) return EMPTY;
    if (start === 0 && length >= BODY_SIZE) return this.#give(this.#body, data, size);
    return this.#give(this.#body.subarray(start, start + length), data, size);
  }

  /** Hands bytes over in memory that the guest allocates. */
  #give(bytes: Uint8Array, data: number, size: number): number {
    const at = this.#allocate(bytes.length);
    this.#refresh();
    this.#bytes.set(bytes, at);
    this.#view.setUint32(data, at, true);
    this.#view.setUint32(size, bytes.length, true);
    return OK;
  }

  #write(at: number, value: number): number {
    this.#refresh();
    this.#view.setUint32(at, value, true);
    return OK;
  }

  #writeTime(at: number): number {
    this.#refresh();
    this.#view.setBigUint64(at, process.hrtime.bigint(), true);
    return OK;
  }

  #refresh(): void {
    const { buffer } = this.#memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}

function value(name: string): Uint8Array {
  const [, found = ""] = headerMap("GET").find(([each]) => each === name) ?? [];
  return new TextEncoder().encode(found);
}

/** Pairs in the form of the ABI: the count, all lengths, then names and values, each with a zero behind it. */
function serialize(pairs: readonly (readonly [string, string])[]): Uint8Array {
  const texts = pairs.flat().map((text) => new TextEncoder().encode(text));
  const lengths = new Uint32Array([pairs.length, ...texts.map((text) => text.length)]);
  return new Uint8Array(
    Buffer.concat([new Uint8Array(lengths.buffer), ...texts.flatMap((text) => [text, Buffer.of(0)])]),
  );
}

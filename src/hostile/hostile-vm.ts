// One VM under a hostile host: calls into it, answers what it asks, and checks every rule on the way.
import { answerCalmly, CALM_ENVIRONMENT } from "./calm-answers.ts";
import { answerHostilely } from "./hostile-answers.ts";
import { CALLOUT, anyCall, serves, unknownAnswer } from "./callbacks.ts";
import { checkBlock, checkLeak, checkOut, parseLayout, readArea } from "./arguments.ts";
import { describeTrap } from "../host/trap.ts";
import { Environment } from "./environment.ts";
import { Failure } from "./failure.ts";
import { GuestMemory } from "../host/index.ts";
import { HOST_FUNCTIONS } from "./host-functions.ts";
import { POISON } from "./values.ts";
import { Random } from "./random.ts";
import { Reports } from "./reading.ts";
import { webAssembly } from "../host/webassembly.ts";
import type { Call } from "./callbacks.ts";
import type { GuestFunction, LinearMemory } from "../host/webassembly.ts";
import type { GuestModule } from "../host/index.ts";
import type { GuestPort, HostCall } from "./guest-port.ts";
import type { Layout } from "./arguments.ts";
import type { Reading } from "./reading.ts";

/** How deep the host calls back in. */
const MOST_FRAMES = 3;
/** Positions of arguments that hold serialized header pairs. */
const SERIALIZED: Readonly<Record<string, readonly number[]>> = {
  proxy_set_header_map_pairs: [1],
  proxy_send_local_response: [5],
  proxy_http_call: [2, 6],
  proxy_grpc_call: [6],
  proxy_grpc_stream: [6],
};
/** A trap that the library documents: no randomness must not pass for some. */
const DELIBERATE = "abort: the host has no random source";
/** Lines that come once in the life of a VM. */
const ONCE =
  /^proxy-wasm-as: .*(?:cannot be used in this callback|the first one registered serves it|use the reader for its type)$/;

/** A callback that is running. */
interface Frame extends Call {
  /** The last answer to a question, until it is reported. */
  reading: Reading | null;
  /** Host functions called in it. */
  hostcalls: number;
}

/** What a hostile VM is run with. */
export interface HostileOptions {
  /** The largest value that the host gives, in bytes. */
  readonly largest: number;
  /** More pages of memory than a session can need: what takes more is a leak. */
  readonly mostPages: number;
  /** The module was built to run out of memory. */
  readonly tight: boolean;
  /** The module passes names and values that stand in its source. */
  readonly literals: boolean;
}

/** After a failure nothing more is called: it is thrown again instead. */
export class HostileVm implements GuestPort {
  readonly memory = new GuestMemory();
  readonly environment = new Environment();
  readonly largest: number;
  readonly tight: boolean;
  readonly #literals: boolean;
  layout: Layout | null = null;
  random: Random;
  /** The host tells the truth, and never calls back in. */
  calm: boolean;
  refusesRandom = false;
  /** What happens is written down here, if anywhere. */
  trace: string[] | null;
  /** The guest threw on purpose, so this VM is at its end without a failure. */
  over = false;
  /** Calls by name, of host functions and of callbacks. */
  readonly counts: Record<string, number>;
  readonly #functions: Readonly<Record<string, unknown>>;
  readonly #allocator: GuestFunction;
  readonly #frames: Frame[] = [];
  readonly #reports = new Reports();
  readonly #live = new Set<number>();
  #failure: Failure | null = null;
  #allocating = false;
  #openReads = 0;
  #lastLine = "";

  /** Starts a VM. With `seed` null the host tells the truth meanwhile. */
  constructor(
    module: GuestModule,
    options: HostileOptions,
    seed: number | null,
    counts: Record<string, number> = {},
    trace: string[] | null = null,
  ) {
    this.largest = options.largest;
    this.tight = options.tight;
    this.#literals = options.literals;
    this.counts = counts;
    this.trace = trace;
    this.calm = seed === null;
    this.random = new Random(seed ?? 0);
    if (this.calm) this.environment.expected = CALM_ENVIRONMENT;
    const imports: Record<string, Record<string, unknown>> = {};
    for (const { module: from, name } of module.imports) {
      if (!Object.hasOwn(HOST_FUNCTIONS, name))
        throw new Error(`the fuzzer does not know the host function ${name}: add it to host-functions.ts`);
      (imports[from] ??= {})[name] = (...parameters: number[]) => this.#hostcall(name, parameters);
    }
    this.#functions = new webAssembly.Instance(module.compiled, imports).exports;
    this.memory.attach(this.#functions["memory"] as LinearMemory);
    this.#allocator = this.#functions["proxy_on_memory_allocate"] as GuestFunction;
    this.#run({ callback: "_initialize", id: 0, a: 0, b: 0 });
  }

  /** Ids of contexts that were created and not deleted, in no order. */
  get live(): number[] {
    return [...this.#live];
  }

  has(callback: string): boolean {
    return typeof this.#functions[callback] === "function";
  }

  /** Calls the guest, if it has the callback. */
  call(call: Call): void {
    if (this.over || !this.has(call.callback)) return;
    const { callback, id } = call;
    const creates = callback === "proxy_on_context_create";
    // A guest without that callback takes a stream's first one for it.
    const known = this.#live.has(id) || creates || !this.has("proxy_on_context_create");
    if (creates) this.#live.add(id);
    const frame = this.#run(call);
    if (creates) this.#live.add(id);
    if (callback === "proxy_on_delete") this.#live.delete(id);
    if (known || this.over || CALLOUT.includes(callback)) return;
    const wanted = unknownAnswer(callback);
    if (frame.hostcalls > 0 || (frame.result ?? wanted) !== wanted)
      this.#fail(
        new Failure(
          "context",
          `${callback} for the unknown id ${id} made ${frame.hostcalls} hostcalls and answered ${frame.result}`,
        ),
      );
  }

  #run(call: Call): Frame & { result: number | undefined } {
    const { callback, id, a, b } = call;
    this.counts[callback] = (this.counts[callback] ?? 0) + 1;
    this.note(`${callback}(${id}, ${a}, ${b})`);
    const frame = { ...call, reading: null, hostcalls: 0, result: undefined as number | undefined };
    this.#frames.push(frame);
    try {
      frame.result = (this.#functions[callback] as GuestFunction)(id, a, b);
    } catch (error) {
      this.#trapped(callback, error);
    }
    this.#frames.pop();
    if (this.#frames.length === 0) this.#allocateOutside();
    return frame;
  }

  #trapped(callback: string, error: unknown): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.over) return;
    const { text } = describeTrap(callback, error, true);
    this.#fail(new Failure("trap", `${text}\nlast line of the guest: ${this.#lastLine}`));
  }

  #fail(failure: Failure): never {
    this.#failure ??= failure;
    throw this.#failure;
  }

  note(text: string): void {
    this.trace?.push("  ".repeat(this.#frames.length) + text);
  }

  allocate(size: number): number {
    this.#allocating = true;
    let pointer = 0;
    try {
      pointer = this.#allocator(size) >>> 0;
    } catch (error) {
      this.#trapped(`proxy_on_memory_allocate(${size})`, error);
    } finally {
      this.#allocating = false;
    }
    if (!this.calm) this.note(`proxy_on_memory_allocate(${size}) = ${pointer}`);
    if (pointer === 0) return 0;
    checkBlock(this.memory, this.layout, pointer, size);
    this.memory.read(pointer, size)!.fill(POISON);
    return pointer;
  }

  /** Where nothing is being read there is nothing to allocate for. */
  #allocateOutside(): void {
    if (this.calm || this.#openReads > 0 || this.over || !this.random.oneIn(8)) return;
    const pointer = this.allocate(this.random.pick([0, 1, 100, 5000, 0xffffffff]));
    if (pointer !== 0) this.#fail(new Failure("allocator", "it gave a block although nothing is being read"));
  }

  reenter(reading: Reading): void {
    if (this.calm || this.#frames.length > MOST_FRAMES || this.#frames[0]!.callback === "_initialize") return;
    if (!this.random.oneIn(24)) return;
    reading.loose = true;
    const used = [1, 2, ...this.#live, ...this.#frames.map((frame) => frame.id)];
    for (let times = 1 + this.random.below(3); times > 0; times--) this.call(anyCall(this.random, used));
  }

  #hostcall(name: string, parameters: number[]): number {
    if (this.#failure !== null) throw this.#failure;
    if (this.over) return 6;
    try {
      return this.#answer(name, parameters);
    } catch (error) {
      this.#fail(error as Failure);
    }
  }

  #answer(name: string, parameters: number[]): number {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    if (this.#allocating) throw new Failure("allocator", `it calls ${name}`);
    const { areas, output, outs } = HOST_FUNCTIONS[name]!;
    const frame = this.#frames[this.#frames.length - 1]!;
    const bytes = areas.map((at) =>
      readArea(this.memory, this.layout, name, parameters[at]!, parameters[at + 1]!, this.#literals),
    );
    if (name === "proxy_set_property" && bytes[0]![0] === 0x40)
      return this.#report(frame, bytes[0]!.toString("latin1"), Buffer.from(bytes[1]!));
    frame.hostcalls++;
    areas.forEach((at, index) => checkLeak(name, bytes[index]!, SERIALIZED[name]?.includes(at) === true));
    for (const at of outs) checkOut(this.layout, name, parameters[at]!, output === "long" ? 8 : 4);
    this.#noteCall(name, parameters, areas, outs, bytes);
    const reading: Reading = { value: null, number: 0n, loose: false };
    const call: HostCall = { name, parameters, reading, areas: bytes.map((each) => Buffer.from(each)) };
    if (output !== "none") frame.reading = reading;
    const reads = output === "bytes" || output === "pairs" ? 1 : 0;
    if (!reads) this.#allocateOutside();
    this.#openReads += reads;
    const status = this.calm ? answerCalmly(this, call) : answerHostilely(this, call);
    this.#openReads -= reads;
    return status;
  }

  #noteCall(
    name: string,
    parameters: number[],
    areas: readonly number[],
    outs: readonly number[],
    bytes: Buffer[],
  ): void {
    if (name === "proxy_log") {
      this.#lastLine = bytes[0]!.toString("utf8");
      this.layout ??= parseLayout(this.#lastLine);
      this.over ||= this.#lastLine.startsWith(DELIBERATE);
    }
    if (this.trace === null || (this.calm && ONCE.test(this.#lastLine) && name === "proxy_log")) return;
    // A metric is defined once in the life of a VM, and keeps the id that it got then.
    if (this.calm && name === "proxy_define_metric") return;
    const shown: string[] = [];
    parameters.forEach((parameter, at) => {
      if (this.calm && at === 0 && name.endsWith("_metric")) return;
      const area = areas.indexOf(at);
      if (area >= 0) shown.push(JSON.stringify(bytes[area]!.toString("latin1", 0, 120)));
      else if (!areas.includes(at - 1) && !outs.includes(at) && name !== "random_get")
        shown.push(String(parameter));
      else if (areas.includes(at - 1)) shown.push(String(parameter >>> 0));
    });
    this.note(`${name}(${shown.join(", ")})`);
  }

  /** A report of the guest: `@`, its kind, and perhaps a parameter and a mark; see the guests' report.ts. */
  #report(frame: Frame, key: string, payload: Buffer): number {
    const [, kind = "", parameter = "", mark] = /^@(.)(?::([^]*?))?(#?)$/.exec(key) ?? [];
    if (kind === ">") {
      const [callback = "", id, live] = payload.toString("utf16le").split(" ");
      this.note(`> ${callback} ${id}, ${live} contexts`);
      if (Number(id) !== frame.id || !serves(frame.callback, callback))
        throw new Failure(
          "context",
          `${frame.callback} for ${frame.id} arrived as ${callback} at the context ${id}`,
        );
      if (callback !== "configure") frame.reading = null;
    } else {
      if (kind !== "-") {
        this.#reports.environment = this.environment.expected;
        this.#reports.check(kind, parameter, payload, mark === "#", frame.reading);
        if (kind !== "e") this.note(`${key} ${payload.toString("latin1", 0, 80)}`);
      }
      frame.reading = null;
    }
    frame.hostcalls++;
    return 0;
  }
}

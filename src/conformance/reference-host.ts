// One run of a plugin on the reference host: VM, root, stream, frozen clock, log.
import { randomBytes } from "node:crypto";
import { HostError } from "../host/errors.ts";
import { ReferenceRootContext } from "./root-context.ts";
import { ReferenceStreamContext } from "./stream-context.ts";
import { SharedData } from "../host/shared-data.ts";
import { SharedQueues } from "../host/shared-queues.ts";
import { Status } from "../host/statuses.ts";
import { Vm } from "../host/vm.ts";
import { describeLine } from "./reference-context.ts";
import { traceCalls } from "./trace.ts";
import type { GuestModule } from "../host/guest-module.ts";
import type { LogLine, ReferenceContext } from "./reference-context.ts";
import type { Property } from "./suite.ts";
import type { Trap } from "../host/trap.ts";
import type { VmOptions } from "../host/vm-options.ts";

/** What all tests of a run have in common. */
export interface ReferenceHostOptions {
  readonly module: GuestModule;
  readonly configuration: Buffer;
  /** Lines below this level are dropped. */
  readonly logLevel: number;
  /** Where the clock stands. */
  readonly nanoseconds: bigint;
  /** Takes what the reference runner prints at level TRACE; null prints nothing. */
  readonly trace: ((line: string) => void) | null;
}

const ROOT_ID = 1;
const STREAM_ID = 2;
const ENVIRONMENT: ReadonlyMap<string, string> = new Map();

/** The guest trapped. The VM is dead. */
export class GuestTrapped extends Error {
  override readonly name = "GuestTrapped";

  constructor(trap: Trap) {
    super(trap.text, { cause: trap.cause });
  }
}

/** Refuses modules with imports that Envoy offers and the reference host does not. */
export function checkReferenceImports(module: GuestModule): void {
  if (module.imports.some(({ name }) => name === "envoy_resolve_dns"))
    throw new HostError(
      "missing-import",
      "the module imports env.envoy_resolve_dns, which Envoy offers but the host of test vectors does not",
    );
}

/** A VM that has run its start code, with a root and a stream that are not yet created. */
export class ReferenceHost {
  readonly logLevel: number;
  readonly nanoseconds: bigint;
  readonly configuration: Buffer;
  readonly sharedData = new SharedData();
  /** Nobody is ever told of new items. */
  readonly queues = new SharedQueues(() => {});
  readonly root: ReferenceRootContext;
  readonly stream: ReferenceStreamContext;
  /** Every line that was kept, of all contexts, in order. */
  readonly log: LogLine[] = [];
  readonly #notes = new Map<string, number>();
  readonly #trace: ReferenceHostOptions["trace"];
  #vm: Vm | null = null;

  constructor(options: ReferenceHostOptions, properties: readonly Property[]) {
    this.logLevel = options.logLevel;
    this.nanoseconds = options.nanoseconds;
    this.configuration = options.configuration;
    this.#trace = options.trace;
    this.root = new ReferenceRootContext(ROOT_ID, this);
    this.stream = new ReferenceStreamContext(STREAM_ID, this, properties);
  }

  /**
   * Loads the module and runs its start code.
   *
   * @throws HostError if that fails; lines logged before are in {@link ReferenceHost.log}.
   */
  start(module: GuestModule): void {
    const trace = this.#trace;
    const options: VmOptions = {
      environment: ENVIRONMENT,
      capabilities: null,
      wallNanoseconds: () => this.nanoseconds,
      monotonicNanoseconds: () => this.nanoseconds,
      random: (size) => randomBytes(size),
      report: (level, text) => {
        // Traps are reported as such.
        if (level === 0) this.note(text);
      },
      ...(trace === null ? {} : { intercept: traceCalls(trace) }),
    };
    trace?.(`configuration: ${JSON.stringify(this.configuration.toString("utf8"))}`);
    this.#vm = Vm.start(module, options, new ReferenceRootContext(0, this));
    this.#vm.contexts.set(ROOT_ID, this.root);
  }

  /**
   * Calls a callback on behalf of a context, if the module has it.
   *
   * @throws GuestTrapped if it traps.
   */
  call(name: string, context: ReferenceContext, absent: number, a = 0, b = 0): number {
    const vm = this.#vm!;
    const callback = vm.callback(name);
    if (callback === undefined) return absent;
    this.#trace?.(`-> ${name}(${[context.id, a, b].slice(0, callback.length).join(", ")})`);
    const answer = vm.invoke(name, callback, context, context.id, a, b);
    if (vm.trap !== null) throw new GuestTrapped(vm.trap);
    this.#trace?.(`<- ${name}: ${answer ?? "void"}`);
    return answer;
  }

  /** The stream can be made effective from now on. */
  addStream(): void {
    this.#vm!.contexts.set(STREAM_ID, this.stream);
  }

  /** The stream is gone. */
  removeStream(): void {
    this.#vm!.contexts.delete(STREAM_ID);
  }

  /** Makes hostcalls act on another context up to the end of the callback; 0 is the callback's own. False for unknown ids. */
  setEffectiveContext(id: number): boolean {
    const vm = this.#vm!;
    const context = id === 0 ? vm.current : vm.contexts.get(id);
    if (context === undefined) return false;
    vm.context = context;
    return true;
  }

  /** `proxy_done`: the root is waited for only after its `proxy_on_done`, which is the last call of a test. */
  finishRoot(): number {
    return Status.NotFound;
  }

  /** A line that a context kept. */
  keepLine(line: LogLine): void {
    this.log.push(line);
    this.#trace?.(describeLine(line));
  }

  /** Something the reference host would print to stderr. */
  note(text: string): void {
    this.#notes.set(text, (this.#notes.get(text) ?? 0) + 1);
  }

  /** The notes, each once. */
  get notes(): string[] {
    return [...this.#notes].map(([text, count]) => (count === 1 ? text : `${text}, ${count} times`));
  }
}

// One VM: an instance of a guest module, what it imports, the calls into it, and how it fails.
import { GUEST_EXPORTS } from "./export-table.ts";
import { GuestMemory } from "./guest-memory.ts";
import { HostError } from "./errors.ts";
import { Status } from "./statuses.ts";
import { createImports } from "./imports/index.ts";
import { describeTrap, RestrictedCallback } from "./trap.ts";
import { isAllowed } from "./restriction.ts";
import { webAssembly } from "./webassembly.ts";
import type { ByteString } from "./byte-string.ts";
import type { GuestFunction, LinearMemory } from "./webassembly.ts";
import type { GuestModule } from "./guest-module.ts";
import type { Hostcalls } from "./hostcalls.ts";
import type { Restriction } from "./restriction.ts";
import type { Trap } from "./trap.ts";
import type { VmOptions } from "./vm-options.ts";

/**
 * A running guest. Make one with {@link Vm.start}; call into it with {@link Vm.invoke}. What the guest then asks is
 * answered by the {@link Hostcalls} of the call, or by those that `setEffectiveContext` put in its place.
 */
export class Vm {
  readonly module: GuestModule;
  readonly options: VmOptions;
  readonly memory = new GuestMemory();
  /** Contexts by id, for `proxy_set_effective_context`. */
  readonly contexts = new Map<number, Hostcalls>();
  /** Answers the host functions at the moment: the context of the callback, or the effective one. */
  context: Hostcalls;
  /** Why the VM is dead, or null while it lives. A dead VM is never called again. */
  trap: Trap | null = null;
  /** The context of the innermost callback, whichever is effective. */
  current: Hostcalls;
  #functions: Readonly<Record<string, GuestFunction | undefined>> = {};
  #malloc: GuestFunction | undefined;
  #restriction: Restriction | null = "start-section";
  #depth = 0;
  #actions: (() => void)[] = [];
  #error: HostError | null = null;
  #nextContextId = 1;

  private constructor(module: GuestModule, options: VmOptions, startContext: Hostcalls) {
    this.module = module;
    this.options = options;
    this.context = startContext;
    this.current = startContext;
  }

  /**
   * Instantiates the module and runs its start functions as a proxy does: start section, then `_initialize` and `main`
   * (or `__main_void`), or else `_start`.
   *
   * @param startContext answers the few host functions that are allowed meanwhile.
   * @throws HostError if the start section calls the host, or a start function traps or calls what it may not.
   */
  static start(module: GuestModule, options: VmOptions, startContext: Hostcalls): Vm {
    const vm = new Vm(module, options, startContext);
    vm.#instantiate();
    vm.#restriction = "initialize";
    const { _initialize, main, __main_void, _start } = vm.#functions;
    if (_initialize !== undefined) {
      vm.#runStart("_initialize", _initialize);
      if (main !== undefined) vm.#runStart("main", main);
      else if (__main_void !== undefined) vm.#runStart("__main_void", __main_void);
    } else if (_start !== undefined) vm.#runStart("_start", _start);
    vm.#restriction = null;
    return vm;
  }

  /** The exported callback of that name, or undefined if the guest has none or may not have it. */
  callback(name: string): GuestFunction | undefined {
    return this.#functions[name];
  }

  /** The callback is exported and allowed. */
  has(name: string): boolean {
    return this.#functions[name] !== undefined;
  }

  /** The next id for a context of this VM: 1, 2, 3 and so on, never reused. */
  nextContextId(): number {
    return this.#nextContextId++;
  }

  /**
   * Calls into the guest on behalf of a context. A trap does not throw: it is reported and kept in {@link Vm.trap}, and the answer is 0.
   * Actions that the guest asked for run before this returns, unless it trapped.
   *
   * @throws HostError if a host function refused what the guest did.
   */
  invoke(
    name: string,
    callback: GuestFunction,
    context: Hostcalls,
    a = 0,
    b = 0,
    c = 0,
    d = 0,
    e = 0,
  ): number {
    if (this.#error !== null) throw this.#error;
    const outer = this.context;
    const outerCurrent = this.current;
    this.context = context;
    this.current = context;
    this.#depth++;
    let result = 0;
    try {
      result = callback(a, b, c, d, e);
    } catch (error) {
      this.fail(name, error);
    } finally {
      this.#depth--;
      this.context = outer;
      this.current = outerCurrent;
    }
    if (this.#error !== null) throw this.#error;
    if (this.#depth === 0 && this.#actions.length > 0) this.#runActions();
    return result;
  }

  /** Something to do as soon as the running callback has returned; forgotten if it traps. */
  afterCall(action: () => void): void {
    this.#actions.push(action);
  }

  /** A frame of the guest is on the stack. */
  get busy(): boolean {
    return this.#depth > 0;
  }

  /** Asks the guest for memory. 0 if it gives none, answers nonsense, or traps (then the VM is dead). Never called with size 0 by a proxy. */
  allocate(size: number): number {
    const malloc = this.#malloc;
    if (malloc === undefined || this.trap !== null) return 0;
    const outer = this.#restriction;
    this.#restriction = "malloc";
    try {
      const pointer = malloc(size) >>> 0;
      return this.memory.read(pointer, size) === null ? 0 : pointer;
    } catch (error) {
      this.fail("malloc", error);
      return 0;
    } finally {
      this.#restriction = outer;
    }
  }

  /** Copies a value into memory of the guest and stores where it is: what every answering host function ends with. */
  deliver(value: ByteString | Uint8Array, pointerOut: number, sizeOut: number): number {
    const size = value.length;
    let pointer = 0;
    if (size > 0) {
      pointer = this.allocate(size);
      if (pointer === 0 || !this.memory.write(pointer, value)) return Status.InvalidMemoryAccess;
    }
    if (!this.memory.writeWord(pointerOut, pointer) || !this.memory.writeWord(sizeOut, size))
      return Status.InvalidMemoryAccess;
    return Status.Ok;
  }

  /** Marks the VM dead, as a proxy does on a trap. A {@link HostError} instead stops the whole test. */
  fail(name: string, error: unknown): void {
    if (error instanceof HostError) {
      this.#error ??= error;
      return;
    }
    if (this.trap !== null) return;
    this.trap = describeTrap(name, error, this.module.hasNames);
    this.options.report(4, this.trap.text);
  }

  /** Ends the VM without a trap: nothing calls into it any more. */
  retire(): void {
    this.trap ??= {
      callback: "",
      message: "retired",
      backtrace: [],
      text: "the VM was retired",
      cause: null,
    };
  }

  /** Throws if the host function may not be called now. Every import comes through here. */
  enter(name: string, wasi: boolean): void {
    if (this.#restriction !== null) this.#checkRestriction(this.#restriction, name, wasi);
  }

  /** An action may call into the guest again, which has actions of its own. */
  #runActions(): void {
    const actions = this.#actions;
    this.#actions = [];
    if (this.trap !== null) return;
    for (const action of actions) action();
  }

  #checkRestriction(restriction: Restriction, name: string, wasi: boolean): void {
    if (restriction === "start-section") {
      this.#error = new HostError(
        "start-section-hostcall",
        `the module calls ${name} from its start section (C1); Envoy crashes with SIGSEGV when it loads such a module. ` +
          "Compile with `--exportStart _initialize`, so that top-level code runs in `_initialize`",
      );
      throw this.#error;
    }
    if (!isAllowed(restriction, name, wasi)) throw new RestrictedCallback(name);
  }

  #instantiate(): void {
    const imports = createImports(this);
    const { importedMemory } = this.module;
    let memory: LinearMemory | null = null;
    if (importedMemory !== null) {
      const { minimum, maximum, shared } = importedMemory;
      memory = new webAssembly.Memory({
        initial: minimum,
        ...(maximum === null ? {} : { maximum }),
        ...(shared ? { shared } : {}),
      });
      imports["env"]!["memory"] = memory;
      this.memory.attach(memory);
    }
    let exports: Readonly<Record<string, unknown>>;
    try {
      exports = new webAssembly.Instance(this.module.compiled, imports).exports;
    } catch (error) {
      if (this.#error !== null) throw this.#error;
      throw new HostError(
        "initialize-failed",
        `the module cannot be instantiated: ${(error as Error).message}`,
        error,
      );
    }
    if (this.#error !== null) throw this.#error;
    this.memory.attach((exports["memory"] as LinearMemory | undefined) ?? memory);
    const functions: Record<string, GuestFunction> = Object.create(null) as Record<string, GuestFunction>;
    for (const name of Object.keys(GUEST_EXPORTS)) {
      const exported = exports[name];
      const denied = name.startsWith("proxy_on_") && this.options.capabilities?.has(name) === false;
      if (typeof exported === "function" && (!denied || name === "proxy_on_memory_allocate"))
        functions[name] = exported as GuestFunction;
    }
    this.#functions = functions;
    this.#malloc = functions["malloc"] ?? functions["proxy_on_memory_allocate"];
  }

  #runStart(name: string, start: GuestFunction): void {
    this.invoke(name, start, this.context);
    if (this.trap === null) return;
    throw new HostError(
      "initialize-failed",
      `${this.trap.text}\nEnvoy refuses the configuration under every failure policy`,
      this.trap.cause,
    );
  }
}

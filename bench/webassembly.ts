// The part of the WebAssembly JavaScript API that the benchmark uses; Node has it, the types of Node do not.

export interface CompiledModule {
  readonly [Symbol.toStringTag]?: string;
}

/** A linear memory; its buffer is another one after each growth. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer;
}

export type GuestFunction = (...parameters: number[]) => number;

export interface GuestInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

export type Imports = Record<string, Record<string, GuestFunction>>;

interface WebAssemblyApi {
  Module: {
    new (bytes: Uint8Array): CompiledModule;
    exports(module: CompiledModule): { name: string; kind: string }[];
    imports(module: CompiledModule): { module: string; name: string; kind: string }[];
  };
  Instance: new (module: CompiledModule, imports: Imports) => GuestInstance;
}

/** Node's WebAssembly. */
export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

// The part of the WebAssembly JavaScript API that the host uses; Node has it, the types of Node do not.

/** A compiled module. */
export interface CompiledModule {
  readonly [Symbol.toStringTag]?: string;
}

/** A linear memory. */
export interface LinearMemory {
  /** Its bytes; another object after each growth. */
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB and returns the former number of them. */
  grow(pages: number): number;
}

/** A function that the guest exports. Its 64-bit values are bigints. */
export type GuestFunction = (...parameters: number[]) => number;

/** An instance of a module. */
export interface GuestInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<CompiledModule>;
  Instance: new (module: CompiledModule, imports: Record<string, Record<string, unknown>>) => GuestInstance;
  Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => LinearMemory;
}

/** Node's WebAssembly. */
export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

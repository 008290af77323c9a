// What the answers of a host need of the VM that they lie to.
import type { GuestMemory } from "../host/index.ts";
import type { Environment } from "./environment.ts";
import type { Layout } from "./arguments.ts";
import type { Random } from "./random.ts";
import type { Reading } from "./reading.ts";

/** A host function that is being answered. */
export interface HostCall {
  readonly name: string;
  /** Its arguments. Those of 64 bits are bigints, and nothing here depends on them. */
  readonly parameters: readonly number[];
  /** What the guest shall make of the answer; kept for its report. */
  readonly reading: Reading;
  /** The areas it was passed. */
  readonly areas: readonly Buffer[];
}

/** The VM as answers see it. */
export interface GuestPort {
  readonly memory: GuestMemory;
  readonly layout: Layout | null;
  readonly random: Random;
  readonly environment: Environment;
  /** The largest value that the host gives. */
  readonly largest: number;
  /** Memory is so short that reads of some size may fail. */
  readonly tight: boolean;
  /** The host may refuse random bytes, on which a guest ends itself. */
  readonly refusesRandom: boolean;
  /** Asks the guest for a block, which is filled with poison; 0 if it gives none. */
  allocate(size: number): number;
  /** Perhaps calls back into the guest, whose readings are then loose. */
  reenter(reading: Reading): void;
  /** Notes what was done, for the trace. */
  note(text: string): void;
}

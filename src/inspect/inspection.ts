// What is found out about a module.
import type { AbiVersion } from "../host/index.ts";
import type { Sizes } from "./sizes.ts";

/** How bad something is. */
export type Level =
  /** Envoy dies when it loads the module. */
  | "crash"
  /** Envoy does not load the module. */
  | "refused"
  /** Envoy loads it, and something will not work as its author thinks. */
  | "warning"
  /** Other hosts than Envoy are stricter. */
  | "note";

/** Something to know. */
export interface Finding {
  readonly level: Level;
  /** A word for programs. */
  readonly code: string;
  readonly message: string;
}

export interface InspectedImport {
  readonly module: string;
  readonly name: string;
  readonly kind: string;
  /** As Envoy writes it, such as `i32, i32 -> i32`; null if it is no function. */
  readonly type: string | null;
  /** Envoy offers this function, under this type. */
  readonly offered: boolean;
}

export interface InspectedExport {
  readonly name: string;
  readonly kind: string;
  readonly type: string | null;
  /** What a proxy makes of it. What it does not look up is `ignored`. */
  readonly role: "callback" | "abi" | "allocator" | "start" | "memory" | "ignored";
}

export interface Inspection extends Sizes {
  readonly bytes: number;
  /** Size after gzip at its best, as images and most downloads have it. */
  readonly gzipBytes: number;
  readonly abiVersion: AbiVersion | null;
  readonly imports: readonly InspectedImport[];
  readonly exports: readonly InspectedExport[];
  /** In pages of 64 KiB; null if the module has no memory. */
  readonly memory: {
    readonly minimum: number;
    readonly maximum: number | null;
    readonly imported: boolean;
  } | null;
  readonly startSection: boolean;
  /** Functions have names, so that a proxy shows them when the module traps. */
  readonly names: boolean;
  readonly findings: readonly Finding[];
  /** What Envoy 1.40 does with the file. */
  readonly verdict: "loads" | "refused" | "crash";
}

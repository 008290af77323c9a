// Types of guests.mjs, which plain Node runs for `npm run fuzz` and TypeScript for the tests.
import type { Guest, loadGuest } from "../../src/hostile/index.ts";

/** A text of a file in assembly/ that is there once, and what replaces it. */
export interface Change {
  file: string;
  from: string;
  to: string;
}

export interface GuestBuild {
  changes?: Change[];
  options?: Record<string, unknown>;
  target?: "release" | "quick";
}

export interface Variant {
  name: string;
  guest: string;
  build?: GuestBuild;
  /** It is built to run out of memory. */
  tight?: boolean;
  /** It has names and values in its source, and so among its arguments. */
  literals?: boolean;
  /** The largest value that the host gives, in bytes. */
  largest?: number;
  /** More pages of memory than a session can need. */
  mostPages?: number;
}

export declare const VARIANTS: Variant[];
export declare function buildGuest(guest: string, build?: GuestBuild): Promise<string>;
export declare function loadVariant(variant: Variant, load: typeof loadGuest): Promise<Guest>;

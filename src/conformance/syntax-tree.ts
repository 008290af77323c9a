// What a file of test vectors says, before anybody asks what it means: the same for text format and YAML.
import type { ByteString } from "../host/byte-string.ts";
import type { Place } from "./suite.ts";

/** A single value. */
export interface ScalarNode {
  readonly kind: "scalar";
  readonly place: Place;
  /** `quoted` is a string, `word` a number or name; YAML does not tell them apart, so its values are `any`. */
  readonly form: "quoted" | "word" | "any";
  readonly bytes: ByteString;
}

/** A message. */
export interface BlockNode {
  readonly kind: "block";
  readonly place: Place;
  readonly entries: readonly EntryNode[];
}

/** A list of values of one field. */
export interface ListNode {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly Node[];
}

/** A field as it is written. */
export interface EntryNode {
  readonly name: string;
  readonly place: Place;
  readonly value: Node;
}

export type Node = ScalarNode | BlockNode | ListNode;

/** Messages of the schema nest less deep than this; what nests deeper is refused before it fills the stack. */
export const MAX_DEPTH = 32;
